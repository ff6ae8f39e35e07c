"""No table that leaves the platform holds a cell a spreadsheet would run: every writer, with generated text."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import openpyxl
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

import bianzhi
from bianzhi.common.tabular.annotating import annotated
from bianzhi.common.tabular.reading import read_bytes
from bianzhi.common.web.exports import Heading, Table, neutralise, write_csv, write_xlsx
from bianzhi.reconciliation.tables import neutral

SOURCE = Path(bianzhi.__path__[0])
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
WRITERS = {
    "common/tabular/annotating.py": "an uploaded table given back with comments",
    "common/tabular/templates.py": "templates: nothing in them was typed by anybody",
    "common/web/exports.py": "lists, and the difference lists of the hub",
    "demo/exchange_runs.py": "the deliveries of the synthetic district, never downloaded",
    "reconciliation/tables.py": "results of a comparison",
    "reports/output/xlsx.py": "reports",
}
"""Every place that writes a CSV or a workbook, and what."""
text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
cells = st.one_of(text, st.tuples(st.sampled_from(STARTS), text).map("".join))


def test_every_writer_of_tables_is_known_here():
    pattern = re.compile(r"csv\.(?:writer|DictWriter)\(|(?:xlsxwriter|openpyxl)\.Workbook\(|\.to_csv\(")
    found = {str(file.relative_to(SOURCE)) for file in SOURCE.rglob("*.py") if pattern.search(file.read_text("utf-8"))}
    found -= {name for name in found if name.startswith("reconciliation/generate/")}  # invented rosters
    assert found == set(WRITERS)


def test_no_workbook_is_written_with_formulas_or_links_switched_on():
    for name in ("common/web/exports.py", "reports/output/xlsx.py"):
        told = (SOURCE / name).read_text("utf-8")
        assert '"strings_to_formulas": False' in told
        assert '"strings_to_urls": False' in told
    assert "write_string" in (SOURCE / "common/tabular/templates.py").read_text("utf-8")


@given(cells)
@settings(max_examples=300, deadline=None)
def test_no_text_keeps_a_beginning_a_spreadsheet_would_run(cell):
    for made in (neutralise(cell), neutral(cell)):
        assert not made.startswith(STARTS)
        assert made.endswith(cell)


@given(st.lists(cells, min_size=1, max_size=4), cells)
@settings(max_examples=60, deadline=None)
def test_no_cell_of_a_csv_begins_a_formula(row, head):
    file = io.BytesIO()
    write_csv(Table("名册", [Heading(head)], [row]), file)
    read = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""))
    assert not [cell for line in read for cell in line if cell.startswith(STARTS)]


def formulas(book: bytes) -> list[str]:
    """Cells a spreadsheet would run or follow."""
    sheets = openpyxl.load_workbook(io.BytesIO(book))
    cells_of = (cell for sheet in sheets for line in sheet.iter_rows() for cell in line)
    return [f"{cell.coordinate}" for cell in cells_of if cell.data_type == "f" or cell.hyperlink is not None]


@given(st.lists(cells, min_size=1, max_size=4), cells)
@settings(max_examples=30, deadline=None)
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(row, head):
    file = io.BytesIO()
    write_xlsx(Table("名册", [Heading(head)], [row], notes=[(head, head)]), file)
    assert formulas(file.getvalue()) == []


@given(st.lists(cells, min_size=2, max_size=4))
@settings(max_examples=20, deadline=None)
def test_an_uploaded_csv_given_back_as_a_workbook_runs_nothing(row):
    file = io.StringIO()
    csv.writer(file).writerows([["姓名", "单位"], ["甲", "财政局"], row])
    data = file.getvalue().encode()
    assert formulas(annotated(data, read_bytes(data, name="名册.csv"), [])) == []


def test_the_measure_itself_finds_a_formula():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet().write(0, 0, "=1+1")
    assert formulas(file.getvalue()) == ["A1"]
