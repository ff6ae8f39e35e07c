"""人员花名册: people taken over as they are, nobody twice, nothing repaired by guessing."""

from datetime import date
from typing import Any

import pytest

from bianzhi.audit.models import AuditEntry
from bianzhi.imports.models import Action
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.models import Appointment, DutyPeriod, Engagement, Movement, Occupancy, Person, PersonChange
from bianzhi.personnel.services.engagement_opening import EngagementRow, engage_opening
from tests.imports.conftest import OFFICE, TODAY, as_csv, bring_in, check, id_number, messages, proved, xlsx

pytestmark = pytest.mark.django_db

HEAD = [
    "单位", "姓名", "身份证号", "性别", "出生年月", "编制类别",
    "科室", "职务", "人员分类", "入编时间", "学历", "人员状态",
]  # fmt: skip
PEOPLE: list[list[Any]] = [
    ["测试区财政局", "张 三", id_number(1), "男", "1987.06", "行政编制",
     "预算科", "科长", "内设机构正职", "2021年9月", "本科", "在岗"],
    ["", "李四", id_number(3), "男", "1987年6月", "行政",
     "测试区财政局", "局长", "部门正职", 20220701, "研究生", ""],
    ["测试区第一小学", "王𠅤", id_number(2), "女", "", "教职工编制", "", "", "", "2020.8", "", "试用期"],
    ["测试区测试镇", "买买提·艾力", id_number(5), "", "", "行政编制", "党政办", "", "", "", "", "内退"],
]  # fmt: skip


def roster(*, people=None) -> bytes:
    title = ["测试区在编人员花名册", *[""] * 11]
    return xlsx(("在编人员", [title, HEAD, *(PEOPLE if people is None else people)]))


def person(name: str) -> Person:
    return Person.objects.get(name=name)


def test_people_are_taken_over_with_unit_body_post_and_state(cast):
    batch = bring_in(roster(), "roster")
    assert batch.result["在编人员"] == 4
    zhang = Occupancy.objects.get(person=person("张三"))
    assert zhang.organization == cast.bureau
    assert zhang.internal_body == cast.finance_section
    assert (zhang.quota_type, zhang.entry_mode, zhang.valid_from) == ("A1", "I99", date(2021, 9, 1))
    assert zhang.entry_document == batch.document
    assert not zhang.over_quota
    assert Appointment.objects.get(person=person("张三")).post_level == "body_chief"
    assert person("王𠅤").sex == "2", "a character beyond the BMP survives; sex comes from the number"
    assert DutyPeriod.objects.get(person=person("王𠅤")).state == "on_quota_probation"
    assert DutyPeriod.objects.get(person=person("买买提·艾力")).reason == "other"
    assert Movement.objects.filter(family="opening").count() == 4
    assert proved() == []


def test_a_body_column_that_repeats_the_unit_means_its_leaders_and_a_new_body_is_set_up(cast):
    found = check(roster(), "roster")
    assert "还没有内设机构「党政办」" in messages(found)
    bring_in(roster(), "roster")
    body = Occupancy.objects.get(person=person("李四")).internal_body
    assert body is not None
    assert body.versions.get().name == "领导"
    office = Occupancy.objects.get(person=person("买买提·艾力")).internal_body
    assert office is not None
    assert office.versions.get().name == "党政办"


def test_the_same_roster_again_changes_nothing_and_says_so(cast):
    bring_in(roster(), "roster")
    entries = AuditEntry.objects.count()
    found = check(roster(), "roster")
    assert set(found.plan.actions) == {Action.SAME}
    assert bring_in(roster(), "roster").result == {}
    assert Occupancy.objects.count() == 4
    assert AuditEntry.objects.count() == entries + 1


def test_soft_fields_are_updated_only_when_asked_for_and_locked_ones_never(cast):
    bring_in(roster(), "roster")
    changed = [list(row) for row in PEOPLE]
    changed[0][10], changed[0][9] = "研究生", "2023年1月"
    found = check(roster(people=changed), "roster")
    assert "全日制学历与登记不同" in messages(found)
    assert "入编时间：登记为 2021-09-01，表中为 2023年1月" in messages(found)
    bring_in(roster(people=changed), "roster")
    assert person("张三").schooling_full_time == "20"
    bring_in(roster(people=changed), "roster", update_soft=True)
    assert person("张三").schooling_full_time != "20"
    assert PersonChange.objects.get().field == "schooling_full_time"
    assert Occupancy.objects.get(person=person("张三")).valid_from == date(2021, 9, 1)


def test_one_number_twice_in_the_file_is_refused_at_the_second_row(cast):
    found = check(roster(people=[*PEOPLE, ["测试区审计局", "赵六", id_number(1), *[""] * 9]]), "roster")
    assert [problem.row for problem in found.table.errors] == [7]
    assert "R04" in messages(found)
    assert "张三" in messages(found)


def test_somebody_on_quota_elsewhere_is_refused(cast):
    bring_in(roster(), "roster")
    found = check(roster(people=[["测试区审计局", "张三", id_number(1), *[""] * 9]]), "roster")
    assert "已在“测试区财政局”占编" in messages(found)
    assert len(found.table.rejected) == 1


def test_a_known_number_under_another_name_is_refused(cast):
    bring_in(roster(), "roster")
    found = check(roster(people=[["测试区财政局", "张三丰", id_number(1), *[""] * 9]]), "roster")
    assert "身份证号已登记为“张三”" in messages(found)


