"""Tables as files."""

import io
import zipfile
from datetime import UTC, date, datetime

import openpyxl
import pytest

from bianzhi.common.web.exports import Cell, Heading, Table, neutralise, write_csv, write_xlsx

ROW: list[Cell] = [
    "=HYPERLINK(1)",
    12,
    3.5,
    date(2024, 12, 31),
    datetime(2024, 12, 31, 1, 30, tzinfo=UTC),
    None,
    "330699198706050013",
]
TABLE = Table("名册", [Heading(name) for name in "甲乙丙丁戊己庚"], [ROW])


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_text_that_would_run_is_neutralised(text):
    assert neutralise(text) == f"'{text}"


@pytest.mark.parametrize("text", ["张三", "1+1", "", "云编〔2026〕9号"])
def test_any_other_text_stays(text):
    assert neutralise(text) == text


def test_a_csv_writes_days_numbers_and_blanks_plainly():
    file = io.BytesIO()

    assert write_csv(TABLE, file) == 1
    assert file.getvalue().decode("utf-8-sig").splitlines()[1] == (
        "'=HYPERLINK(1),12,3.5,2024-12-31,2024-12-31 09:30,,330699198706050013"
    )


def test_a_workbook_keeps_types_and_holds_no_formula():
    file = io.BytesIO()

    assert write_xlsx(TABLE, file) == 1
    sheet = openpyxl.load_workbook(file)["数据"]
    cells = [cell.value for cell in sheet[2]]

    assert cells[:3] == ["=HYPERLINK(1)", 12, 3.5]
    assert [str(cell) for cell in cells[3:5]] == ["2024-12-31 00:00:00", "2024-12-31 09:30:00"]
    assert cells[5:] == [None, "330699198706050013"]
    assert "<f>" not in _xml(file)
    assert sheet.freeze_panes == "A2"


def _xml(file):
    with zipfile.ZipFile(file) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()
