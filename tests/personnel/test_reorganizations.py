"""合并、拆分、划转、撤销: structure, quota and people in one act, or nothing (T06, R02, R07)."""

from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.chain import verify_rows
from bianzhi.audit.models import AuditEntry
from bianzhi.common.integrity import findings
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.selectors.balances import approved, totals
from bianzhi.ledger.services import allot_to_body, reduce
from bianzhi.organizations.models import LineageKind, OrganizationVersion, ReorganizationEvent
from bianzhi.organizations.services import NewOrganization
from bianzhi.personnel.models import (
    Appointment,
    ApprovalSlot,
    Engagement,
    Movement,
    Occupancy,
    Secondment,
    SlotState,
)
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.personnel.services.appointments import AppointmentOrder, appoint
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest, hold_approval
from bianzhi.personnel.services.engagements import EngagementOrder, engage
from bianzhi.personnel.services.persons import register_person
from bianzhi.personnel.services.reorganizations import Decree, Share, abolish_unit, hand_over, merge, split
from bianzhi.personnel.services.secondments import SecondmentOrder, start_secondment
from bianzhi.personnel.services.slots import return_slot
from tests.cast import PERSONNEL_CHECKS, TODAY

DAY = date(2026, 4, 1)
BEFORE = date(2026, 3, 31)
CHECKS = [*PERSONNEL_CHECKS, "ledger.balance", "ledger.reserves"]


@pytest.fixture
def decree(cast):
    return Decree(document=cast.upper_document, effective_on=DAY, summary="机构改革")


def use(organization, quota_type="A1", day=DAY):
    return quota_use([organization.pk], day).get((organization.pk, quota_type), QuotaUse())


def is_alive(organization, day):
    return OrganizationVersion.objects.as_of(day).filter(organization=organization).exists()


def assert_sound():
    assert findings(CHECKS) == []
    assert list(verify_rows()) == []


def test_a_merger_carries_people_and_quota_and_ends_the_source(cast, decree):
    people = cast.fill(cast.audit_office, "A1", 2, on=date(2024, 5, 6))
    leader = AppointmentOrder(
        people[0].person_id, cast.audit_office.pk, "局长", TODAY, cast.document, post_level="org_chief", rank_code="141"
    )
    appoint(actor=cast.office, today=TODAY, order=leader)
    slot = cast.approve(cast.audit_office).slots[0]

    event = merge(
        actor=cast.office, today=DAY, decree=decree, source_ids=[cast.audit_office.pk], target=cast.bureau.pk,
        posts={"org_deputy": 3},
    )  # fmt: skip

    assert (event.kind, event.effective_on) == (LineageKind.MERGED, DAY)
    assert use(cast.audit_office, day=BEFORE) == QuotaUse(4, 2, 1)
    assert use(cast.audit_office) == QuotaUse(0, 0, 0)
    assert use(cast.bureau) == QuotaUse(14, 2, 0)
    assert approved([cast.bureau.pk], DAY)[cast.bureau.pk, "org_deputy"] == 3
    assert (is_alive(cast.audit_office, BEFORE), is_alive(cast.audit_office, DAY)) == (True, False)
    movements = Movement.objects.filter(mode="T06")
    assert {movement.event for movement in movements} == {event}
    assert {movement.from_occupancy_id for movement in movements} == {person.pk for person in people}
    new = Occupancy.objects.open_ended().filter(organization=cast.bureau)
    assert {(row.entry_mode, row.joined_unit_on) for row in new} == {("I14", DAY)}
    slot.refresh_from_db()
    assert slot.state == SlotState.RETURNED
    assert Appointment.objects.get().valid_to == DAY
    assert ReorganizationEvent.objects.filter(kind__in=[LineageKind.MERGED, LineageKind.ABOLISHED]).count() == 1
    assert AuditEntry.objects.filter(action="personnel.reorganized").count() == 1
    assert OutboxMessage.objects.filter(topic="personnel.reorganized").exists()
    assert_sound()