def test_an_unknown_unit_is_refused_with_the_nearest_names(cast):
    found = check(roster(people=[["测试区财政厅", "赵六", id_number(7), *[""] * 9]]), "roster")
    assert "名称相近的有：测试区财政局" in messages(found)


def test_a_number_damaged_by_the_spreadsheet_is_reported_and_not_repaired(cast):
    found = check(roster(people=[["测试区财政局", "赵六", 330699198706051000, *[""] * 9]]), "roster")
    assert "损坏" in messages(found)
    assert found.table.accepted == []


def test_people_beyond_the_number_are_taken_over_as_excess_the_latest_first(cast):
    blank = [""] * 3
    people = [
        [
            "测试区审计局",
            f"人员{'一二三四五六'[n]}",
            id_number(11 + 2 * n),
            "",
            "",
            "行政编制",
            *blank,
            f"{2020 + n}-01-01",
        ]
        for n in range(6)
    ]
    found = check(roster(people=people), "roster")
    assert "还有 4 名空额，本表有 6 人，超出 2 人" in messages(found)
    assert found.table.errors == []
    assert bring_in(roster(people=people), "roster").result["其中超编在册"] == 2
    over = Occupancy.objects.filter(over_quota=True).values_list("person__name", flat=True)
    assert set(over) == {"人员五", "人员六"}
    assert proved() == []


def test_blank_quota_type_follows_the_unit_and_entry_before_the_unit_is_told(cast):
    people = [["测试区第一小学", "赵六", id_number(7), "", "", "", "", "", "", "2010-01-01", "", ""]]
    found = check(roster(people=people), "roster")
    assert "没有写编制类别，按单位类别登记为事业编制（全额）" in messages(found)
    assert "早于单位设立时间 2020-01-01" in messages(found)
    bring_in(roster(people=people), "roster")
    assert Occupancy.objects.get().valid_from == date(2020, 1, 1)


def test_people_outside_the_quota_count_against_their_control_number(cast):
    people = [
        ["测试区财政局", "编外一", id_number(21), "", "", "编外", "", "驾驶员", "", "2023-01-01", "", ""],
        ["测试区财政局", "编外二", id_number(23), "", "", "", "", "", "", "2023-02-01", "", "编外"],
        ["测试区财政局", "编外三", id_number(25), "", "", "编外", "", "", "", "2023-03-01", "", ""],
        ["测试区第一小学", "员额一", id_number(27), "", "", "员额", "", "", "", "2023-01-01", "", ""],
    ]
    assert bring_in(roster(people=people), "roster").result["员额和编外人员"] == 4
    assert dict(Engagement.objects.values_list("person__name", "over_cap")) == {
        "编外一": False, "编外二": False, "编外三": True, "员额一": False,
    }  # fmt: skip
    assert not Occupancy.objects.exists()
    assert proved() == []
    assert set(check(roster(people=people), "roster").plan.actions) == {Action.SAME}


def test_retired_and_borrowed_people_are_not_put_on_quota(cast):
    people = [
        ["测试区财政局", "退休人", id_number(31), "", "", "", "", "", "", "1990-01-01", "", "退休"],
        ["测试区财政局", "借来人", id_number(33), "", "", "", "", "", "", "2023-01-01", "", "借入"],
    ]
    found = check(roster(people=people), "roster")
    assert found.plan.actions == {Action.SKIP: 2}
    assert not found.plan.writes


@pytest.mark.parametrize("state", ["借入", "退休"])
def test_a_row_that_takes_no_place_does_not_stand_in_the_way_of_the_one_that_does(cast, state):
    people = [
        ["测试区财政局", "两处人", id_number(35), "", "", "", "", "", "", "2023-01-01", "", state],
        ["测试区审计局", "两处人", id_number(35), "", "", "行政编制", "", "", "", "2021-01-01", "", "在编在岗"],
    ]
    found = check(roster(people=people), "roster")
    assert found.table.errors == []
    assert found.plan.actions == {Action.SKIP: 1, Action.CREATE: 1}


def test_somebody_who_left_before_may_come_again_but_not_into_the_same_days(cast):
    member = cast.member(cast.audit_office)
    cast.leave(member)
    number = str(member.person.id_number)
    early = [["测试区财政局", member.person.name, number, "", "", "行政编制", "", "", "", "2020-05-01", "", ""]]
    assert "占编期间不能重叠" in messages(check(roster(people=early), "roster"))


def test_a_unit_named_above_the_table_is_the_unit_of_every_row(cast):
    rows = [["填报单位：测试区财政局", "", ""], ["姓名", "身份证号", "编制类别"], ["张三", id_number(1), "行政编制"]]
    bring_in(as_csv(rows), "roster", name="财政.csv")
    assert Occupancy.objects.get().organization == cast.bureau


def test_engage_opening_refuses_somebody_on_quota(cast):
    member = cast.member(cast.bureau)
    row = EngagementRow(
        person=cast.facts(), organization_id=cast.bureau.pk, kind="E2", since=date(2023, 1, 1), label="第 2 行"
    )
    engage_opening(actor=OFFICE, today=TODAY, document=cast.document, rows=[row])
    on_quota = EngagementRow(
        person=type(row.person)(name=member.person.name, id_number=str(member.person.id_number)),
        organization_id=cast.bureau.pk,
        kind="E2",
        since=date(2023, 1, 1),
    )
    with pytest.raises(Refused, match="R04"):
        engage_opening(actor=OFFICE, today=TODAY, document=cast.document, rows=[on_quota])
