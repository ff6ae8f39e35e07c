"""Headers: where they are found, what they are joined to, which columns they give."""

from datetime import date

import pytest

from bianzhi.common.tabular.parsing import parse
from bianzhi.common.tabular.recognising import best_kind, corrected, recognise, remember
from bianzhi.common.tabular.recognition import Basis, Role
from bianzhi.imports.recognition.kinds import KINDS, ORGANIZATIONS, ROSTER, STAFFING_PLAN
from bianzhi.kernel.identifiers.id_number import make_id_number

from .tables import opened, parsed

PLAN = ["用人单位", "岗位名称", "岗位代码", "招聘人数"]
ROWS = [["甲局", "综合岗", "001", 1], ["乙局", "财务岗", "002", 2]]


def recognised(grid, kind=STAFFING_PLAN, **options):
    return recognise(opened({"表": grid}, **options), kind).sheets[0]


@pytest.mark.parametrize("above", [0, 1, 6, 20])
def test_the_header_is_found_below_any_number_of_title_and_note_rows(above):
    titles = [
        ["某某区 2026 年事业单位公开招聘计划表"],
        ["说明：本表由各主管部门填报，招聘人数以备案为准"],
        [],
        ["单位：人"],
        ["附件 1"],
        [],
    ]
    grid = [*(titles * 4)[:above], PLAN, *ROWS]
    found = recognised(grid)
    assert found.header_row == above + 1
    assert set(found.fields) == {"organization", "post_name", "post_code", "headcount"}


def test_a_header_over_two_rows_with_merged_cells_is_joined():
    grid = [
        ["某区机构编制一览表", "", "", "", "", "", ""],
        ["单位名称", "核定编制", "", "", "领导职数", "", "备注"],
        ["", "行政", "全额事业", "工勤", "正职", "副职", ""],
        ["甲局", 20, 5, 1, 1, 3, ""],
    ]
    merged = [(0, 0, 0, 6), (1, 0, 2, 0), (1, 1, 1, 3), (1, 4, 1, 5), (1, 6, 2, 6)]
    table = parsed({"表": grid}, ORGANIZATIONS, merged={"表": merged})
    assert table.rows[0].values == {
        "name": "甲局",
        "approved.A1": 20,
        "approved.B1": 5,
        "approved.C1": 1,
        "posts.org_chief": 1,
        "posts.org_deputy": 3,
    }
    assert table.sheets[0].recognition.columns[1].heading == "核定编制·行政"


def test_group_labels_that_are_not_merged_reach_the_columns_to_their_right():
    grid = [
        ["单位名称", "核定编制", "", "实有人数", "", "备注"],
        ["", "行政编制", "事业编制", "行政编制", "事业编制", ""],
        ["甲局", 20, 5, 18, 4, ""],
    ]
    assert parsed(grid, ORGANIZATIONS).rows[0].values == {
        "name": "甲局",
        "approved.A1": 20,
        "approved.B": 5,
        "actual.A1": 18,
        "actual.B": 4,
    }


def test_a_header_over_three_rows_is_joined():
    grid = [
        ["机构名称", "编制情况", "", "", ""],
        ["", "核定编制", "", "实有人数", ""],
        ["", "行政", "事业", "行政", "事业"],
        ["甲局", 10, 2, 9, 2],
    ]
    merged = [(0, 0, 2, 0), (0, 1, 0, 4), (1, 1, 1, 2), (1, 3, 1, 4)]
    values = parsed({"表": grid}, ORGANIZATIONS, merged={"表": merged}).rows[0].values
    assert values == {"name": "甲局", "approved.A1": 10, "approved.B": 2, "actual.A1": 9, "actual.B": 2}


def test_actual_numbers_are_never_taken_for_approved_ones():
    grid = [["单位", "行政编制", "实有行政编制人数", "空编"], ["甲局", 10, 8, 2]]
    assert parsed(grid, ORGANIZATIONS).rows[0].values == {"name": "甲局", "approved.A1": 10, "actual.A1": 8}


