"""Rows read a second: our reader to typed rows, against openpyxl's read-only mode to bare cells.

python -m benchmarks.reading [FILE.xlsx]
"""

import sys
import tempfile
from pathlib import Path

import openpyxl
import xlsxwriter

from benchmarks.people import HEADINGS, rows_of_people
from benchmarks.timing import compare
from bianzhi.common.tabular import parsing, reading, recognising
from bianzhi.imports.recognition.kinds import KINDS

ROWS = 20_000


def made_roster(folder: Path) -> Path:
    """A roster of 20 000 invented persons as an office would keep it."""
    path = folder / "roster.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("花名册")
    sheet.write(0, 0, "云江区机关事业单位在编人员花名册")
    sheet.write_row(1, 0, HEADINGS)
    for index, row in enumerate(rows_of_people(ROWS), 2):
        sheet.write_row(index, 0, row)
    book.close()
    return path


def read_typed(path: Path, kind: str) -> int:
    """Header found, columns recognised, every value typed and checked."""
    workbook = reading.read_workbook(path)
    return len(parsing.parse(workbook, recognising.recognise(workbook, KINDS[kind])).rows)


def read_cells(path: Path) -> int:
    """openpyxl's quickest way to the bare cells: nothing recognised, nothing checked."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    count = sum(1 for sheet in book.worksheets for _ in sheet.iter_rows(values_only=True))
    book.close()
    return count


def main() -> None:
    """Print both for the file given, or for a roster made here."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else made_roster(Path(folder))
        kind = "staffing-plan" if len(sys.argv) > 1 else "roster"
        rows = read_cells(path)
        print(f"{path.name}: {rows:,} rows")
        print("  bare cells:")
        compare(
            ("reading.read_workbook", lambda: reading.read_workbook(path)),
            ("openpyxl read_only values_only", lambda: read_cells(path)),
        )
        print("  to typed, checked rows:")
        compare(
            (f"read + recognise + parse ({kind})", lambda: read_typed(path, kind)),
            ("openpyxl read_only, bare cells only", lambda: read_cells(path)),
        )


if __name__ == "__main__":
    main()
