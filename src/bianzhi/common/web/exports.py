"""Tables as files: XLSX in constant memory, CSV for other systems, both safe to open in a spreadsheet."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, Final, Literal
from urllib.parse import quote

import xlsxwriter
from django.http import FileResponse
from django.utils.timezone import is_aware, localtime

from bianzhi.common.web.access import PageRequest

Cell = str | int | float | date | datetime | None
Format = Literal["xlsx", "csv"]
FORMATS: Final[tuple[Format, ...]] = ("xlsx", "csv")
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column; `width` in characters, 0 for the usual width."""

    label: str
    width: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """What goes into a file. `notes` are (what, value) pairs for the cover sheet: day, filters, who exported."""

    name: str
    headings: Sequence[Heading]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """What left the platform, for the audit record."""

    list_key: str
    title: str
    format: Format
    rows: int
    columns: tuple[str, ...]
    conditions: tuple[str, ...]


Listener = Callable[[PageRequest, Exported], None]
_listeners: list[Listener] = []


def register_listener(listener: Listener) -> None:
    """Be told of every export before the file is sent; an exception stops the export (audit does this)."""
    _listeners.append(listener)


def announce(request: PageRequest, exported: Exported) -> None:
    """Tell every listener what is about to leave."""
    for listener in _listeners:
        listener(request, exported)


def neutralise(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula: a leading = + - @ gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def write_csv(table: Table, file: IO[bytes]) -> int:
    """Write the table as UTF-8 with a byte-order mark (Excel needs it); returns the number of rows."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([neutralise(heading.label) for heading in table.headings])
    count = 0
    for row in table.rows:
        writer.writerow([_csv_cell(cell) for cell in row])
        count += 1
    text.detach()
    return count


def write_xlsx(table: Table, file: IO[bytes]) -> int:
    """Write the table row by row, so that memory does not grow with it; returns the number of rows."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    formats = {
        "head": book.add_format({"bold": True, "bg_color": "#f5f7fa", "border": 1, "border_color": "#d5dbe4"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
    }
    count = _write_rows(book.add_worksheet("数据"), table, formats)
    if table.notes:
        cover = book.add_worksheet("说明")
        cover.set_column(0, 0, 14)
        cover.set_column(1, 1, 70)
        for line, (what, value) in enumerate([*table.notes, ("行数", str(count))]):
            cover.write_string(line, 0, what)
            cover.write_string(line, 1, value)
    book.close()
    return count


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


def file_response(table: Table, *, format: Format, filename: str) -> tuple[FileResponse, int]:  # noqa: A002
    """The table as a download, and its number of rows; `filename` without extension, Chinese allowed."""
    # The response closes the file when it has been sent.
    file = tempfile.TemporaryFile(prefix="bianzhi-export-")  # noqa: SIM115
    count = write_xlsx(table, file) if format == "xlsx" else write_csv(table, file)
    file.seek(0)
    response = FileResponse(file, content_type=_TYPES[format])
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{filename}.{format}')}"
    return response, count
