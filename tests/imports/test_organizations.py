"""机构及核定编制: a messy table becomes a tree with quotas, once."""

from datetime import date
from typing import Any

import pytest

from bianzhi.audit.models import AuditEntry
from bianzhi.documents.models import ApprovalDocument
from bianzhi.imports.models import Action
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import EntryKind, LedgerEntry, Posting
from bianzhi.ledger.selectors.balances import approved, totals
from bianzhi.organizations.models import Nameplate, Organization, OrganizationVersion
from bianzhi.organizations.models.bodies import BodyKind, InternalBodyVersion
from tests.imports.conftest import TODAY, as_csv, bring_in, check, messages, proved, xlsx

pytestmark = pytest.mark.django_db

HEAD = [
    ["云江区机构编制情况统计表", *[""] * 11],
    ["填报日期：2026年3月", *[""] * 11],
    [
        "序号",
        "单位名称",
        "主管部门",
        "机构类别",
        "事业单位类别",
        "规格",
        "经费形式",
        "核定编制",
        "",
        "",
        "领导职数",
        "",
    ],
    ["", "", "", "", "", "", "", "行政", "事业", "工勤", "正职", "副职"],
]
UNITS: list[list[Any]] = [
    ["一、党委部门", *[""] * 11],
    [1, "区委组织部", "", "党委部门", "", "正科", "全额", "２０", "", 2, 1, 3],
    ["二、政府部门", *[""] * 11],
    [2, "区大数据局", "", "政府工作部门", "", "正科级", "全额拨款", 18, "", "", 1, 3],
    [3, "区信息中心", "区大数据局", "事业单位", "公益二类", "", "差额", "", "9名", "", 1, 1],
    [4, "区国库支付中心", "区大数据局", "事业单位", "参公", "副科", "", "", 12, "", 1, ""],
]
TOTAL = ["合计", *[""] * 6, 38, 21, 2, 4, 7]


def table(*, units=None, total=TOTAL) -> bytes:
    rows = [*HEAD, *(UNITS if units is None else units), *([total] if total else [])]
    return xlsx(("Sheet1", rows), merged=["H3:J3"])


def unit(name: str) -> OrganizationVersion:
    return OrganizationVersion.objects.open_ended().get(name=name)


def quota(name: str) -> dict[str, int]:
    pk = unit(name).organization_id
    return {measure: number for (owner, measure), number in approved([pk], TODAY).items() if owner == pk and number}


def test_units_hang_where_sections_and_departments_say():
    batch = bring_in(table(), "organizations")
    assert batch.result["单位"] == 4
    assert unit("区委组织部").parent == unit("党委部门").organization
    assert unit("党委部门").is_grouping
    centre = unit("区信息中心")
    assert centre.parent == centre.supervising_department == unit("区大数据局").organization
    assert (centre.org_type, centre.institution_class, centre.funding_form) == ("80", "84", "partial")
    assert unit("区委组织部").rank == "141"


def test_quotas_become_opening_entries_that_rest_on_the_register_and_leave_the_reserves_balanced():
    batch = bring_in(table(), "organizations")
    assert quota("区委组织部") == {"A1": 20, "C1": 2, "org_chief": 1, "org_deputy": 3}
    assert quota("区信息中心") == {"B2": 9, "org_chief": 1, "org_deputy": 1}
    assert quota("区国库支付中心") == {"B4": 12, "org_chief": 1}
    assert {number for (kind, _, _), number in totals(TODAY).items() if kind == "reserve"} == {0}
    assert set(LedgerEntry.objects.values_list("kind", flat=True)) == {EntryKind.OPENING, EntryKind.TOTAL_ISSUED}
    assert {entry.document for entry in LedgerEntry.objects.all()} == {batch.document}
    assert batch.document is not None
    assert batch.document.kind == "register"
    assert proved() == []


def test_the_same_file_again_changes_nothing_and_says_so():
    bring_in(table(), "organizations")
    before = (AuditEntry.objects.count(), Posting.objects.count(), ApprovalDocument.objects.count())
    found = check(table(), "organizations")
    assert found.plan.actions == {Action.SAME: 4}
    assert not found.plan.writes
    again = bring_in(table(), "organizations")
    assert again.result == {}
    assert (Posting.objects.count(), ApprovalDocument.objects.count()) == before[1:]
    assert AuditEntry.objects.count() == before[0] + 1, "only the import itself is on record"


def test_different_facts_and_numbers_are_told_and_never_written_over():
    bring_in(table(), "organizations")
    changed = [list(row) for row in UNITS]
    changed[1][5], changed[1][7] = "副科", 25
    found = check(table(units=changed, total=None), "organizations")
    text = messages(found)
    assert "机构规格：登记为“正科（乡）级”，表中为“副科（乡）级”" in text
    assert "行政编制登记为 20，表中为 25" in text
    assert found.table.errors == []
    bring_in(table(units=changed, total=None), "organizations")
    assert quota("区委组织部")["A1"] == 20
    assert unit("区委组织部").rank == "141"


