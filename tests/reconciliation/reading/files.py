"""Files as departments have them, and the reading of one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import xlsxwriter
import xlwt

from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, check_character
from bianzhi.reconciliation.contracts.defaults import default_schema
from bianzhi.reconciliation.reading.limited import Progress, read_file
from bianzhi.reconciliation.reading.limits import DELIVERED, ReadingLimits
from bianzhi.reconciliation.reading.report import ReadingReport

HEADINGS = ("姓名", "身份证号", "单位名称")
Rows = Iterable[Sequence[Any]]


def number(serial: int) -> str:
    """A sound ID number of a region that was never issued."""
    body = f"{UNALLOCATED_REGION}198706{serial // 999 % 28 + 1:02d}{serial % 999 + 1:03d}"
    return body + check_character(body)


def people(count: int) -> list[tuple[str, str, str]]:
    """Rows under HEADINGS."""
    return [(f"虞测{serial}", number(serial), "测试区财政局") for serial in range(count)]


def xlsx(path: Path, *sheets: Rows, merged: Sequence[tuple[int, int, int, int, str]] = ()) -> Path:
    """A workbook; `merged` are blocks (top, left, bottom, right, text) of the first sheet, counted from 0."""
    book = xlsxwriter.Workbook(str(path))
    for place, rows in enumerate(sheets):
        sheet = book.add_worksheet(f"表{place + 1}")
        for row, cells in enumerate(rows):
            sheet.write_row(row, 0, list(cells))
        for block in merged if place == 0 else ():
            sheet.merge_range(*block)
    book.close()
    return path


def xls(path: Path, rows: Rows) -> Path:
    """A workbook of the old format."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("表1")
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            sheet.write(row, column, value)
    book.save(str(path))
    return path


def text(path: Path, rows: Rows, *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """A text table."""
    held = io.StringIO()
    csv.writer(held, delimiter=delimiter).writerows(rows)
    path.write_bytes(held.getvalue().encode(encoding))
    return path


def openpyxl_book(path: Path, rows: Rows) -> Path:
    """A workbook as other systems write it: whole numbers digit by digit."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def read(
    path: Path,
    *,
    department: str = "establishment",
    schema: Mapping[str, Any] | None = None,
    limits: ReadingLimits = DELIVERED,
    progress: Progress | None = None,
) -> tuple[ReadingReport, list[dict[str, Any]]]:
    """The report and the roster's rows."""
    out = path.with_name(f"{path.name}.roster.parquet")
    report = read_file(
        path,
        contract=schema or default_schema(department),
        department=department,
        delivery="d" * 64,
        out=out,
        limits=limits,
        progress=progress,
    )
    return report, pq.read_table(out).to_pylist()
