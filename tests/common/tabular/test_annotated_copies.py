"""The workbook handed back: comments where the findings are, and a list that cannot be turned against its reader."""

from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from bianzhi.common.tabular.annotating import LIST_SHEET, annotated
from bianzhi.common.tabular.parsing import parse
from bianzhi.common.tabular.problems import CellProblem, Severity
from bianzhi.common.tabular.reading import read_bytes
from bianzhi.common.tabular.recognising import recognise
from bianzhi.imports.recognition.kinds import STAFFING_PLAN

from .tables import delimited, xls, xlsx

GRID: list[list[Any]] = [
    ["某区招聘计划", "", "", ""],
    ["用人单位", "岗位名称", "岗位代码", "招聘人数"],
    ["甲局", "综合岗", "001", "若干"],
    ["乙局", "财务岗", "1.1E+07", 2],
]


def copy_of(data: bytes):
    book = read_bytes(data, name="计划.xlsx")
    table = parse(book, recognise(book, STAFFING_PLAN))
    return openpyxl.load_workbook(BytesIO(annotated(data, book, table.problems))), table


@pytest.mark.parametrize("write", [xlsx, xls, None])
def test_every_format_comes_back_with_comments_on_the_suspect_cells(write):
    data = write({"计划": GRID}) if write else delimited(GRID, encoding="gb18030")
    book, table = copy_of(data)
    assert len(table.errors) == 2
    sheet = book["计划"]
    assert "若干" in sheet["D3"].comment.text
    assert sheet["D3"].comment.text.startswith("【错误】")
    assert "科学计数法" in sheet["C4"].comment.text
    assert sheet["D4"].comment is None
    assert [sheet.cell(row=3, column=column).value for column in (1, 2, 3)] == ["甲局", "综合岗", "001"]


def test_the_list_of_findings_stands_in_front_and_names_each_place():
    book, _ = copy_of(xlsx({"计划": GRID}))
    assert book.sheetnames == [LIST_SHEET, "计划"]
    rows = list(book[LIST_SHEET].iter_rows(values_only=True))
    assert rows[1][:8] == (1, "错误", "计划", 3, "D", "人数", "D3", "若干")
    assert len(rows) == 3


def test_a_file_without_findings_says_so():
    book, _ = copy_of(xlsx({"计划": [GRID[1], ["甲局", "综合岗", "001", 1]]}))
    assert book[LIST_SHEET]["A2"].value == "没有发现问题"


def test_a_cell_that_looks_like_a_formula_stays_text_in_the_list():
    data = xlsx({"计划": GRID})
    book = read_bytes(data, name="计划.xlsx")
    evil = '=HYPERLINK("http://x","y")'
    problem = CellProblem("计划", 3, 0, "用人单位", evil, "=1+1", Severity.WARNING)
    listed = openpyxl.load_workbook(BytesIO(annotated(data, book, [problem])))[LIST_SHEET]
    assert (listed["H2"].value, listed["H2"].data_type) == (evil, "s")
    assert listed["I2"].data_type == "s"


def test_a_text_table_with_formulas_comes_back_as_text():
    grid = [GRID[1], ["=cmd|' /C calc'!A0", "综合岗", "1", "x"]]
    book, _ = copy_of(delimited(grid))
    cell = book["计划"]["A2"]
    assert (cell.value, cell.data_type) == (grid[1][0], "s")


def test_a_finding_inside_merged_cells_is_marked_at_their_first_cell():
    grid = [GRID[1], ["甲局", "综合岗", "1", 3], ["", "财务岗", "2", ""]]
    data = xlsx({"计划": grid}, merged={"计划": [(1, 3, 2, 3)]})
    book, table = copy_of(data)
    assert table.errors[0].address == "D3"
    assert "合并" in book["计划"]["D2"].comment.text


def test_the_copy_can_be_imported_again_after_correction():
    data = xlsx({"计划": GRID})
    book = read_bytes(data, name="计划.xlsx")
    table = parse(book, recognise(book, STAFFING_PLAN))
    again = openpyxl.load_workbook(BytesIO(annotated(data, book, table.problems)))
    again["计划"]["D3"].value, again["计划"]["C4"].value = 1, "002"
    buffer = BytesIO()
    again.save(buffer)
    corrected = read_bytes(buffer.getvalue(), name="计划.xlsx")
    final = parse(corrected, recognise(corrected, STAFFING_PLAN), latest=date(2026, 1, 1))
    assert final.is_clean
    assert [row.get("headcount") for row in final.rows] == [1, 2]


def test_two_findings_on_one_cell_share_a_comment_and_the_worse_colour():
    data = xlsx({"计划": GRID})
    book = read_bytes(data, name="计划.xlsx")
    findings = [
        CellProblem("计划", 3, 0, "用人单位", "甲局", "甲", Severity.WARNING),
        CellProblem("计划", 3, 0, "用人单位", "甲局", "乙", Severity.ERROR),
    ]
    cell = openpyxl.load_workbook(BytesIO(annotated(data, book, findings)))["计划"]["A3"]
    assert cell.comment.text == "【提醒】甲\n【错误】乙"
    assert cell.fill.start_color.rgb == "FFFFC7CE"