def test_full_time_and_in_service_schooling_are_told_apart_by_the_row_above():
    grid = [
        ["姓名", "身份证号", "单位", "全日制教育", "", "在职教育", ""],
        ["", "", "", "学历", "学位", "学历", "学位"],
        ["虞一", "330699198706051233", "甲局", "大学本科", "学士", "在职研究生", "硕士"],
    ]
    merged = [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 4), (0, 5, 0, 6)]
    fields = recognised(grid, ROSTER, merged={"表": merged}).fields
    assert [
        fields[key] for key in ("schooling_full_time", "degree_full_time", "schooling_in_service", "degree_in_service")
    ] == [
        3,
        4,
        5,
        6,
    ]


def test_the_supervising_office_and_the_employing_unit_are_told_apart():
    both = recognised([["招录机关", "用人单位", "职位名称", "招录人数"], ["区法院", "人民法庭", "书记员", 1]])
    assert (both.fields["supervising_department"], both.fields["organization"]) == (0, 1)
    alone = recognised([["招录机关", "职位名称", "招录人数"], ["区法院", "书记员", 1]])
    assert alone.fields["organization"] == 0


def test_column_order_does_not_matter_and_unknown_columns_are_left_alone():
    grid = [["招聘人数", "内部流水", "岗位代码", "用人单位", "岗位名称"], [2, "x", "0007", "甲局", "综合岗"]]
    found = recognised(grid)
    assert found.fields == {"headcount": 0, "post_code": 2, "organization": 3, "post_name": 4}
    assert found.columns[1].field == ""


def test_stars_line_breaks_brackets_and_full_width_letters_in_headings_do_not_matter():
    grid = [
        ["*用人单位\n（全称）", "岗 位 名 称", "招聘人数（单位：人）", "岗位代码【文本】"],
        ["甲局", "综合岗", 1, "01"],
    ]
    assert set(recognised(grid).fields) == {"organization", "post_name", "headcount", "post_code"}


def test_a_heading_nobody_foresaw_is_taken_by_resemblance_and_marked_as_doubtful():
    found = recognised([["用人单位", "岗位名称", "本次计划招聘总人数"], ["甲局", "综合岗", 3]])
    column = found.columns[2]
    assert column.field == "headcount"
    assert column.basis is Basis.RESEMBLANCE
    assert "请确认" in column.doubt


def test_a_count_is_never_put_on_a_quota_type_by_mere_resemblance():
    grid = [["单位名称", "行政编制", "部分行政类编制", "领导职数内设机构"], ["甲局", 10, 3, 6]]
    assert parsed(grid, ORGANIZATIONS).rows[0].values == {"name": "甲局", "approved.A1": 10}


def test_a_column_of_identity_numbers_is_found_by_its_values():
    grid = [
        ["姓名", "所在单位", "号码"],
        ["虞一", "甲局", "330699198706051233"],
        ["虞二", "甲局", "330699197302150012"],
    ]
    found = recognised(grid, ROSTER)
    assert found.columns[2].field == "", "both numbers fail their checksum"
    sound = [
        [*grid[0]],
        *[[name, unit, number] for (name, unit, _), number in zip(grid[1:], sound_numbers(), strict=True)],
    ]
    column = recognised(sound, ROSTER).columns[2]
    assert (column.field, column.basis) == ("id_number", Basis.VALUES)


def sound_numbers() -> list[str]:
    return [make_id_number("330699", date(1987, 6, 5), 1).value, make_id_number("330699", date(1973, 2, 15), 2).value]


def test_a_heading_whose_column_holds_something_else_is_doubted():
    grid = [["用人单位", "岗位名称", "人数"], ["甲局", "综合岗", "若干"], ["乙局", "综合岗", "待定"]]
    assert "内容多数读不成" in recognised(grid).columns[2].doubt


def test_two_columns_for_one_field_are_reported():
    found = recognised([["用人单位", "岗位名称", "招聘人数", "计划数"], ["甲局", "综合岗", 1, 1]])
    assert found.fields["headcount"] == 2
    assert "已采用 C 列" in found.columns[3].doubt


