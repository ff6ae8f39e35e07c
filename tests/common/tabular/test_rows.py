"""Rows under the header: which are data, what their cells are read as, what is said about the others."""

from datetime import date

import pytest

from bianzhi.common.tabular.kinds import Choices, Field, ImportKind, ValueKind
from bianzhi.common.tabular.parsing import parse
from bianzhi.common.tabular.problems import Severity
from bianzhi.common.tabular.recognising import corrected, recognise
from bianzhi.common.tabular.regions import RowRole
from bianzhi.common.tabular.values import ValueProblem, read_value
from bianzhi.imports.recognition.kinds import LEDGER_HISTORY, ORGANIZATIONS, ROSTER, STAFFING_PLAN
from bianzhi.kernel.dates import Precision
from bianzhi.kernel.identifiers.id_number import make_id_number

from .tables import TODAY, opened, parsed

PLAN = ["用人单位", "岗位名称", "岗位代码", "招聘人数"]
NUMBER = make_id_number("330699", date(1987, 6, 5), 123).value


def left_out(table):
    return [(row.index + 1, row.role) for sheet in table.sheets for row in sheet.left_out]


def test_blank_rows_repeated_headers_numbering_notes_and_sections_are_no_data():
    grid = [
        ["招聘计划"],
        PLAN,
        ["1", "2", "3", "4"],
        ["一、区直单位"],
        ["甲局", "综合岗", "001", 1],
        [],
        PLAN,
        ["乙局", "财务岗", "002", 2],
        ["备注：乙局岗位须有会计证。"],
        ["制表人：某某", "", "审核人：某某", "2026年3月1日"],
    ]
    table = parsed(grid, STAFFING_PLAN)
    assert [row.number for row in table.rows] == [5, 8]
    assert left_out(table) == [
        (3, RowRole.NUMBERING),
        (4, RowRole.SECTION),
        (7, RowRole.REPEATED_HEADER),
        (9, RowRole.NOTE),
        (10, RowRole.NOTE),
    ]
    assert table.is_clean


@pytest.mark.parametrize(
    "word", ["合计", "总计", "合 计", "共计", "总  计：", "合计（人）", "全区合计", "合计3人", "本页合计"]
)
@pytest.mark.parametrize("place", [0, 1])
def test_totals_rows_are_left_out_and_compared(word, place):
    total = ["", "", "", 3]
    total[place] = word
    table = parsed([PLAN, ["甲局", "综合岗", "1", 1], ["乙局", "财务岗", "2", 2], total], STAFFING_PLAN)
    assert len(table.rows) == 2
    assert table.total("headcount") == 3
    assert [(control.row, control.stated, control.agrees) for control in table.controls] == [
        (4, {"headcount": 3}, True)
    ]
    assert table.problems == []


def test_a_total_that_does_not_add_up_is_reported_at_its_cell_with_both_figures():
    table = parsed([PLAN, ["甲局", "综合岗", "1", 1], ["乙局", "财务岗", "2", 2], ["合计", "", "", 5]], STAFFING_PLAN)
    (problem,) = table.problems
    assert (problem.address, problem.severity) == ("D4", Severity.WARNING)
    assert "写 5" in problem.message
    assert "相加为 3，相差 2" in problem.message
    assert not table.controls[0].agrees


def test_subtotals_between_the_rows_and_a_grand_total_agree_each_with_its_own_rows():
    grid = [
        PLAN,
        ["教育局", "教师", "1", 4],
        ["", "会计", "2", 1],
        ["教育局小计", "", "", 5],
        ["卫健局", "医生", "3", 3],
        ["小计", "", "", 3],
        ["总计", "", "", 8],
    ]
    table = parsed(grid, STAFFING_PLAN)
    assert [row.get("organization") for row in table.rows] == ["教育局", "教育局", "卫健局"]
    assert [control.agrees for control in table.controls] == [True, True, True]


def test_totals_may_stand_above_their_rows():
    grid = [
        PLAN,
        ["总计", "", "", 6],
        ["一、区直", "", "", 5],
        ["甲局", "岗", "1", 5],
        ["二、镇街", "", "", 1],
        ["乙镇", "岗", "2", 1],
    ]
    table = parsed(grid, STAFFING_PLAN)
    assert len(table.rows) == 2
    assert [control.agrees for control in table.controls] == [True, True, True]


def test_a_unit_whose_name_only_resembles_a_total_is_data():
    grid = [PLAN, ["区审计局", "总会计师", "1", 1], ["区统计局", "合计岗位核算员", "2", 1]]
    assert len(parsed(grid, STAFFING_PLAN).rows) == 2


