"""Ruled tables that run over pages, their head repeated on each."""

from collections.abc import Sequence
from typing import Final

from bianzhi.recognition.sheets.breaking import broken
from bianzhi.recognition.sheets.flow import Flow
from bianzhi.recognition.sheets.fonts import Style
from bianzhi.recognition.sheets.paper import Table
from bianzhi.recognition.sheets.plan import BOTTOM, POINT, Mark, Rule, measured

CELL_EM: Final = 12 * POINT
ROW: Final = CELL_EM * 1.9
INNER: Final = 1.2
"""Between a rule and the text."""


def set_table(flow: Flow, table: Table) -> None:
    """Put a table where the pen is."""
    head = _cells(flow, table, table.head)
    flow.block += 1
    _row(flow, table, head, Style.LABEL)
    for row in table.rows:
        cells = _cells(flow, table, row)
        if flow.y + _height(cells) > BOTTOM:
            flow.turn()
            flow.block += 1
            _row(flow, table, head, Style.LABEL)
        _row(flow, table, cells, Style.BODY)


def _widths(flow: Flow, table: Table) -> list[float]:
    return [share / sum(table.widths) * flow.width for share in table.widths]


def _cells(flow: Flow, table: Table, row: Sequence[str]) -> list[list[str]]:
    return [
        broken(text, Style.BODY, (width - 2 * INNER) / CELL_EM)
        for text, width in zip(row, _widths(flow, table), strict=True)
    ]


def _height(cells: Sequence[Sequence[str]]) -> float:
    return ROW + CELL_EM * 1.3 * (max(len(lines) for lines in cells) - 1)


def _row(flow: Flow, table: Table, cells: Sequence[Sequence[str]], style: Style) -> None:
    height = _height(cells)
    top, bottom, left = flow.y, flow.y + height, flow.left
    page = flow.page
    page.rules += [Rule(left, y, left + flow.width, y, 0.25) for y in (top, bottom)]
    page.rules.append(Rule(left, top, left, bottom, 0.25))
    for lines, width in zip(cells, _widths(flow, table), strict=True):
        spare = height - CELL_EM * (1 + 1.3 * (len(lines) - 1))
        for number, line in enumerate(lines):
            baseline = top + spare / 2 + CELL_EM * (0.86 + 1.3 * number)
            start = left + (width - measured(line, style) * CELL_EM) / 2
            page.marks.append(Mark(line, start, baseline, CELL_EM, style, "table", flow.block))
        left += width
        page.rules.append(Rule(left, top, left, bottom, 0.25))
    flow.y = bottom
