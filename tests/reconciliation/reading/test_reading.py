"""Usual files of every format become the same roster, with what is wrong in them counted and shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
import xlwt

from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.reconciliation.contracts.defaults import default_schema
from bianzhi.reconciliation.normalise.births import birth_key
from bianzhi.reconciliation.sources import ROSTER_COLUMNS
from tests.reconciliation.reading.files import HEADINGS, number, openpyxl_book, people, read, text, xls, xlsx

TABLE = [HEADINGS, *people(30)]


def _written(tmp_path: Path, form: str) -> Path:
    if form == "xlsx":
        return xlsx(tmp_path / "a.xlsx", TABLE)
    if form == "xls":
        return xls(tmp_path / "a.xls", TABLE)
    if form == "parquet":
        columns = {name: [row[place] for row in TABLE[1:]] for place, name in enumerate(HEADINGS)}
        pq.write_table(pa.table(columns), tmp_path / "a.parquet")
        return tmp_path / "a.parquet"
    encoding, delimiter = {
        "utf-8": ("utf-8", ","),
        "utf-8-sig": ("utf-8-sig", ";"),
        "gb18030": ("gb18030", "\t"),
        "utf-16": ("utf-16", "|"),
    }[form]
    return text(tmp_path / "a.csv", TABLE, encoding=encoding, delimiter=delimiter)


@pytest.mark.parametrize("form", ["xlsx", "xls", "parquet", "utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_format_gives_the_same_roster(tmp_path: Path, form: str):
    report, rows = read(_written(tmp_path, form))
    assert report.rows == 30
    assert report.problems == ()
    assert list(rows[0]) == list(ROSTER_COLUMNS)
    expected = {"source": "establishment", "delivery": "d" * 64, "id_number": number(0), "name": "虞测0"}
    assert {key: rows[0][key] for key in expected} == expected
    first = 1 if form == "parquet" else 2
    assert [row["row"] for row in rows] == list(range(first, first + 30))
    assert rows[0]["unit"] == "测试区财政局"
    assert rows[0]["flags"] is None
    assert report.units == (("测试区财政局", 30),)


def test_titles_merged_headings_totals_notes_and_a_unit_written_once_are_understood(tmp_path: Path):
    rows: list[list[Any]] = [
        ["测试区在编人员花名册（2026年10月）"],
        ["序号", "姓名", "身份证号码", "基本情况", "", "编制所在单位"],
        ["", "", "", "性别", "出生年月", ""],
        *[[serial + 1, f"虞测{serial}", number(serial), "男", "1987.06", ""] for serial in range(6)],
        ["合计", 6],
        ["", "小计", ""],
        ["", "姓名", "身份证号码"],
        ["", "制表人：李四", ""],
    ]
    merged = [
        (0, 0, 0, 5, "测试区在编人员花名册（2026年10月）"),
        (3, 5, 5, 5, "测试区财政局"),
        (6, 5, 8, 5, "测试区审计局"),
    ]
    report, found = read(xlsx(tmp_path / "a.xlsx", rows, merged=merged))
    assert report.rows == 6
    assert dict(report.units) == {"测试区财政局": 3, "测试区审计局": 3}
    assert found[0]["birth"] == "1987.06"
    assert found[0]["row"] == 4
    assert {"小计", "制表人：李四"} <= set(report.left_out_examples)
    assert [column.heading for column in report.columns if column.field == "birth"] == ["基本情况·出生年月"]


TOTALS = (
    "合　计",
    "小  计",
    " 总　 计 ",
    "合计12人",
    "合计 12 人",
    "小计１２人",
    "合计数",
    "合计人数",
    "本页小　计",
    "共计（3人）",
)
NAMED_ALIKE = ("计小合", "合计文", "小计", "单位")


@pytest.mark.parametrize("words", TOTALS)
def test_a_total_however_it_is_spaced_or_counted_is_no_person(tmp_path: Path, words: str):
    report, found = read(text(tmp_path / "a.csv", [*TABLE, (words, "", "测试区财政局")]))
    assert len(found) == 30
    assert report.left_out_examples == (words.strip(),)


@pytest.mark.parametrize("name", NAMED_ALIKE)
def test_a_name_like_a_total_is_a_person_with_a_number_and_without_one_if_it_says_more(tmp_path: Path, name: str):
    _, numbered = read(text(tmp_path / "a.csv", [*TABLE, (name, number(40), "测试区财政局")]))
    assert [row["name"] for row in numbered[30:]] == [name]
    _, bare = read(text(tmp_path / "b.csv", [*TABLE, (name, "", "测试区财政局")]))
    assert [row["name"] for row in bare[30:]] == ([] if name == "小计" else [name])


BORN = ("姓名", "身份证号", "单位名称", "出生年月", "应发工资")
MONTH_FORMATS = (
    'yyyy"年"m"月"',
    'yyyy"年"m"月";@',
    "mmm-yy",
    "yyyy.mm",
    "[DBNum1][$-804]yyyy年m月;@",
    "e/m",
    17,
    27,
    57,
)
DAY_FORMATS = ("yyyy-mm-dd", 'yyyy"年"m"月"d"日"', 14, 31)


def _born(path: Path, values: Sequence[Any], form: str | int) -> Path:
    """A workbook whose people have these births, in cells of a number format."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("名册")
    cell = book.add_format()
    cell.set_num_format(form)
    sheet.write_row(0, 0, BORN)
    for place, value in enumerate(values):
        sheet.write_row(place + 1, 0, people(place + 1)[place])
        sheet.write(place + 1, 3, value, cell)
        sheet.write_number(place + 1, 4, 4500)
    book.close()
    return path


