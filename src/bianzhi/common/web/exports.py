"""Tables as files: XLSX in constant memory, CSV for other systems, both safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import IO, Any, Final

import xlsxwriter
from django.http import HttpResponseBase
from django.utils.timezone import is_aware, localtime

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.releasing import Format, Mark, Release, Wanted, limited, send

Cell = str | int | float | date | datetime | None
FORMATS: Final[tuple[Format, ...]] = ("xlsx", "csv")
MARK_SHEET: Final = "_bianzhi"
_HEADER_LENGTH: Final = 200
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column; `width` in characters, 0 for the usual width."""

    label: str
    width: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """What goes into a file. `notes` are (what, value) pairs for the cover sheet: day, filters, who exported;
    `mark` is the watermark of what people take away (a file made for another system by contract has none).
    """

    name: str
    headings: Sequence[Heading]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[tuple[str, str]] = ()
    mark: Mark | None = None


def neutralise(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula: a leading = + - @ gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def write_csv(table: Table, file: IO[bytes]) -> int:
    """Write the table as UTF-8 with a byte-order mark (Excel needs it); returns the number of rows."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    try:
        return _write_lines(csv.writer(text), table)
    finally:
        text.detach()


def _write_lines(writer: Any, table: Table) -> int:
    writer.writerow([neutralise(heading.label) for heading in table.headings])
    count = 0
    for row in table.rows:
        writer.writerow([_csv_cell(cell) for cell in row])
        count += 1
    if table.mark is not None:
        writer.writerow([neutralise(f"# {table.mark.words}")])
    return count


def write_xlsx(table: Table, file: IO[bytes]) -> int:
    """Write the table row by row, so that memory does not grow with it; returns the number of rows."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bg_color": "#f5f7fa", "border": 1, "border_color": "#d5dbe4"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
        }
        sheet = book.add_worksheet("数据")
        if table.mark is not None:
            stamp(book, [sheet], table.mark)
        count = _write_rows(sheet, table, formats)
        if table.notes or table.mark is not None:
            _write_cover(book.add_worksheet("说明"), [*table.notes, ("行数", str(count)), *_marked(table.mark)])
    return count


def _write_cover(cover: Any, notes: Sequence[tuple[str, str]]) -> None:
    cover.set_column(0, 0, 14)
    cover.set_column(1, 1, 70)
    for line, (what, value) in enumerate(notes):
        cover.write_string(line, 0, what)
        cover.write_string(line, 1, value)


def stamp(book: Any, sheets: Sequence[Any], mark: Mark) -> None:
    """Put the watermark on paper (header), in the document's properties, and on a sheet no menu shows.

    To be called before the sheets are filled; a footer stays as it is.
    """
    words = mark.words.replace("&", "&&")[:_HEADER_LENGTH]
    for sheet in sheets:
        sheet.set_header(f"&R&8{words}")
    book.set_properties({"author": mark.words, "comments": mark.words, "keywords": mark.number})
    book.set_custom_property("export", mark.number)
    hidden = book.add_worksheet(MARK_SHEET)
    hidden.write_string(0, 0, mark.words)
    hidden.very_hidden()


def _marked(mark: Mark | None) -> list[tuple[str, str]]:
    return [("水印", mark.words)] if mark is not None else []


def _write_rows(sheet: Any, table: Table, formats: dict[str, Any]) -> int:
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for column, heading in enumerate(table.headings):
        sheet.set_column(column, column, heading.width or max(10, 2 * len(heading.label) + 2))
        sheet.write_string(0, column, heading.label, formats["head"])
    count = 0
    for row in table.rows:
        count += 1
        for column, cell in enumerate(row):
            _write_cell(sheet, count, column, cell, formats)
    return count


def _write_cell(sheet: Any, line: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, datetime):
        sheet.write_datetime(line, column, _in_china(cell), formats["moment"])
    elif isinstance(cell, date):
        sheet.write_datetime(line, column, cell, formats["day"])
    elif isinstance(cell, int | float):
        sheet.write_number(line, column, cell)
    else:
        sheet.write_string(line, column, cell)


def _csv_cell(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return _in_china(cell).strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return cell.isoformat()
    return neutralise(cell) if isinstance(cell, str) else cell


def _in_china(moment: datetime) -> datetime:
    return localtime(moment).replace(tzinfo=None) if is_aware(moment) else moment


def send_table(request: PageRequest, table: Table, wanted: Wanted) -> HttpResponseBase:
    """The table as a download, if the gate lets it go (see `releasing`)."""

    def write(file: IO[bytes], release: Release) -> int:
        marked = replace(table, rows=limited(table.rows, release.most), mark=release.mark)
        return write_xlsx(marked, file) if wanted.format == "xlsx" else write_csv(marked, file)

    return send(request, wanted, write)
