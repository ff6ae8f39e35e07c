"""What personnel answers before the ledger cuts a number or a unit is abolished (R02, R09, R22, L1)."""

from datetime import date

import pytest

from bianzhi.kernel.objections import Refused
from bianzhi.ledger.selectors.balances import approved
from bianzhi.ledger.services import abolish_unit_quota, allot, allot_to_body, reduce, reverse_entry, set_posts
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.objections import Proposal, to_proposal
from bianzhi.organizations.services import correct_version
from bianzhi.personnel.jobs.expiry import expire_slots
from bianzhi.personnel.models import ApprovalSlot, SlotState
from bianzhi.personnel.selectors.expiring import slots_expiring
from bianzhi.personnel.selectors.slots import usable_slots
from bianzhi.personnel.services.appointments import AppointmentOrder, appoint
from bianzhi.personnel.services.engagements import EngagementOrder, engage
from bianzhi.personnel.services.persons import register_person
from bianzhi.personnel.services.transfers import InternalOrder, reassign_body
from tests.cast import TODAY


def cut(cast, organization, measure, amount, day=TODAY, **facts):
    return reduce(
        actor=cast.office, basis=cast.basis(day), organization_id=organization.pk, amounts={measure: amount}, **facts
    )


def test_a_number_is_not_cut_below_people_and_slots(cast):
    cast.fill(cast.audit_office, "A1", 2)
    cast.approve(cast.audit_office)
    with pytest.raises(Refused, match="低于实有 2 名与预占 1 名之和") as refused:
        cut(cast, cast.audit_office, "A1", 2)
    assert refused.value.codes == ["R02"]
    cut(cast, cast.audit_office, "A1", 1)


def test_a_cut_ahead_counts_who_will_still_be_there(cast):
    people = cast.fill(cast.audit_office, "A1", 4)
    cast.leave(people[0], "O01", on=date(2026, 5, 10))
    with pytest.raises(Refused):
        cut(cast, cast.audit_office, "A1", 1, day=date(2026, 5, 31))
    cut(cast, cast.audit_office, "A1", 1, day=date(2026, 6, 1))


def given_in_2021(cast):
    """审计局 has 4 A1 from 2020 on and 2 more from March 2021 on."""
    basis = cast.basis(date(2021, 3, 1))
    return allot(actor=cast.office, basis=basis, organization_id=cast.audit_office.pk, amounts={"A1": 2})


def changed_hands(cast, count):
    """So many people enter in April 2021 and leave by June 2022; as many come after them."""
    first = cast.fill(cast.audit_office, "A1", count, on=date(2021, 4, 1))
    for person in first:
        cast.leave(person, "O01", on=date(2022, 5, 10), today=date(2022, 5, 10))
    return cast.fill(cast.audit_office, "A1", count, on=date(2022, 6, 1))


def taken_back(cast, entry):
    return reverse_entry(actor=cast.office, entry=entry, document=cast.document, reason="数额登记有误")


def test_who_left_and_who_came_after_do_not_add_up_when_an_old_number_is_taken_back(cast):
    entry = given_in_2021(cast)
    changed_hands(cast, 4)
    taken_back(cast, entry)
    assert approved([cast.audit_office.pk], TODAY)[cast.audit_office.pk, "A1"] == 4


def test_a_past_day_on_which_more_were_there_forbids_it_though_fewer_are_there_now(cast):
    entry = given_in_2021(cast)
    people = changed_hands(cast, 5)
    for person in people:
        cast.leave(person, "O01", on=date(2023, 5, 10), today=date(2023, 5, 10))
    with pytest.raises(Refused, match="在 2021-04-01 将为 4 名，低于实有 5 名与预占 0 名之和") as refused:
        taken_back(cast, entry)
    assert refused.value.codes == ["R02"]


def test_a_slot_reserved_now_needs_its_place_from_today_on_and_not_in_the_past(cast):
    entry = given_in_2021(cast)
    people = changed_hands(cast, 4)
    cast.leave(people[0], "O01", on=date(2023, 5, 10), today=date(2023, 5, 10))
    cast.approve(cast.audit_office)
    taken_back(cast, entry)
    assert approved([cast.audit_office.pk], TODAY)[cast.audit_office.pk, "A1"] == 4
    with pytest.raises(Refused, match="低于实有 3 名与预占 1 名之和"):
        cut(cast, cast.audit_office, "A1", 1)