def _births(path: Path) -> list[str | None]:
    _, found = read(path)
    return [row["birth"] for row in found]


@pytest.mark.parametrize("form", MONTH_FORMATS)
def test_a_month_kept_as_its_first_day_is_read_as_the_month_it_shows(tmp_path: Path, form: str | int):
    days = [date(1987, 6, 1), date(1990, 10, 1), "1987-06-01", date(1987, 6, 5)]
    assert _births(_born(tmp_path / "a.xlsx", days, form)) == ["1987-06", "1990-10", "1987-06-01", "1987-06-05"]


@pytest.mark.parametrize("form", DAY_FORMATS)
def test_a_first_day_that_is_shown_is_a_day(tmp_path: Path, form: str | int):
    births = _births(_born(tmp_path / "a.xlsx", [date(1987, 6, 1), date(1987, 6, 5)], form))
    assert [birth_key(birth) for birth in births] == [19870601, 19870605]


@pytest.mark.parametrize("form", [2, "0.00_ ", r"0.00_);[Red]\(0.00\)"])
def test_october_written_as_a_number_is_read_with_the_zero_it_shows(tmp_path: Path, form: str | int):
    births = _births(_born(tmp_path / "a.xlsx", [1987.1, 1987.11, 1987.06, 87.1, "1987.1"], form))
    assert births == ["1987.10", "1987.11", "1987.06", "87.10", "1987.1"]


def test_a_number_that_may_be_october_or_january_is_left_as_it_is(tmp_path: Path):
    births = _births(_born(tmp_path / "a.xlsx", [1987.1, 1987.06], "General"))
    assert [birth_key(birth) for birth in births] == [None, 19870600]


def test_every_month_of_a_long_column_is_found_in_its_row(tmp_path: Path):
    rows = [date(1987, month, 1) for month in range(1, 13)] * 40
    births = _births(_born(tmp_path / "a.xlsx", rows, "mmm-yy"))
    assert births == [f"1987-{month:02d}" for month in range(1, 13)] * 40


def test_other_programs_write_their_cells_otherwise(tmp_path: Path):
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(BORN)
    for place, (value, form) in enumerate([(date(1987, 6, 1), "mmm-yy"), (1987.1, "0.00")]):
        book.active.append([*people(2)[place], value])
        book.active.cell(place + 2, 4).number_format = form
    book.save(tmp_path / "a.xlsx")
    assert _births(tmp_path / "a.xlsx") == ["1987-06", "1987.10"]