def test_a_unit_written_once_and_left_blank_below_is_filled_down():
    grid = [
        PLAN,
        ["甲局", "综合岗", "1", 1],
        ["", "财务岗", "2", 1],
        ["", "法律岗", "3", 1],
        ["乙局", "综合岗", "4", 1],
    ]
    table = parsed(grid, STAFFING_PLAN)
    assert [row.get("organization") for row in table.rows] == ["甲局", "甲局", "甲局", "乙局"]
    assert table.rows[1].filled_down == {"organization"}
    assert table.problems == []


def test_a_merged_unit_covers_its_rows_but_a_merged_number_is_not_multiplied():
    grid = [PLAN, ["甲局", "综合岗", "1", 3], ["", "财务岗", "2", ""], ["乙局", "综合岗", "3", 1]]
    table = parsed({"表": grid}, STAFFING_PLAN, merged={"表": [(1, 0, 2, 0), (1, 3, 2, 3)]})
    assert [row.get("organization") for row in table.rows] == ["甲局", "甲局", "乙局"]
    assert table.total("headcount") == 4
    (problem,) = table.errors
    assert problem.address == "D3"
    assert "与第 2 行合并" in problem.message


def test_a_lone_blank_in_a_column_otherwise_filled_is_warned_of():
    rows = [[f"第{number}局", "综合岗", str(number), 1] for number in range(1, 101)]
    rows[40][0] = ""
    (problem,) = parsed([PLAN, *rows], STAFFING_PLAN).problems
    assert (problem.address, problem.severity) == ("A42", Severity.WARNING)
    assert "第40局" in problem.message


def test_a_missing_required_value_names_row_column_and_rule():
    table = parsed([PLAN, ["甲局", "综合岗", "1", ""], ["乙局", "综合岗", "2", 1]], STAFFING_PLAN)
    (problem,) = table.errors
    assert (problem.sheet, problem.row, problem.column_letter, problem.column_label) == ("Sheet1", 2, "D", "人数")
    assert str(problem) == "工作表「Sheet1」第 2 行D 列「人数」：人数没有填写，这一项必须有"
    assert (len(table.accepted), len(table.rejected), len(table.rows)) == (1, 1, 2)


def test_a_unit_named_once_above_the_table_stands_for_every_row():
    grid = [
        ["人员花名册"],
        ["填报单位（盖章）：区农业农村局", "", "2026年1月"],
        ["姓名", "身份证号", "编制类别"],
        ["虞一", NUMBER, "行政"],
    ]
    row = parsed(grid, ROSTER).rows[0]
    assert row.get("organization") == "区农业农村局"


@pytest.mark.parametrize(
    "title",
    ["区农业农村局在编人员花名册", "2026年区第一中学教职工基本情况一览表", "区卫生健康委员会机关干部名册（2026年）"],
)
def test_a_unit_named_only_in_the_title_stands_for_every_row(title):
    row = parsed([[title], ["姓名", "身份证号", "编制类别"], ["虞一", NUMBER, "行政"]], ROSTER).rows[0]
    assert row.get("organization") in ("区农业农村局", "区第一中学", "区卫生健康委员会")


@pytest.mark.parametrize("title", ["在编人员花名册", "全区机关事业单位人员花名册", "人员名册"])
def test_a_title_without_a_unit_gives_none(title):
    table = parsed([[title], ["姓名", "身份证号", "编制类别"], ["虞一", NUMBER, "行政"]], ROSTER)
    assert "所在单位" in table.errors[0].message


def test_a_person_may_name_the_unit_of_a_sheet_that_names_none():
    workbook = opened({"表": [["姓名", "身份证号", "编制类别"], ["虞一", NUMBER, "行政"]]})
    named = corrected(recognise(workbook, ROSTER), workbook, sheet="表", captions={"organization": " 区农业农村局 "})
    assert parse(workbook, named).rows[0].get("organization") == "区农业农村局"
    with pytest.raises(ValueError, match="没有名为"):
        corrected(named, workbook, sheet="表", captions={"nonsense": "x"})


def test_groups_numbered_in_chinese_beside_rows_numbered_in_digits_are_subtotals():
    grid = [
        ["序号", "单位名称", "行政编制", "工勤编制"],
        ["一", "党委部门", 12, 3],
        [1, "甲委", 5, 1],
        [2, "乙部", 7, 2],
        ["二、", "政府部门", 4, 0],
        [1, "丙局", 4, 0],
        ["", "合计", 16, 3],
    ]
    table = parsed(grid, ORGANIZATIONS)
    assert [row.get("name") for row in table.rows] == ["甲委", "乙部", "丙局"]
    assert [(control.label, control.agrees) for control in table.controls] == [
        ("一党委部门", True),
        ("二、政府部门", True),
        ("合计", True),
    ]