def test_cover_sheets_notes_and_code_lists_are_not_read():
    sheets = {
        "封面": [["某区招聘计划"], ["二〇二六年三月"]],
        "计划": [PLAN, *ROWS],
        "填表说明": [PLAN, ["单位全称", "岗位", "代码", "整数"]],
        "续表": [["用人单位", "招聘人数"], ["丙局", 3]],
        "空": [],
    }
    roles = [sheet.role for sheet in recognise(opened(sheets), STAFFING_PLAN).sheets]
    assert roles == [Role.NOTES, Role.TABLE, Role.NOTES, Role.TABLE, Role.EMPTY]
    assert [row.get("organization") for row in parsed(sheets, STAFFING_PLAN).rows] == ["甲局", "乙局", "丙局"]


def test_a_sheet_without_the_needed_columns_says_which_are_missing():
    table = parsed([["用人单位", "岗位名称"], ["甲局", "综合岗"], ["乙局", "财务岗"]], STAFFING_PLAN)
    assert table.sheets[0].recognition.role is Role.UNRECOGNISED
    assert table.rows == []
    assert "缺少：人数" in table.errors[0].message


def test_the_kind_of_a_file_is_guessed_from_its_columns():
    grids = {
        "staffing-plan": [PLAN, *ROWS],
        "roster": [["姓名", "性别", "身份证号", "单位", "编制类型"], ["虞一", "男", "x", "甲局", "行政编制"]],
        "organizations": [["单位名称", "机构规格", "核定行政编制", "领导职数"], ["甲局", "正科级", 10, 4]],
        "ledger-history": [
            ["单位", "文号", "日期", "事由", "增", "减", "结存"],
            ["甲局", "虞编〔2020〕1号", "2020-01-02", "x", 1, 0, 9],
        ],
    }
    for key, grid in grids.items():
        guess = best_kind(opened({"表": grid}), KINDS.values())
        assert guess is not None
        assert guess.kind.key == key


def test_a_person_may_correct_columns_header_and_sheets():
    workbook = opened({"表": [["甲类", "乙类", "丙类"], ["甲局", "综合岗", 2], ["乙局", "财务岗", 1]]})
    first = recognise(workbook, STAFFING_PLAN)
    assert first.tables == ()
    placed = corrected(
        first, workbook, sheet="表", header=(1, 1), fields={0: "organization", 1: "post_name", 2: "headcount"}
    )
    assert placed.sheet("表").role is Role.TABLE
    assert placed.sheet("表").columns[0].basis is Basis.CHOSEN
    assert corrected(placed, workbook, sheet="表", skip=True).tables == ()
    with pytest.raises(ValueError, match="被指定给了两列"):
        corrected(placed, workbook, sheet="表", fields={0: "headcount", 2: "headcount"})
    with pytest.raises(ValueError, match="没有名为"):
        corrected(placed, workbook, sheet="表", fields={0: "nonsense"})


def test_giving_a_field_to_another_column_takes_it_from_the_first():
    workbook = opened({"表": [[*PLAN, "备选数"], ["甲局", "综合岗", "01", 1, 5]]})
    changed = corrected(recognise(workbook, STAFFING_PLAN), workbook, sheet="表", fields={4: "headcount"})
    assert changed.sheet("表").fields["headcount"] == 4


def test_a_correction_is_remembered_for_the_next_file_with_the_same_headings():
    grid = [["甲类", "乙类", "丙类"], ["甲局", "综合岗", 2]]
    workbook = opened({"表": grid})
    chosen = corrected(
        recognise(workbook, STAFFING_PLAN),
        workbook,
        sheet="表",
        header=(1, 1),
        fields={0: "organization", 1: "post_name", 2: "headcount"},
    ).sheet("表")
    saved = {chosen.signature: remember(chosen)}
    next_month = opened({"二月": [["某区"], *grid[:1], ["丙局", "财务岗", 1]]})
    known = recognise(next_month, STAFFING_PLAN, remembered=saved)
    assert known.sheets[0].header_row == 2
    assert [column.basis for column in known.sheets[0].columns] == [Basis.REMEMBERED] * 3
    assert parse(next_month, known).rows[0].values == {"organization": "丙局", "post_name": "财务岗", "headcount": 1}
    assert recognise(next_month, STAFFING_PLAN).tables == ()