def test_a_merger_into_a_new_unit_establishes_it_first(cast, decree):
    cast.fill(cast.audit_office, "A1", 4, on=date(2024, 5, 6))
    cast.fill(cast.bureau, "A1", 3, on=date(2024, 5, 6))
    new = NewOrganization(name="测试区财政审计局", effective_on=DAY, org_type="31", rank="141")
    merge(
        actor=cast.office, today=DAY, decree=decree, source_ids=[cast.audit_office.pk, cast.bureau.pk], target=new,
        posts={"org_chief": 1},
    )  # fmt: skip
    version = OrganizationVersion.objects.get(name="测试区财政审计局")
    assert use(version.organization) == QuotaUse(14, 7, 0)
    assert use(version.organization, "C1") == QuotaUse(2, 0, 0), "a frozen type is carried over, not opened"
    assert not is_alive(cast.bureau, DAY)
    assert_sound()


def test_an_over_staffed_unit_brings_its_excess_only_where_there_is_room(cast, decree):
    cast.fill(cast.audit_office, "A1", 4, on=date(2024, 5, 6))
    reduce(
        actor=cast.office, basis=cast.basis(TODAY), organization_id=cast.audit_office.pk, amounts={"A1": 2},
        allows_overstaffing=True,
    )  # fmt: skip
    newcomers = cast.approve(cast.bureau, count=9)
    with pytest.raises(Refused, match="不足 1 名") as refused:
        merge(actor=cast.office, today=DAY, decree=decree, source_ids=[cast.audit_office.pk], target=cast.bureau.pk)
    assert refused.value.codes == ["R02"]
    return_slot(actor=cast.office, today=TODAY, slot_id=newcomers.slots[0].pk, reason="为合并腾出空额")
    merge(actor=cast.office, today=DAY, decree=decree, source_ids=[cast.audit_office.pk], target=cast.bureau.pk)
    assert use(cast.bureau) == QuotaUse(12, 4, 8)
    assert_sound()


def test_quota_fixed_to_sections_and_people_in_them_come_along(cast, decree):
    member = cast.member(cast.bureau, on=date(2024, 5, 6), internal_body_id=cast.finance_section.pk)
    allot_to_body(
        actor=cast.office, basis=cast.basis(TODAY), organization_id=cast.bureau.pk,
        body_id=cast.finance_section.pk, amounts={"A1": 10},
    )  # fmt: skip
    merge(actor=cast.office, today=DAY, decree=decree, source_ids=[cast.bureau.pk], target=cast.audit_office.pk)
    assert use(cast.audit_office) == QuotaUse(14, 1, 0)
    arrived = Occupancy.objects.open_ended().get(person=member.person)
    assert arrived.internal_body_id is None
    assert_sound()


def test_an_exit_filed_ahead_is_carried_with_its_end(cast, decree):
    member = cast.member(cast.audit_office, on=date(2024, 5, 6), facts=cast.facts(born=date(1966, 2, 3)))
    cast.leave(member, "O01", on=date(2026, 6, 3))
    merge(actor=cast.office, today=DAY, decree=decree, source_ids=[cast.audit_office.pk], target=cast.bureau.pk)
    arrived = Occupancy.objects.get(person=member.person, organization=cast.bureau)
    assert (arrived.valid_from, arrived.valid_to, arrived.exit_mode) == (DAY, date(2026, 7, 1), "O01")
    assert_sound()


def test_people_beside_the_quota_and_people_lent_come_along(cast, decree):
    member = cast.member(cast.bureau, on=date(2024, 5, 6))
    lent = SecondmentOrder(member.person_id, "B01", TODAY, date(2026, 12, 31), cast.document, cast.school.pk)
    start_secondment(actor=cast.office, order=lent)
    helper = register_person(actor=cast.office, facts=cast.facts())
    engage(actor=cast.office, order=EngagementOrder(helper.pk, cast.bureau.pk, "E2", TODAY, cast.document))
    merge(actor=cast.office, today=DAY, decree=decree, source_ids=[cast.bureau.pk], target=cast.audit_office.pk)
    assert Engagement.objects.open_ended().get().organization == cast.audit_office
    secondment = Secondment.objects.open_ended().get()
    assert (secondment.from_organization, secondment.planned_until) == (cast.audit_office, date(2026, 12, 31))
    assert use(cast.audit_office, "E2") == QuotaUse(2, 1, 0)
    assert_sound()


