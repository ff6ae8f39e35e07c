"""Excel and WPS spreadsheets: every sheet a page, every row a row of a table."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import load_workbook

from bianzhi.recognition.document import PageText
from bianzhi.recognition.reading.flowing import Line, laid_out

MOST_ROWS = 5_000
"""Rows of a sheet that are read as text: what comes after is data for the register, not a page to be searched."""


def read_spreadsheet(path: Path) -> Iterator[PageText]:
    """The sheets in their order, empty rows left out. Raises python_calamine.CalamineError for damaged files."""
    with load_workbook(str(path)) as book:
        for number, name in enumerate(book.sheet_names, 1):
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True, nrows=MOST_ROWS)
            written = [tuple(map(as_written, row)) for row in rows]
            yield laid_out([Line(row, in_table=True) for row in written if any(row)], number)


def as_written(value: Any) -> str:
    """A cell as a person would read it: whole numbers without a point, days as days."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if not (value.hour or value.minute or value.second) else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(str(value).split())