def test_a_total_that_does_not_add_up_is_a_warning():
    wrong = [*TOTAL]
    wrong[7] = 40
    found = check(table(total=wrong), "organizations")
    assert "写 40" in messages(found)
    assert found.table.errors == []
    assert not found.counts()["controls"][0]["agrees"]


def test_one_unit_written_twice_is_an_error_in_the_second_row():
    doubled = [*UNITS, [5, "区委组织部", "", "党委部门", "", "", "", 3, "", "", "", ""]]
    found = check(table(units=doubled, total=None), "organizations")
    assert "是同一单位" in messages(found)
    assert len(found.table.rejected) == 1
    with pytest.raises(Refused, match="整批不导入"):
        bring_in(table(units=doubled, total=None), "organizations")
    assert not Organization.objects.exists()
    bring_in(table(units=doubled, total=None), "organizations", skip_rejected=True)
    assert quota("区委组织部")["A1"] == 20


def test_a_row_for_each_quota_type_makes_one_unit():
    rows = [
        ["单位名称", "机构类别", "编制类型", "核定编制数"],
        ["区教育局", "政府工作部门", "行政编制", 15],
        ["", "", "机关工勤编制", 2],
    ]
    bring_in(as_csv(rows), "organizations", name="教育.csv")
    assert quota("区教育局") == {"A1": 15, "C1": 2}


def test_an_unknown_superior_becomes_a_grouping_and_is_told():
    rows = [["单位名称", "隶属单位", "行政编制"], ["区民政局", "云江区人民政府", 10]]
    found = check(as_csv(rows), "organizations", name="a.csv")
    assert "没有「云江区人民政府」，将作为分组建立" in messages(found)
    bring_in(as_csv(rows), "organizations", name="a.csv")
    assert unit("区民政局").parent == unit("云江区人民政府").organization
    assert unit("云江区人民政府").is_grouping


def test_a_blank_rank_is_not_taken_from_the_unit_above():
    bring_in(table(), "organizations")
    assert unit("区信息中心").rank == ""


def test_nameplates_bodies_and_documents_come_along():
    rows = [
        ["单位名称", "其他名称", "内设机构", "核定行政编制", "批准文号", "批准日期", "设立时间"],
        ["区农业农村局", "区乡村振兴局、区农办", "办公室、种植业科", 22, "云编[2019]8号", "2019.3.15", "2002年5月"],
    ]
    bring_in(as_csv(rows), "organizations", name="a.csv")
    pk = unit("区农业农村局").organization_id
    assert set(Nameplate.objects.values_list("name", flat=True)) == {"区乡村振兴局", "区农办"}
    bodies = InternalBodyVersion.objects.filter(organization=pk)
    assert [(body.name, body.kind) for body in bodies.order_by("sort_order")] == [
        ("领导", BodyKind.LEADERS), ("办公室", BodyKind.INTERNAL), ("种植业科", BodyKind.INTERNAL),
    ]  # fmt: skip
    assert unit("区农业农村局").valid_from == date(2002, 5, 1)
    opening = LedgerEntry.objects.get(kind=EntryKind.OPENING)
    assert (opening.document.doc_no, opening.document.issued_on) == ("云编〔2019〕8号", date(2019, 3, 15))
    assert proved() == []


def test_a_secret_document_keeps_its_row_out():
    rows = [["单位名称", "行政编制", "批准文号"], ["区委保密局", 3, "机密〔2020〕1号"]]
    found = check(as_csv(rows), "organizations", name="a.csv")
    assert "非涉密系统" in messages(found)


def test_quota_a_type_may_not_use_is_taken_over_and_told(cast):
    rows = [["单位名称", "事业编制"], ["测试区财政局", ""], ["测试区审计局", 3]]
    found = check(as_csv(rows), "organizations", name="a.csv")
    assert "R05" in messages(found)
    assert found.table.errors == []
    bring_in(as_csv(rows), "organizations", name="a.csv")
    assert quota("测试区审计局")["B1"] == 3


def test_next_to_a_register_units_are_known_by_code_credit_code_and_short_name(cast):
    rows = [["单位名称", "单位编码", "行政编制"], ["区财政局", "", 10], ["财政局（审计）", "T002", 4]]
    found = check(as_csv(rows), "organizations", name="a.csv")
    assert "create" not in found.plan.actions
    assert "登记为“测试区审计局”" in messages(found)


def test_a_running_number_is_no_code_and_a_name_may_begin_with_a_number(cast):
    rows = [["单位名称", "单位编码", "内设机构", "行政编制"], ["区统计局", "1", "12345热线科、一科、2.二科", 5]]
    bring_in(as_csv(rows), "organizations", name="a.csv")
    assert unit("区统计局").organization.code != "1"
    bodies = InternalBodyVersion.objects.filter(organization=unit("区统计局").organization).order_by("sort_order")
    assert [body.name for body in bodies] == ["领导", "12345热线科", "一科", "二科"]


def test_a_coordination_office_gets_no_quota():
    rows = [["单位名称", "机构类别", "行政编制"], ["区双拥办", "议事协调机构的办事机构", 3]]
    found = check(as_csv(rows), "organizations", name="a.csv")
    assert "R11" in messages(found)