def test_posts_and_caps_are_not_cut_below_their_people(cast):
    member = cast.member(cast.bureau)
    order = AppointmentOrder(
        member.person_id, cast.bureau.pk, "局长", TODAY, cast.document, post_level="org_chief", rank_code="141"
    )
    appoint(actor=cast.office, today=TODAY, order=order)
    with pytest.raises(Refused) as refused:
        set_posts(actor=cast.office, basis=cast.basis(TODAY), organization_id=cast.bureau.pk, posts={"org_chief": 0})
    assert refused.value.codes == ["R09"]
    person = register_person(actor=cast.office, facts=cast.facts())
    engage(actor=cast.office, order=EngagementOrder(person.pk, cast.bureau.pk, "E2", TODAY, cast.document))
    with pytest.raises(Refused) as refused:
        cut(cast, cast.bureau, "E2", 2)
    assert refused.value.codes == ["R22"]


def test_an_allowed_cut_keeps_the_excess_as_over_staffing(cast):
    cast.fill(cast.audit_office, "A1", 4)
    cut(cast, cast.audit_office, "A1", 2, allows_overstaffing=True)


def proposal(organization, body=None):
    return Proposal(
        kind="abolished", organization_id=organization.pk, effective_on=TODAY, body_id=body.pk if body else None
    )


def test_a_unit_with_people_slots_or_quota_is_not_abolished(cast):
    cast.member(cast.audit_office)
    cast.approve(cast.audit_office)
    objections = list(to_proposal(proposal(cast.audit_office)))
    text = "；".join(objection.message for objection in objections)
    assert {objection.code for objection in objections} == {"L1"}
    assert "在编人员 1、未使用的核准名额 1" in text
    assert "行政编制 4 名" in text


def test_a_unit_or_body_is_not_ended_before_a_day_on_which_it_gets_something(cast):
    later = cast.basis(date(2026, 5, 1))
    allot(actor=cast.office, basis=later, organization_id=cast.bureau.pk, amounts={"A1": 3})
    allot_to_body(
        actor=cast.office, basis=later, organization_id=cast.bureau.pk, body_id=cast.finance_section.pk,
        amounts={"A1": 2},
    )  # fmt: skip
    [objection] = to_proposal(proposal(cast.bureau, cast.finance_section))
    assert "内设机构在 2026-03-02 之后还登记有行政编制 2 名（2026-05-01 起）" in objection.message
    emptied = abolish_unit_quota(actor=cast.office, basis=cast.basis(TODAY), organization_id=cast.bureau.pk)
    assert emptied is not None
    [objection] = to_proposal(proposal(cast.bureau))
    assert "单位在 2026-03-02 之后还登记有行政编制 3 名（2026-05-01 起）" in objection.message


def test_an_internal_body_with_people_or_quota_is_not_closed(cast):
    member = cast.member(cast.bureau, on=date(2024, 5, 6))
    assert list(to_proposal(proposal(cast.bureau, cast.finance_section))) == []
    order = InternalOrder(member.person_id, TODAY, cast.document, internal_body_id=cast.finance_section.pk)
    reassign_body(actor=cast.office, today=TODAY, order=order)
    allot_to_body(
        actor=cast.office, basis=cast.basis(TODAY), organization_id=cast.bureau.pk,
        body_id=cast.finance_section.pk, amounts={"A1": 2},
    )  # fmt: skip
    text = "；".join(each.message for each in to_proposal(proposal(cast.bureau, cast.finance_section)))
    assert "在编人员 1" in text
    assert "定编 2 名" in text


def test_the_daily_job_lets_due_slots_lapse_once(cast):
    cast.approve(cast.bureau, valid_until=date(2026, 3, 31))
    assert expire_slots(date(2026, 4, 1)) == {"expired": 1}
    assert expire_slots(date(2026, 4, 1)) == {"expired": 0}
    assert ApprovalSlot.objects.get().state == SlotState.EXPIRED


def test_slots_about_to_lapse_and_slots_to_enter_on_are_listed(cast):
    soon = cast.approve(cast.bureau, valid_until=date(2026, 3, 31)).slots[0]
    late = cast.approve(cast.bureau).slots[0]
    assert list(slots_expiring(TODAY, 60)) == [soon]
    assert list(slots_expiring(TODAY, 60, [cast.school.pk])) == []
    assert list(usable_slots(cast.bureau.pk, TODAY)) == [soon, late]
    cast.enlist(soon)
    assert list(usable_slots(cast.bureau.pk, TODAY)) == [late]


def test_a_units_first_day_is_not_corrected_past_the_people_it_had_before(cast):
    cast.fill(cast.audit_office, "A1", 2, on=date(2021, 4, 1))
    version = OrganizationVersion.objects.current().get(organization=cast.audit_office)
    with pytest.raises(Refused, match="在 2021-05-01 以前已登记有在编人员 2") as refused:
        correct_version(
            actor=cast.office, version_id=version.pk, document=cast.document, reason="设立日期录错", changes={},
            valid_from=date(2021, 5, 1),
        )  # fmt: skip
    assert set(refused.value.codes) == {"R10"}