def test_a_split_gives_each_share_its_people_and_ends_the_source(cast, decree):
    people = cast.fill(cast.bureau, "A1", 5, on=date(2024, 5, 6))
    new = NewOrganization(name="测试区国资局", effective_on=DAY, org_type="32", rank="141")
    shares = [
        Share(new, {"A1": 4, "org_chief": 1}, [each.person_id for each in people[:3]]),
        Share(cast.audit_office.pk, {"A1": 5}, [each.person_id for each in people[3:]]),
    ]
    event = split(
        actor=cast.office, today=DAY, decree=decree, source_id=cast.bureau.pk, shares=shares, keeps_source=False
    )
    assert event.kind == LineageKind.SPLIT
    created = OrganizationVersion.objects.get(name="测试区国资局").organization
    assert (use(created), use(cast.audit_office)) == (QuotaUse(4, 3, 0), QuotaUse(9, 2, 0))
    assert approved([created.pk], DAY)[created.pk, "org_chief"] == 1
    assert totals(DAY)["reserve", "district", "A1"] == totals(BEFORE)["reserve", "district", "A1"] + 1
    assert totals(DAY)["withdrawn", "district", "C1"] == 2, "what nobody took of a frozen type is gone"
    assert not is_alive(cast.bureau, DAY)
    assert_sound()


def test_a_unit_that_ends_must_have_given_everybody_away(cast, decree):
    people = cast.fill(cast.bureau, "A1", 2, on=date(2024, 5, 6))
    share = Share(cast.audit_office.pk, {"A1": 9}, [people[0].person_id])
    with pytest.raises(Refused):
        split(actor=cast.office, today=DAY, decree=decree, source_id=cast.bureau.pk, shares=[share], keeps_source=False)
    assert use(cast.bureau) == QuotaUse(10, 2, 0)
    assert not ReorganizationEvent.objects.filter(kind=LineageKind.SPLIT).exists()


def test_a_part_is_handed_over_and_both_go_on(cast, decree):
    people = cast.fill(cast.bureau, "A1", 3, on=date(2024, 5, 6))
    share = Share(cast.audit_office.pk, {"A1": 2}, [people[0].person_id, people[1].person_id])
    event = hand_over(actor=cast.office, today=DAY, decree=decree, source_id=cast.bureau.pk, share=share)
    assert event.kind == LineageKind.TRANSFERRED
    assert (use(cast.bureau), use(cast.audit_office)) == (QuotaUse(8, 1, 0), QuotaUse(6, 2, 0))
    assert LedgerEntry.objects.get(event=event).kind == "transfer"
    assert_sound()


def test_people_without_a_place_are_not_handed_over(cast, decree):
    cast.fill(cast.audit_office, "A1", 4, on=date(2024, 5, 6))
    people = cast.fill(cast.bureau, "A1", 2, on=date(2024, 5, 6))
    share = Share(cast.audit_office.pk, {"A1": 1}, [each.person_id for each in people])
    with pytest.raises(Refused, match="不足 1 名") as refused:
        hand_over(actor=cast.office, today=DAY, decree=decree, source_id=cast.bureau.pk, share=share)
    assert refused.value.codes == ["R02"]
    assert not Movement.objects.filter(mode="T06").exists()


def test_quota_is_not_handed_over_from_under_people_who_stay(cast, decree):
    cast.fill(cast.audit_office, "A1", 4, on=date(2024, 5, 6))
    share = Share(cast.bureau.pk, {"A1": 1}, [])
    with pytest.raises(Refused) as refused:
        hand_over(actor=cast.office, today=DAY, decree=decree, source_id=cast.audit_office.pk, share=share)
    assert refused.value.codes == ["R02"]


