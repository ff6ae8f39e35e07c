"""Writes grids of cells as the files districts send: .xlsx, .xls and .csv in several encodings."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter
import xlwt

from bianzhi.common.tabular.kinds import ImportKind
from bianzhi.common.tabular.parsing import ParsedTable, parse
from bianzhi.common.tabular.reading import read_bytes
from bianzhi.common.tabular.recognising import recognise
from bianzhi.common.tabular.workbook import Workbook

Grid = Sequence[Any]
Block = tuple[int, int, int, int]
TODAY = date(2026, 9, 1)


def xlsx(sheets: Mapping[str, Any], *, merged: Mapping[str, Sequence[Block]] | None = None) -> bytes:
    """An .xlsx; `merged` blocks are (top, left, bottom, right) from 0 and keep the value of their top left cell."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, grid in sheets.items():
            sheet = book.add_worksheet(name)
            for top, left, bottom, right in (merged or {}).get(name, ()):
                sheet.merge_range(top, left, bottom, right, "")
            for row, cells in enumerate(grid):
                for column, value in enumerate(cells):
                    if isinstance(value, date):
                        sheet.write_datetime(row, column, value, day)
                    elif value not in ("", None):
                        sheet.write(row, column, value)
    return buffer.getvalue()


def xls(sheets: Mapping[str, Any], *, merged: Mapping[str, Sequence[Block]] | None = None) -> bytes:
    """The same as .xls, the format before 2007."""
    book = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for name, grid in sheets.items():
        sheet = book.add_sheet(name, cell_overwrite_ok=True)
        blocks = (merged or {}).get(name, ())
        covered = {
            (row, column)
            for top, left, bottom, right in blocks
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        }
        for top, left, bottom, right in blocks:
            sheet.write_merge(top, bottom, left, right, grid[top][left])
        for row, cells in enumerate(grid):
            for column, value in enumerate(cells):
                if (row, column) in covered or value in ("", None):
                    continue
                if isinstance(value, date):
                    sheet.write(row, column, value, day)
                else:
                    sheet.write(row, column, value)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def delimited(grid: Grid, *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """A text table."""
    text = StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(grid)
    return text.getvalue().encode(encoding)


def opened(sheets: Mapping[str, Any], **options: Any) -> Workbook:
    """The grids written as .xlsx and read back."""
    return read_bytes(xlsx(sheets, **options), name="表格.xlsx")


def parsed(sheets: Mapping[str, Any] | Grid, kind: ImportKind, **options: Any) -> ParsedTable:
    """The grids written as .xlsx, read, recognised and parsed."""
    named = sheets if isinstance(sheets, Mapping) else {"Sheet1": sheets}
    workbook = opened(named, **options)
    return parse(workbook, recognise(workbook, kind), latest=TODAY)