def test_in_the_old_format_a_column_of_first_days_is_one_of_months(tmp_path: Path):
    def born(days: list[date]) -> list[str | None]:
        book = xlwt.Workbook()
        sheet = book.add_sheet("表1")
        for row, cells in enumerate([BORN[:4], *zip(*zip(*people(len(days)), strict=True), days, strict=True)]):
            for column, value in enumerate(cells):
                style = xlwt.easyxf(num_format_str="YYYY-M") if isinstance(value, date) else xlwt.Style.default_style
                sheet.write(row, column, value, style)
        book.save(str(tmp_path / "a.xls"))
        return _births(tmp_path / "a.xls")

    firsts = [date(1987, month, 1) for month in (5, 6, 10)]
    assert born(firsts) == ["1987-05", "1987-06", "1987-10"]
    assert born([*firsts, date(1987, 6, 5)]) == ["1987-05-01", "1987-06-01", "1987-10-01", "1987-06-05"]
    assert born(firsts[:2]) == ["1987-05-01", "1987-06-01"]


def test_a_unit_in_the_title_is_taken_for_a_table_that_names_none(tmp_path: Path):
    rows = [["单位名称：测试区财政局"], ["姓名", "身份证号"], *[row[:2] for row in people(3)]]
    _, found = read(xlsx(tmp_path / "a.xlsx", rows))
    assert {row["unit"] for row in found} == {"测试区财政局"}


def test_several_sheets_are_one_roster_with_row_numbers_that_go_on(tmp_path: Path):
    path = xlsx(tmp_path / "a.xlsx", TABLE, [["填表说明"], ["请如实填写"]], [HEADINGS, *people(40)[30:]])
    report, found = read(path)
    assert report.rows == 40
    assert len({row["row"] for row in found}) == 40
    assert [sheet.role for sheet in report.sheets] == ["数据表", "说明页", "数据表"]


@pytest.mark.parametrize("writer", [xlsx, openpyxl_book, xls])
def test_a_number_excel_has_rounded_is_flagged_and_never_repaired(tmp_path: Path, writer):
    suffix = "xls" if writer is xls else "xlsx"
    rows = [HEADINGS, *people(3), ("虞数", float(number(9)) if writer is xls else int(number(9)), "测试区财政局")]
    report, found = read(writer(tmp_path / f"a.{suffix}", rows))
    assert [row["flags"] for row in found] == [None, None, None, "id_rounded"]
    assert found[3]["id_number"] != number(9)
    assert [(problem.kind, problem.count) for problem in report.problems] == [("id_rounded", 1)]
    assert report.problems[0].examples[0].row == 5


def test_a_text_that_happens_to_end_in_zeros_is_no_rounded_number(tmp_path: Path):
    sound = next(number(serial) for serial in range(20_000) if number(serial).endswith("00"))
    report, found = read(xlsx(tmp_path / "a.xlsx", [HEADINGS, ("虞测", sound, "测试区财政局"), *people(1)]))
    assert found[0]["flags"] is None
    assert report.problems == ()


@pytest.mark.parametrize("damaged", ["3.30699E+17", f"{number(3)[:15]}000"])
def test_what_excel_left_of_a_number_in_a_text_file_is_flagged(tmp_path: Path, damaged: str):
    _, found = read(text(tmp_path / "a.csv", [*TABLE, ("虞数", damaged, "测试区财政局")]))
    assert found[-1]["flags"] == "id_rounded"


