"""期初登记 and plans: thousands at once, all or nothing; what is wrong today is marked, not hidden."""

import time
from dataclasses import replace
from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.chain import verify_rows
from bianzhi.audit.models import AuditEntry
from bianzhi.common.integrity import findings
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.services import allot, issue_total
from bianzhi.personnel.models import Appointment, DutyPeriod, Movement, Occupancy, Person, PlanItem, StaffingPlan
from bianzhi.personnel.selectors.plans import plan_execution
from bianzhi.personnel.selectors.quota_use import QuotaUse, post_use, quota_use
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest, issue_approval
from bianzhi.personnel.services.engagement_opening import EngagementRow, engage_opening
from bianzhi.personnel.services.opening import OpeningRow, enlist_opening
from bianzhi.personnel.services.plans import PlanFacts, PlanItemFacts, create_plan_with_items
from bianzhi.personnel.services.slots import return_slot
from tests.cast import PERSONNEL_CHECKS, TODAY, Limited, make_unit

IMPORTER = Limited(frozenset({"imports.run"}), "导入员")


def row(cast, organization, quota_type="A1", entered_on=date(2021, 7, 1), **facts):
    person = facts.pop("person", None) or cast.facts()
    return OpeningRow(person, organization.pk, quota_type, entered_on, label=f"第 {cast.people} 行", **facts)


def take_over(cast, rows):
    return enlist_opening(actor=IMPORTER, today=TODAY, document=cast.document, rows=rows)


def test_a_roster_is_taken_over_with_posts_and_duty(cast):
    rows = [
        row(cast, cast.bureau, position="局长", post_level="org_chief", rank_code="141"),
        row(cast, cast.bureau, duty_state="on_quota_off_duty", duty_reason="long_sick_leave"),
        row(cast, cast.school, "B5", duty_state="on_quota_on_duty"),
    ]
    opening = take_over(cast, rows)
    assert [person.name for person in opening.persons] == [each.person.name for each in rows]
    assert quota_use([cast.bureau.pk], TODAY)[cast.bureau.pk, "A1"] == QuotaUse(10, 2, 0)
    assert post_use([cast.bureau.pk], TODAY)[cast.bureau.pk, "org_chief"] == QuotaUse(1, 1, 0)
    assert DutyPeriod.objects.get().reason == "long_sick_leave"
    assert set(Movement.objects.values_list("family", flat=True)) == {"opening"}
    assert AuditEntry.objects.get(action="personnel.opening_registered").seals.count() == 11
    assert OutboxMessage.objects.filter(topic="personnel.opening_registered").count() == 1
    assert list(verify_rows()) == []
    assert findings(PERSONNEL_CHECKS) == []


def test_people_beyond_the_number_are_marked_the_latest_first(cast):
    days = [date(2020, 5, 1), date(2023, 5, 1), date(2021, 5, 1), date(2022, 5, 1), date(2024, 5, 1)]
    opening = take_over(cast, [row(cast, cast.audit_office, entered_on=day) for day in days])
    assert [occupancy.over_quota for occupancy in opening.occupancies] == [False, False, False, False, True]
    assert opening.over_quota == 1
    use = quota_use([cast.audit_office.pk], TODAY)[cast.audit_office.pk, "A1"]
    assert (use.over, use.vacant) == (1, 0)
    assert findings(PERSONNEL_CHECKS) == []


def test_leaders_beyond_the_posts_are_marked(cast):
    rows = [row(cast, cast.bureau, position="局长", post_level="org_chief") for _ in range(2)]
    take_over(cast, rows)
    assert sorted(Appointment.objects.values_list("exceeds_posts", flat=True)) == [False, True]


def test_misuse_that_exists_is_taken_over_and_remarked(cast):
    opening = take_over(cast, [row(cast, cast.bureau, "B5")])
    assert [remark.code for remark in opening.remarks] == ["R05"]
    assert opening.occupancies[0].over_quota


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"entry_mode": "X"}, "D1"), ({"post_level": "king"}, "D1"), ({"duty_state": "retired"}, "D1"),
        ({"entered_on": date(2027, 1, 1)}, "D3"), ({"organization_id": 999_999}, "L1"),
    ],
)  # fmt: skip
def test_one_impossible_row_keeps_the_whole_roster_out(cast, changes, code):
    with pytest.raises(Refused, match="第 2 行") as refused:
        take_over(cast, [row(cast, cast.bureau), replace(row(cast, cast.bureau), **changes)])
    assert refused.value.codes == [code]
    assert not Person.objects.exists()
    assert not Occupancy.objects.exists()


def test_nobody_is_taken_over_twice(cast):
    first = row(cast, cast.bureau)
    with pytest.raises(Refused, match="重复") as refused:
        take_over(cast, [first, row(cast, cast.audit_office, person=first.person)])
    assert refused.value.codes == ["R04"]
    take_over(cast, [first])
    with pytest.raises(Refused, match="已在编"):
        take_over(cast, [first])


def test_somebody_known_who_has_left_is_taken_over_as_the_same_person(cast):
    gone = cast.member(cast.bureau, on=date(2024, 5, 6))
    person = gone.person
    cast.leave(gone, on=date(2025, 5, 6), today=date(2025, 5, 6))
    facts = replace(cast.facts(person.name, born=person.born_on), id_number=person.id_number)
    opening = take_over(cast, [row(cast, cast.audit_office, person=facts, entered_on=date(2025, 6, 1))])
    assert opening.persons[0].pk == person.pk