def test_administrative_quota_crosses_to_a_township_only_by_an_upper_document(cast):
    person = cast.member(cast.bureau, on=date(2024, 5, 6))
    own = Decree(document=cast.document, effective_on=DAY)
    share = Share(cast.township.pk, {"A1": 1}, [person.person_id])
    with pytest.raises(Refused) as refused:
        hand_over(actor=cast.office, today=DAY, decree=own, source_id=cast.bureau.pk, share=share)
    assert {"R07", "R10"} & set(refused.value.codes)


def test_nobody_is_handed_to_two_units_and_strangers_to_none(cast, decree):
    person = cast.member(cast.bureau, on=date(2024, 5, 6))
    stranger = cast.member(cast.township, on=date(2024, 5, 6))
    share = Share(cast.audit_office.pk, {"A1": 1}, [person.person_id])
    with pytest.raises(Refused, match="多个单位"):
        split(
            actor=cast.office, today=DAY, decree=decree, source_id=cast.bureau.pk, shares=[share, share],
            keeps_source=True,
        )  # fmt: skip
    with pytest.raises(Refused, match="不在划出单位"):
        hand_over(
            actor=cast.office, today=DAY, decree=decree, source_id=cast.bureau.pk,
            share=Share(cast.audit_office.pk, {"A1": 1}, [stranger.person_id]),
        )  # fmt: skip
    with pytest.raises(Refused, match="不能同时"):
        merge(actor=cast.office, today=DAY, decree=decree, source_ids=[cast.bureau.pk], target=cast.bureau.pk)


def test_an_abolished_unit_hands_its_people_on_and_its_other_quota_back(cast, decree):
    cast.fill(cast.audit_office, "A1", 2, on=date(2024, 5, 6))
    cast.approve(cast.audit_office)
    abolish_unit(
        actor=cast.office, today=DAY, decree=decree, organization_id=cast.audit_office.pk, receiving_id=cast.bureau.pk
    )
    assert use(cast.bureau) == QuotaUse(12, 2, 0)
    assert totals(DAY)["reserve", "district", "A1"] == totals(BEFORE)["reserve", "district", "A1"] + 2
    assert ReorganizationEvent.objects.filter(kind=LineageKind.ABOLISHED).count() == 1
    assert ApprovalSlot.objects.filter(state=SlotState.RETURNED).count() == 1
    assert not is_alive(cast.audit_office, DAY)
    assert_sound()


def test_what_is_held_for_an_application_of_an_abolished_unit_is_given_back(cast, decree):
    order = ApprovalOrder(cast.audit_office.pk, [SlotRequest("A1", "I01", count=2)])
    hold_approval(actor=cast.office, today=DAY, order=order)
    abolish_unit(actor=cast.office, today=DAY, decree=decree, organization_id=cast.audit_office.pk)
    assert {slot.state for slot in ApprovalSlot.objects.all()} == {SlotState.RETURNED}


def test_people_of_a_unit_abolished_without_successor_leave_the_quota(cast, decree):
    people = cast.fill(cast.audit_office, "A1", 2, on=date(2024, 5, 6))
    cast.approve(cast.audit_office)
    abolish_unit(actor=cast.office, today=DAY, decree=decree, organization_id=cast.audit_office.pk)
    for occupancy in people:
        occupancy.refresh_from_db()
        assert (occupancy.valid_to, occupancy.exit_mode) == (DAY, "O11")
    assert use(cast.audit_office) == QuotaUse(0, 0, 0)
    assert_sound()


def test_reorganising_needs_the_permissions(cast, decree):
    with pytest.raises(Denied):
        merge(actor=cast.clerk, today=DAY, decree=decree, source_ids=[cast.audit_office.pk], target=cast.bureau.pk)
    with pytest.raises(Denied):
        abolish_unit(actor=cast.outsider, today=DAY, decree=decree, organization_id=cast.audit_office.pk)
    assert use(cast.audit_office).approved == 4