def test_a_float_column_of_parquet_has_no_sound_numbers(tmp_path: Path):
    columns = {
        "姓名": ["虞测"],
        "身份证号": pa.array([float(number(0))]),
        "单位名称": ["测试区财政局"],
        "出生日期": [date(1987, 6, 1)],
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    _, found = read(tmp_path / "a.parquet")
    assert found[0]["flags"] == "id_rounded"
    assert found[0]["birth"] == "1987-06-01"


def test_problems_are_counted_by_kind_with_the_first_rows_and_numbers_masked(tmp_path: Path):
    wrong = number(1)[:17] + ("1" if number(1)[17] != "1" else "2")
    rows: list[Any] = [
        *TABLE,
        ("虞甲", "", "测试区财政局"),
        ("虞乙", wrong, "测试区财政局"),
        ("虞丙", "12345", "测试区财政局"),
        ("虞丁", number(0), "测试区财政局"),
        ("虞戊", f" {number(50).lower()} ", None),
    ]
    report, _ = read(text(tmp_path / "a.csv", rows))
    assert {(problem.kind, problem.column, problem.count) for problem in report.problems} == {
        ("missing", "id_number", 1),
        ("missing", "unit", 1),
        ("id_check", "id_number", 1),
        ("id_length", "id_number", 1),
        ("repeated", "id_number", 1),
    }
    checked = next(problem for problem in report.problems if problem.kind == "id_check")
    assert (checked.examples[0].row, checked.examples[0].value) == (33, f"330699***********{wrong[-1]}")


def test_codes_become_words_and_a_closed_list_is_kept(tmp_path: Path):
    schema = default_schema("establishment")
    status = next(field for field in schema["fields"] if field["hub"]["column"] == "status")
    status["hub"].update({"codes": {"01": "在职", "02": "退休"}, "closed": True})
    rows = [(*HEADINGS, "性别", "人员状态")]
    rows += [(*row, "2", code) for row, code in zip(people(3), ("01", "02", "09"), strict=True)]
    report, found = read(text(tmp_path / "a.csv", rows), schema=schema)
    assert [(row["sex"], row["status"]) for row in found] == [("女", "在职"), ("女", "退休"), ("女", "09")]
    assert [(problem.kind, problem.column, problem.count) for problem in report.problems] == [("code", "status", 1)]


def test_rows_of_a_text_file_with_too_few_or_too_many_cells_are_still_people(tmp_path: Path):
    lines = [",".join(HEADINGS), *(",".join(row) for row in people(5))]
    lines[2] = lines[2].rpartition(",")[0]
    lines[4] += ",多,余"
    lines += ["", '"虞,\n测",' + number(77) + ",测试区财政局"]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    report, found = read(path)
    by_row = {row["row"]: row for row in found}
    assert report.rows == 6
    assert (by_row[3]["id_number"], by_row[3]["unit"]) == (number(1), None)
    assert by_row[5]["id_number"] == number(3)
    assert by_row[8]["name"] == "虞,\n测"


def test_a_row_is_read_the_same_whatever_the_order_of_columns(tmp_path: Path):
    turned = [row[::-1] for row in TABLE]
    _, straight = read(text(tmp_path / "a.csv", TABLE))
    _, other = read(text(tmp_path / "b.csv", turned))
    assert straight == other


def test_two_columns_of_one_heading_are_told(tmp_path: Path):
    rows = [("姓名", "身份证号", "身份证号", "单位名称"), *[(name, own, "", unit) for name, own, unit in people(3)]]
    report, found = read(xlsx(tmp_path / "a.xlsx", rows))
    assert found[0]["id_number"] == number(0)
    assert any("有 2 列都叫“身份证号”" in remark for remark in report.remarks)


def test_what_is_missing_is_named_with_the_headings_that_were_seen(tmp_path: Path):
    with pytest.raises(UnreadableFile) as refused:
        read(text(tmp_path / "a.csv", [("姓名", "单位名称", "职务"), ("虞测", "测试区财政局", "科员")]))
    assert refused.value.fault is Fault.UNRECOGNISED
    assert "缺少必需的列：身份证号" in str(refused.value)
    assert "职务" in str(refused.value)


def test_a_header_without_rows_is_refused(tmp_path: Path):
    with pytest.raises(UnreadableFile) as refused:
        read(text(tmp_path / "a.csv", [HEADINGS]))
    assert refused.value.fault is Fault.EMPTY


def test_progress_is_told_and_can_end_the_reading(tmp_path: Path):
    class Enough(Exception):
        pass

    told: list[str] = []

    def stop(done: int, total: int, message: str) -> None:
        told.append(message)
        if done == 1:
            raise Enough

    path = text(tmp_path / "a.csv", TABLE)
    with pytest.raises(Enough):
        read(path, progress=stop)
    assert told[0] == "正在打开文件"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.csv"]


def test_a_hidden_sheet_is_passed_over_and_told(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    for name, rows in (("名册", TABLE), ("去年", [HEADINGS, *people(40)])):
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            sheet.write_row(row, 0, cells)
    sheet.hide()
    book.add_chartsheet("图表").set_chart(_chart(book))
    book.close()
    report, _ = read(path)
    assert report.rows == 30
    assert "工作表“去年”是隐藏的，没有读取" in report.remarks


def _chart(book: xlsxwriter.Workbook) -> Any:
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "=名册!$A$2:$A$3"})
    return chart
