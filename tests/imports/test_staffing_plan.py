"""用编计划: a province's published table, and other years' with other headings, become plan items of units."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from bianzhi.audit.models import AuditEntry
from bianzhi.imports.models import Action
from bianzhi.organizations.models import Organization, OrganizationVersion
from bianzhi.personnel.models import PlanItem, StaffingPlan
from tests.imports.conftest import as_csv, bring_in, check, messages, proved, xlsx

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "henan-2026-civil-service-posts.xlsx"

pytestmark = pytest.mark.django_db

TITLE = "某省2026年度统一考试录用公务员职位表"
HEAD = ["招录机关（单位）", "职位名称", "职位代码", "招录人数", "学历要求", "备注"]
POSTS: list[list[Any]] = [
    ["中共甲县纪律检查委员会", "一级科员", "11001011", 2, "本科及以上", ""],
    ["甲县城关镇人民政府", "一级科员", "11001012", "３", "大专及以上", "限男性"],
    ["甲县城关镇人民政府", "一级科员（2）", "11001013", 1, "", ""],
    ["甲县统计普查中心（参公）", "一级科员", "11001014", "1人", "", ""],
    ["乙市神秘单位", "一级科员", "11001015", 1, "", ""],
]


def plan(*, posts=None, title=TITLE) -> bytes:
    rows: list[list[Any]] = [
        [title, *[""] * 5],
        ["    本表由各单位编报。", *[""] * 5],
        HEAD,
        *(POSTS if posts is None else posts),
    ]
    return xlsx(("职位", rows))


def version(name: str) -> OrganizationVersion:
    return OrganizationVersion.objects.get(name=name)


def test_posts_become_items_and_unknown_units_hang_under_the_plans_area():
    batch = bring_in(plan(), "staffing-plan")
    assert batch.result == {"用编计划": 1, "计划项": 5, "人数": 8, "单位": 4, "分组": 2}
    made = StaffingPlan.objects.get()
    assert (made.title, made.year, made.source, made.document) == (TITLE, 2026, "表.xlsx", batch.document)
    town = version("甲县城关镇人民政府")
    assert (town.org_type, town.tier) == ("70", "township")
    assert town.parent == version("甲县").organization
    assert version("甲县").parent == version("某省").organization
    assert version("甲县").is_grouping
    assert version("乙市神秘单位").org_type == "90"
    centre = version("甲县统计普查中心")
    assert (centre.org_type, centre.institution_class) == ("80", "81")
    item = PlanItem.objects.get(post_code="11001012")
    assert (item.headcount, item.entry_mode, item.row_number) == (3, "I01", 5)
    assert item.conditions["remark"] == "限男性"
    assert PlanItem.objects.get(post_code="11001014").unit_name == "甲县统计普查中心（参公）"
    assert proved() == []


def test_the_same_plan_again_in_another_format_changes_nothing_and_says_so():
    bring_in(plan(), "staffing-plan")
    entries = AuditEntry.objects.count()
    found = check(plan(), "staffing-plan")
    assert set(found.plan.actions) == {Action.SAME}
    assert bring_in(plan(), "staffing-plan").result == {}
    assert (StaffingPlan.objects.count(), PlanItem.objects.count()) == (1, 5)
    assert AuditEntry.objects.count() == entries + 1


def test_units_of_the_register_are_matched_and_not_made_again(cast):
    posts = [["测试区财政局", "科员", "1", 2, "", ""], ["区审计局", "科员", "2", 1, "", ""]]
    before = Organization.objects.count()
    bring_in(plan(posts=posts), "staffing-plan")
    assert Organization.objects.count() == before
    assert PlanItem.objects.get(post_code="1").organization == cast.bureau
    assert PlanItem.objects.get(post_code="2").organization == cast.audit_office


def test_a_post_for_nobody_is_an_error():
    found = check(plan(posts=[["甲县财政局", "科员", "1", 0, "", ""]]), "staffing-plan")
    assert "人数为 0" in messages(found)
    assert found.counts()["rejected"] == 1


def test_units_of_one_name_in_several_departments_are_told_apart():
    rows: list[list[Any]] = [
        ["主管部门", "招聘单位", "岗位名称", "招聘人数"],
        ["甲县教育局", "机关后勤中心", "会计", 1],
        ["甲县财政局", "机关后勤中心", "出纳", 2],
    ]
    bring_in(as_csv(rows), "staffing-plan", name="2025年甲县事业单位公开招聘计划.csv")
    names = set(PlanItem.objects.values_list("organization__versions__name", flat=True))
    assert names == {"甲县教育局机关后勤中心", "甲县财政局机关后勤中心"}


def test_another_years_table_in_the_old_format_with_other_headings_is_read_as_well():
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("事业单位")
    rows: list[list[Any]] = [
        ["乙市2023年市属事业单位公开招聘工作人员岗位表"],
        ["序号", "主管部门", "用人单位", "岗位名称", "岗位编码", "拟招聘人数", "专业"],
        [1, "乙市卫生健康委员会", "乙市人民医院", "护理", 23001.0, 4, "护理学"],
        [2, "", "", "药剂", 23002.0, 2, "药学"],
        [3, "乙市教育局", "乙市第一中学", "数学", 23003.0, 3, "数学"],
        ["合计", "", "", "", "", 9, ""],
    ]
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            sheet.write(row, column, value)
    buffer = io.BytesIO()
    book.save(buffer)
    found = check(buffer.getvalue(), "staffing-plan", name="2023年岗位表.xls")
    assert found.table.problems == []
    assert found.counts()["headcount"] == 9
    bring_in(buffer.getvalue(), "staffing-plan", name="2023年岗位表.xls")
    made = StaffingPlan.objects.get()
    assert (made.year, made.title) == (2023, "乙市2023年市属事业单位公开招聘工作人员岗位表")
    hospital = version("乙市人民医院")
    assert hospital.org_type == "80"
    assert sum(item.headcount for item in PlanItem.objects.filter(organization=hospital.organization)) == 6
    assert PlanItem.objects.get(post_code="23003").entry_mode == "I03"


def test_title_and_year_can_be_given():
    bring_in(plan(), "staffing-plan", title="甲县进人计划", year=2027)
    assert (StaffingPlan.objects.get().title, StaffingPlan.objects.get().year) == ("甲县进人计划", 2027)


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published workbook is not part of the repository")
def test_a_provinces_published_plan_is_imported_whole_and_its_totals_are_the_sheets_own():
    source = openpyxl.load_workbook(PUBLISHED, read_only=True)
    rows: list[list[Any]] = [
        row for sheet in source for row in sheet.iter_rows(min_row=4, values_only=True) if any(row)
    ]
    batch = bring_in(PUBLISHED.read_bytes(), "staffing-plan", name=PUBLISHED.name)
    items = PlanItem.objects.filter(plan=StaffingPlan.objects.get())
    assert items.count() == len(rows) == batch.counts["accepted"] > 7_500
    assert sum(items.values_list("headcount", flat=True)) == sum(int(row[3]) for row in rows)
    assert batch.counts["rejected"] == batch.counts["errors"] == 0
    units = OrganizationVersion.objects.filter(is_grouping=False).count()
    assert units == len({row[0].strip().replace("（参公）", "") for row in rows})
    assert bring_in(PUBLISHED.read_bytes(), "staffing-plan", name="改名.xlsx").result == {}
    assert PlanItem.objects.count() == len(rows)
    assert proved() == []


def test_posts_that_stand_in_a_plan_of_the_year_are_told_when_a_file_is_put_right_and_imported_again():
    bring_in(plan(posts=POSTS[:2]), "staffing-plan")
    again = check(plan(), "staffing-plan")
    warned = [problem.row for problem in again.table.problems if "重复计入用编计划" in problem.message]
    assert warned == [4, 5]
    next_year = check(plan(title=TITLE.replace("2026", "2027")), "staffing-plan")
    assert "重复计入" not in messages(next_year)