def test_the_unit_of_measure_above_a_table_is_not_a_unit():
    grid = [["花名册", "单位：人"], ["姓名", "身份证号", "编制类别"], ["虞一", NUMBER, "行政"], ["虞二", "x", "行政"]]
    assert "所在单位" in parsed(grid, ROSTER).errors[0].message


def test_numbers_as_text_and_text_as_numbers_are_read_as_meant():
    grid = [PLAN, ["甲局", "综合岗", 11001011, "２"], ["乙局", "综合岗", "00110", "3人"], ["丙局", 1, "5.0", "十二"]]
    rows = parsed(grid, STAFFING_PLAN).rows
    assert [row.get("post_code") for row in rows] == ["11001011", "00110", "5"]
    assert [row.get("headcount") for row in rows] == [2, 3, 12]
    assert rows[2].get("post_name") == "1"


@pytest.mark.parametrize("value", ["1.1001E+07", "1.1001E7".replace("E7", "E+7"), 1.1e17])
def test_codes_damaged_by_excel_are_reported_and_not_repaired(value):
    table = parsed([PLAN, ["甲局", "综合岗", value, 1]], STAFFING_PLAN)
    (problem,) = table.errors
    assert problem.field == "post_code"
    assert "无法还原" in problem.message
    assert table.rows[0].get("post_code") is None


@pytest.mark.parametrize("value", [330699198706051230, "330699198706052000", "3.30699E+17"])
def test_identity_numbers_damaged_by_excel_are_reported_and_not_repaired(value):
    table = parsed([["姓名", "身份证号", "单位"], ["虞一", value, "甲局"]], ROSTER)
    (problem,) = table.errors
    assert (problem.field, problem.column_letter) == ("id_number", "B")
    assert "无法还原" in problem.message
    assert table.rows[0].get("id_number") is None


def test_identity_numbers_are_read_in_full_width_with_blanks_and_lower_case():
    number = next(
        n for serial in range(1000) if (n := make_id_number("330699", date(1990, 1, 1), serial).value).endswith("X")
    )
    full_width = number.lower().translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    table = parsed([["姓名", "身份证号", "单位"], ["虞一", f" {full_width[:6]} {full_width[6:]}\t", "甲局"]], ROSTER)
    assert table.rows[0].get("id_number") == number


@pytest.mark.parametrize(
    ("written", "day", "precision"),
    [
        (date(2012, 9, 1), date(2012, 9, 1), Precision.DAY),
        ("2012年9月", date(2012, 9, 1), Precision.MONTH),
        ("2012.09.01", date(2012, 9, 1), Precision.DAY),
        ("２０１２－０９－０１", date(2012, 9, 1), Precision.DAY),
        (2012.09, date(2012, 9, 1), Precision.MONTH),
        (41153, date(2012, 9, 1), Precision.DAY),
        ("20120901", date(2012, 9, 1), Precision.DAY),
        (201209, date(2012, 9, 1), Precision.MONTH),
    ],
)
def test_dates_in_every_usual_writing_are_read(written, day, precision):
    grid = [["姓名", "身份证号", "单位", "入编时间"], ["虞一", NUMBER, "甲局", written]]
    found = parsed(grid, ROSTER).rows[0].get("enlisted_on")
    assert (found.day, found.precision) == (day, precision)


def test_an_unreadable_optional_value_is_a_warning_and_stays_blank():
    grid = [["姓名", "身份证号", "单位", "入编时间", "民族"], ["虞一", NUMBER, "甲局", "去年", "火星族"]]
    table = parsed(grid, ROSTER)
    assert {problem.field for problem in table.warnings} == {"ethnicity", "enlisted_on"}
    assert table.errors == []
    assert "按空白处理" in table.problems[0].message
    assert table.rows[0].get("enlisted_on") is None


def test_birth_and_sex_are_held_against_the_identity_number():
    grid = [["姓名", "身份证号", "单位", "出生年月", "性别"], ["虞一", NUMBER, "甲局", "1987.05", "女"]]
    assert {problem.field for problem in parsed(grid, ROSTER).warnings} == {"birth", "sex"}
    grid[1][3:] = ["1987.06", "男"]
    assert parsed(grid, ROSTER).problems == []


