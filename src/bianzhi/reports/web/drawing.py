"""A report's table as HTML: head rows and body rows, the same on the screen and on paper."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString

from bianzhi.reports.definitions.base import Column, Row, RowKind
from bianzhi.reports.definitions.cells import is_alarming, shown
from bianzhi.reports.output.xlsx import has_groups, spans

ROW_CLASS = {RowKind.DETAIL: "", RowKind.GROUP: "group", RowKind.TOTAL: "total"}


@dataclass(frozen=True, slots=True)
class HeadCell:
    """One cell of the head; groups stand above their columns."""

    label: str
    css: str = ""
    columns: int = 1
    rows: int = 1
    scope: str = "col"


def head_rows(columns: Sequence[Column]) -> list[list[HeadCell]]:
    """One row, or two where columns are grouped."""
    if not has_groups(columns):
        return [[HeadCell(column.label, _css(column)) for column in columns]]
    first: list[HeadCell] = []
    second: list[HeadCell] = []
    for group, members in spans(columns):
        if group:
            first.append(HeadCell(group, "head-group", columns=len(members), scope="colgroup"))
            second += [HeadCell(column.label, _css(column)) for column in members]
        else:
            first += [HeadCell(column.label, _css(column), rows=2) for column in members]
    return [first, second]


def body_rows(columns: Sequence[Column], rows: Iterable[Row], *, with_links: bool) -> Iterator[SafeString]:
    """Each row as <tr>; the first text column heads it. Built here, since wide reports have 10 000s of cells."""
    named = next((column.key for column in columns if column.heads), "")
    heading = named or next((column.key for column in columns if not column.is_figure), "")
    for row in rows:
        cells = "".join(_cell(column, row, heads=column.key == heading, with_links=with_links) for column in columns)
        css = ROW_CLASS[row.kind]
        yield SafeString(f'<tr class="{css}">{cells}</tr>' if css else f"<tr>{cells}</tr>")


def _cell(column: Column, row: Row, *, heads: bool, with_links: bool) -> str:
    words: str = escape(shown(column, row))
    target = row.links.get(column.key) if with_links else None
    if target and words not in ("", "—"):
        words = f'<a href="{escape(target)}">{words}</a>'
    css = " ".join(filter(None, (_css(column), "is-over" if is_alarming(column, row) else "")))
    attribute = f' class="{css}"' if css else ""
    return f'<th scope="row"{attribute}>{words}</th>' if heads else f"<td{attribute}>{words}</td>"


def _css(column: Column) -> str:
    if column.is_figure:
        return "num"
    return "nowrap" if column.kind in ("day", "month") else ""