def test_taking_over_needs_the_permission(cast):
    with pytest.raises(Denied):
        enlist_opening(actor=cast.outsider, today=TODAY, document=cast.document, rows=[row(cast, cast.bureau)])


def test_queries_grow_by_batches_not_by_rows(cast, django_assert_max_num_queries):
    rows = [row(cast, cast.school, "B5") for _ in range(120)]
    with django_assert_max_num_queries(60):
        take_over(cast, rows)


@pytest.mark.slow
def test_twenty_thousand_people_are_taken_over_in_a_minute(cast):
    """In a hundred units, as in a district; processor time, since the machine may have other work."""
    basis = cast.basis(upper=True)
    issue_total(actor=cast.office, basis=basis, measure="B5", tier="district", amount=20_000)
    schools = [
        make_unit(
            actor=cast.office, code=f"X{n:03}", name=f"测试区第{n}学校", document=cast.document, org_type="80",
            institution_class="83",
        )
        for n in range(100)
    ]  # fmt: skip
    for school in schools:
        allot(actor=cast.office, basis=cast.basis(), organization_id=school.pk, amounts={"B5": 200})
    rows = [row(cast, schools[n % 100], "B5") for n in range(20_000)]
    started = time.process_time()
    take_over(cast, rows)
    assert time.process_time() - started < 60
    assert sum(use.occupied for use in quota_use(None, TODAY).values()) == 20_000


def plan(cast, *items, digest="a" * 64):
    facts = PlanFacts(title="2026年公务员招录计划", year=2026, source_digest=digest, source="计划.xlsx")
    return create_plan_with_items(actor=IMPORTER, today=TODAY, plan=facts, items=items)


def test_a_plan_is_registered_once_however_often_its_file_comes(cast):
    item = PlanItemFacts(cast.bureau.pk, "测试区财政局", 3, post_name="预算管理", quota_type="A1", entry_mode="I01")
    created = plan(cast, item, replace(item, headcount=2, post_name="国库管理"))
    assert plan(cast, item) == created
    assert PlanItem.objects.count() == 2
    assert AuditEntry.objects.get(action="personnel.plan_created").seals.count() == 3
    assert OutboxMessage.objects.filter(topic="personnel.plan_created").exists()


def test_a_plan_without_people_is_refused(cast):
    with pytest.raises(Refused):
        plan(cast)
    with pytest.raises(Refused, match="没有人数"):
        plan(cast, PlanItemFacts(cast.bureau.pk, "测试区财政局", 0))
    with pytest.raises(Denied):
        create_plan_with_items(
            actor=cast.outsider, today=TODAY, plan=PlanFacts("计划", 2026, "b" * 64),
            items=[PlanItemFacts(cast.bureau.pk, "测试区财政局", 1)],
        )  # fmt: skip
    assert not StaffingPlan.objects.exists()


def test_the_execution_of_a_plan_counts_what_slips_did(cast):
    created = plan(cast, PlanItemFacts(cast.bureau.pk, "测试区财政局", 5))
    order = ApprovalOrder(
        organization_id=cast.bureau.pk, requests=[SlotRequest("A1", "I01", 3)], plan_item=created.items.get()
    )
    slots = issue_approval(actor=cast.office, today=TODAY, order=order).slots
    cast.enlist(slots[0])
    return_slot(actor=cast.office, today=TODAY, slot_id=slots[1].pk, reason="计划取消")
    (execution,) = plan_execution(created)
    assert (execution.planned, execution.approved, execution.used, execution.lapsed) == (5, 3, 1, 1)
    assert (execution.left, execution.percent) == (3, 20)


def test_the_excess_may_stand_anywhere_in_the_roster(cast):
    """The database judges each statement as a whole, so marked rows are inserted after all others."""
    days = [date(2024, 5, 1), *(date(2020, 5, day) for day in range(1, 5))]
    opening = take_over(cast, [row(cast, cast.audit_office, entered_on=day) for day in days])
    assert [occupancy.over_quota for occupancy in opening.occupancies] == [True, False, False, False, False]


def test_people_beside_the_quota_are_taken_over_with_their_excess_marked(cast):
    rows = [EngagementRow(cast.facts(), cast.bureau.pk, "E2", date(2023 - n, 5, 1)) for n in range(3)]
    engaged = engage_opening(actor=IMPORTER, today=TODAY, document=cast.document, rows=rows)
    assert [engagement.over_cap for engagement in engaged] == [True, False, False]
    with pytest.raises(Refused):
        engage_opening(actor=IMPORTER, today=TODAY, document=cast.document, rows=rows[:1])
    assert quota_use([cast.bureau.pk], TODAY)[cast.bureau.pk, "E2"] == QuotaUse(2, 3, 0)
    assert findings(PERSONNEL_CHECKS) == []


def test_whoever_is_employed_beside_the_quota_is_not_taken_over_onto_it(cast):
    facts = cast.facts()
    employment = [EngagementRow(facts, cast.bureau.pk, "E2", date(2022, 1, 1))]
    engage_opening(actor=IMPORTER, today=TODAY, document=cast.document, rows=employment)
    with pytest.raises(Refused, match="已有未结束的编外（员额）用工") as refused:
        take_over(cast, [row(cast, cast.audit_office, person=facts), row(cast, cast.audit_office)])
    assert refused.value.codes == ["R04"]
    assert not Occupancy.objects.exists()