def test_an_approved_total_is_held_against_its_parts():
    grid = [
        ["单位名称", "核定编制", "行政编制", "工勤编制", "编外控制数"],
        ["甲局", 12, 10, 1, 9],
        ["乙局", 11, 10, 1, 9],
    ]
    (problem,) = parsed(grid, ORGANIZATIONS).problems
    assert problem.address == "B2"
    assert "相加为 11" in problem.message


def test_ledger_rows_are_read_wide_and_long():
    wide = [
        ["单位", "文号", "日期", "事由", "行政编制", "", "", "事业编制", "", ""],
        ["", "", "", "", "增", "减", "结存", "增", "减", "结存"],
        ["甲局", "虞编[2020]1号", "2020.1.5", "核增", 2, "", 12, "", 1, 4],
    ]
    row = parsed(wide, LEDGER_HISTORY).rows[0]
    assert row.get("document_number") == "虞编〔2020〕1号"
    assert {key: value for key, value in row.values.items() if "." in key} == {
        "increase.A1": 2,
        "balance.A1": 12,
        "decrease.B": 1,
        "balance.B": 4,
    }
    long = [
        ["单位", "批准文号", "批准时间", "变动类型", "编制类别", "增减数"],
        ["甲局", "虞编〔2020〕1号", "2020-1-5", "核减编制", "全额事业编制", -3],
    ]
    values = parsed(long, LEDGER_HISTORY).rows[0].values
    assert (values["entry_kind"], values["quota_type"], values["delta"]) == ("decrease", "B1", -3)


def test_a_finding_of_the_importing_app_is_placed_at_the_field_and_rejects_the_row():
    table = parsed([PLAN, ["甲局", "综合岗", "1", 1]], STAFFING_PLAN)
    problem = table.report(table.rows[0], "organization", "系统中没有这个单位")
    assert (problem.address, problem.value) == ("A2", "甲局")
    assert table.rejected == table.rows
    assert problem.as_facts()["column"] == "A"


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (ValueKind.TEXT, "  区 教育\n局 ", "区教育局"),
        (ValueKind.LONG_TEXT, " 一\n\n 二 ", "一\n二"),
        (ValueKind.PERSON_NAME, "张 三", "张三"),
        (ValueKind.ORGANIZATION, "区委(区府) 办公室", "区委（区府）办公室"),
        (ValueKind.DOCUMENT_NUMBER, "虞编办（2025）第012号", "虞编办〔2025〕12号"),
        (ValueKind.YES_NO, "√", True),
        (ValueKind.YES_NO, False, False),
        (ValueKind.SIGNED_COUNT, "-3", -3),
        (ValueKind.COUNT, "——", None),
        (ValueKind.CODE, "Ａ－０１", "A-01"),
    ],
)
def test_values_are_normalised_by_kind(kind, written, value):
    assert read_value(written, Field("x", "某项", kind), latest=TODAY).value == value


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (ValueKind.COUNT, "3-5"),
        (ValueKind.COUNT, 2.5),
        (ValueKind.COUNT, "-1"),
        (ValueKind.COUNT, date(2024, 1, 1)),
        (ValueKind.ORGANIZATION, "12"),
        (ValueKind.YES_NO, "也许"),
        (ValueKind.DATE, "2024-02-30"),
        (ValueKind.CREDIT_CODE, "123"),
    ],
)
def test_values_that_cannot_be_meant_are_refused_with_a_reason(kind, written):
    with pytest.raises(ValueProblem) as refused:
        read_value(written, Field("x", "某项", kind), latest=TODAY)
    assert len(str(refused.value)) > 5


def test_closed_lists_refuse_and_open_lists_warn():
    colours = {"红": "red"}
    for closed in (True, False):
        field = Field("x", "颜色", ValueKind.CHOICE, choices=Choices("颜色", colours.get, ("红",), closed))
        assert read_value("红", field).value == "red"
        if closed:
            with pytest.raises(ValueProblem, match="可填：红"):
                read_value("蓝", field)
        else:
            assert "按空白处理" in read_value("蓝", field).remark


def test_a_group_of_which_one_is_needed_is_asked_for_on_every_row():
    kind = ImportKind(
        "x",
        "试",
        "试",
        (
            Field("name", "名称", required=True),
            Field("a", "甲数", ValueKind.COUNT),
            Field("b", "乙数", ValueKind.COUNT),
        ),
        needs_one_of=(("a", "b"),),
    )
    table = parsed([["名称", "甲数", "乙数"], ["一", 1, ""], ["二", "", ""]], kind)
    assert [(problem.row, problem.message) for problem in table.errors] == [(3, "甲数、乙数都没有填写，至少要填一项")]
