"""A report as XLSX: the trade's layout, title, header, frozen panes, number formats, paper size, signatures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import IO, Any, Final

import xlsxwriter

from bianzhi.common.web.exports import stamp
from bianzhi.common.web.releasing import Release, TooManyRows
from bianzhi.reports.definitions.base import Column, Row, RowKind, Table
from bianzhi.reports.definitions.cells import is_alarming, shown

PAPER: Final = {"A3": 8, "A4": 9}
SONG, HEI = "宋体", "黑体"
TITLE_ROW, FACTS_ROW, HEAD_ROW = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands above and below the table."""

    title: str
    scope: str
    day: date
    author: str
    conditions: str
    paper: str
    is_synthetic: bool = False

    @property
    def facts(self) -> str:
        """The line below the title."""
        made = f"单位名称：{self.scope}　　截止日期：{self.day}　　{self.conditions}"
        return f"{made}　　虚构数据，不作依据" if self.is_synthetic else made

    @property
    def signatures(self) -> str:
        """The line below the table."""
        return f"制表人：{self.author}　　　　审核人：　　　　　　　　编办主任（签字）：　　　　　　　　"


def write(table: Table, cover: Cover, file: IO[bytes], release: Release) -> int:
    """Write the workbook, stamped; returns the number of detail rows. Raises TooManyRows beyond the release's limit."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(cover.title.split()[0])
        stamp(book, [sheet], release.mark)
        writer = _Writer(book, sheet, list(table.columns))
        writer.set_up(cover)
        writer.head(cover)
        count = writer.body(table, release.most)
        writer.foot(cover, [*table.remarks, release.mark.words])
    return count


def has_groups(columns: Sequence[Column]) -> bool:
    """Whether the heading takes two rows."""
    return any(column.group for column in columns)


def spans(columns: Sequence[Column]) -> Iterator[tuple[str, list[Column]]]:
    """Runs of neighbouring columns under one heading ("" for columns without)."""
    for group, members in groupby(columns, key=lambda column: column.group):
        yield group, list(members)


class _Writer:
    """Writes from top to bottom."""

    def __init__(self, book: Any, sheet: Any, columns: list[Column]) -> None:
        self._book, self._sheet, self._columns = book, sheet, columns
        self._last = len(columns) - 1
        self._line = 0
        self._formats: dict[tuple[str, RowKind, bool], Any] = {}

    def set_up(self, cover: Cover) -> None:
        """Paper, margins, repeated rows, frozen panes, widths."""
        sheet, head_rows = self._sheet, 2 if has_groups(self._columns) else 1
        sheet.set_landscape()
        sheet.set_paper(PAPER[cover.paper])
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEAD_ROW, HEAD_ROW + head_rows - 1)
        sheet.set_footer(f"&L{cover.title}&C第 &P 页，共 &N 页&R截止 {cover.day}")
        sheet.freeze_panes(HEAD_ROW + head_rows, _frozen_columns(self._columns))
        for at, column in enumerate(self._columns):
            sheet.set_column(at, at, column.width or max(8, 2 * len(column.label) + 2))

    def head(self, cover: Cover) -> None:
        """Title, facts, and the one or two rows of column heads."""
        title = self._book.add_format({"font_name": HEI, "font_size": 18, "align": "center", "valign": "vcenter"})
        facts = self._book.add_format({"font_name": SONG, "font_size": 10, "align": "left"})
        head = self._book.add_format(
            {
                "font_name": HEI,
                "font_size": 10,
                "bold": True,
                "align": "center",
                "valign": "vcenter",
                "border": 1,
                "text_wrap": True,
            }
        )
        self._sheet.set_row(TITLE_ROW, 32)
        self._across(TITLE_ROW, cover.title, title)
        self._across(FACTS_ROW, cover.facts, facts)
        self._line = HEAD_ROW + (2 if has_groups(self._columns) else 1)
        at = 0
        for group, members in spans(self._columns):
            self._head_cells(at, group, members, head)
            at += len(members)

    def _head_cells(self, at: int, group: str, members: Sequence[Column], style: Any) -> None:
        """A group stands above its columns; a column without one takes both rows."""
        sheet, last_row = self._sheet, self._line - 1
        if group and len(members) > 1:
            sheet.merge_range(HEAD_ROW, at, HEAD_ROW, at + len(members) - 1, group, style)
        elif group:
            sheet.write_string(HEAD_ROW, at, group, style)
        for column_at, column in enumerate(members, start=at):
            if group or last_row == HEAD_ROW:
                sheet.write_string(last_row, column_at, column.label, style)
            else:
                sheet.merge_range(HEAD_ROW, column_at, last_row, column_at, column.label, style)

    def body(self, table: Table, most: int) -> int:
        """The rows and totals; returns the number of detail rows. Raises TooManyRows beyond `most` of them."""
        count = 0
        for row in table.rows:
            count += row.kind is RowKind.DETAIL
            if count > most:
                raise TooManyRows
            self._row(row)
        for row in table.totals:
            self._row(row)
        return count

    def foot(self, cover: Cover, remarks: Sequence[str]) -> None:
        """Remarks and signatures."""
        plain = self._book.add_format({"font_name": SONG, "font_size": 10})
        for words in [*remarks, cover.signatures]:
            self._line += 1
            self._sheet.write_string(self._line, 0, words, plain)

    def _across(self, line: int, words: str, style: Any) -> None:
        if self._last:
            self._sheet.merge_range(line, 0, line, self._last, words, style)
        else:
            self._sheet.write_string(line, 0, words, style)

    def _row(self, row: Row) -> None:
        for at, column in enumerate(self._columns):
            self._cell(at, column, row)
        self._line += 1

    def _cell(self, at: int, column: Column, row: Row) -> None:
        value = row.values.get(column.key)
        style = self._style(column, row)
        if isinstance(value, Fraction | Decimal):
            self._sheet.write_number(self._line, at, round(float(value), 6), style)
        elif isinstance(value, int):
            self._sheet.write_number(self._line, at, value, style)
        elif isinstance(value, date) and column.kind == "day":
            self._sheet.write_datetime(self._line, at, datetime.combine(value, time.min), style)
        else:
            words = shown(column, row)
            self._sheet.write_string(self._line, at, "" if words == "—" else words, style)

    def _style(self, column: Column, row: Row) -> Any:
        alarming = is_alarming(column, row)
        key = (column.kind, row.kind, alarming)
        if key not in self._formats:
            number = {"number": "#,##0", "percent": "0.0%", "decimal": "0.0", "day": "yyyy-mm-dd"}.get(column.kind, "@")
            look: dict[str, Any] = {
                "font_name": SONG,
                "font_size": 10,
                "border": 1,
                "num_format": number,
                "valign": "vcenter",
            }
            look["align"] = "right" if column.is_figure else "left"
            if row.kind is not RowKind.DETAIL:
                look |= {"bold": True, "bg_color": "#F5F7FA"}
            if alarming:
                look["font_color"] = "#B3261E"
            self._formats[key] = self._book.add_format(look)
        return self._formats[key]


def _frozen_columns(columns: Sequence[Column]) -> int:
    """The columns that name the row stay when scrolling: those before the first figure, three at most."""
    for at, column in enumerate(columns[:3]):
        if column.is_figure and at:
            return at
    return min(3, len(columns))
