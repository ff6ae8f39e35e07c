"""用编核准: a slip reserves what is there and nothing else (R02, R03, R05, R11, R13, R19, R20)."""

from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.models import ApprovalSlot, SlotState, StaffingApproval
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest, issue_approval, usual_end
from bianzhi.personnel.services.decisions import Override
from bianzhi.personnel.services.slots import activate_dormant_slots, expire_due_slots, return_slot
from tests.cast import TODAY, make_unit


def use(organization, quota_type="A1", day=TODAY):
    return quota_use([organization.pk], day).get((organization.pk, quota_type), QuotaUse())


def order(organization, *requests, **facts):
    return ApprovalOrder(organization_id=organization.pk, requests=requests, **facts)


def test_a_slip_is_numbered_and_reserves_its_slots(cast):
    issued = cast.approve(cast.bureau, count=3)
    assert issued.approval.number == "用编核〔2026〕0001号"
    assert [slot.number for slot in issued.slots] == [f"用编核〔2026〕0001号-0{n}" for n in (1, 2, 3)]
    assert issued.approval.valid_until == date(2027, 3, 1)
    assert use(cast.bureau) == QuotaUse(10, 0, 3)
    entry = AuditEntry.objects.get(action="personnel.approval_issued")
    assert entry.seals.count() == 4
    assert OutboxMessage.objects.filter(topic="personnel.approval_issued", key=issued.approval.number).exists()


@pytest.mark.parametrize(
    ("today", "end"),
    [
        (date(2026, 3, 2), date(2027, 3, 1)),
        (date(2024, 2, 29), date(2025, 2, 27)),
        (date(2025, 12, 31), date(2026, 12, 30)),
    ],
)
def test_a_slip_is_valid_for_a_year_less_a_day(db, today, end):
    assert usual_end(today) == end


def test_more_than_is_available_is_refused_with_the_figures(cast):
    cast.approve(cast.audit_office, count=3)
    with pytest.raises(Refused, match="核定 4 名，实有 0 名，预占 3 名，可用 1 名，少于所需的 2 名") as refused:
        cast.approve(cast.audit_office, count=2)
    assert refused.value.codes == ["R02"]
    assert dict(refused.value.objections[0].figures) == {"核定": 4, "实有": 0, "预占": 3, "可用": 1, "申请": 2}
    assert StaffingApproval.objects.count() == 1


def test_two_requests_of_one_slip_are_counted_together(cast):
    request = SlotRequest(quota_type="A1", entry_mode="I01", count=3)
    with pytest.raises(Refused) as refused:
        issue_approval(actor=cast.office, today=TODAY, order=order(cast.audit_office, request, request))
    assert refused.value.codes == ["R02"]


def test_a_full_unit_gets_only_a_replacement_that_sleeps_until_the_exit(cast):
    people = cast.fill(cast.audit_office, "A1", 4)
    with pytest.raises(Refused, match="出一进一") as refused:
        cast.approve(cast.audit_office)
    assert refused.value.codes == ["R03"]

    slot = cast.approve(cast.audit_office, replaces_id=people[0].person_id).slots[0]
    assert (slot.state, slot.reserved_on) == (SlotState.DORMANT, None)
    assert use(cast.audit_office) == QuotaUse(4, 4, 0)
    with pytest.raises(Refused, match="尚未生效"):
        cast.enlist(slot)

    cast.leave(people[1])
    slot.refresh_from_db()
    assert slot.state == SlotState.DORMANT, "somebody else's exit wakes nothing"

    cast.leave(people[0])
    slot.refresh_from_db()
    assert (slot.state, slot.reserved_on) == (SlotState.RESERVED, date(2026, 3, 3))
    assert AuditEntry.objects.filter(action="personnel.slots_activated").count() == 1
    assert OutboxMessage.objects.filter(topic="personnel.slot_activated", key=slot.number).exists()
    cast.enlist(slot, on=date(2026, 3, 3), today=date(2026, 3, 3))
    assert use(cast.audit_office, day=date(2026, 3, 3)) == QuotaUse(4, 3, 0)


def test_a_retirement_wakes_its_replacement_from_the_first_of_the_next_month(cast):
    people = cast.fill(cast.audit_office, "A1", 4)
    slot = cast.approve(cast.audit_office, replaces_id=people[0].person_id).slots[0]
    cast.leave(people[0], "O01", on=date(2026, 3, 15), today=date(2026, 3, 15))
    slot.refresh_from_db()
    assert slot.reserved_on == date(2026, 4, 1)
    with pytest.raises(Refused, match="2026-04-01"):
        cast.enlist(slot, on=date(2026, 3, 20), today=date(2026, 3, 20))
    cast.enlist(slot, on=date(2026, 4, 1), today=date(2026, 4, 1))
    assert use(cast.audit_office, day=date(2026, 3, 31)) == QuotaUse(4, 4, 0)
    assert use(cast.audit_office, day=date(2026, 4, 1)) == QuotaUse(4, 4, 0)


def test_an_exit_of_one_is_replaced_by_one_only(cast):
    people = cast.fill(cast.audit_office, "A1", 4)
    cast.approve(cast.audit_office, replaces_id=people[0].person_id)
    with pytest.raises(Refused, match="已由名额") as refused:
        cast.approve(cast.audit_office, replaces_id=people[0].person_id)
    assert refused.value.codes == ["R03"]
    with pytest.raises(Refused, match="一人一个"):
        cast.approve(cast.audit_office, count=2, replaces_id=people[1].person_id)


def test_only_somebody_on_this_quota_of_this_unit_can_be_replaced(cast):
    other = cast.member(cast.bureau)
    with pytest.raises(Refused, match="不在该单位") as refused:
        cast.approve(cast.audit_office, replaces_id=other.person_id)
    assert refused.value.codes == ["R03"]


def test_a_replacement_finds_no_room_after_the_unit_was_cut_and_goes_on_sleeping(cast):
    from bianzhi.ledger.services import allot, reduce

    people = cast.fill(cast.audit_office, "A1", 4)
    slot = cast.approve(cast.audit_office, replaces_id=people[0].person_id).slots[0]
    basis = cast.basis(TODAY)
    reduce(
        actor=cast.office,
        basis=basis,
        organization_id=cast.audit_office.pk,
        amounts={"A1": 1},
        allows_overstaffing=True,
    )
    cast.leave(people[0])
    slot.refresh_from_db()
    assert slot.state == SlotState.DORMANT
    allot(actor=cast.office, basis=basis, organization_id=cast.audit_office.pk, amounts={"A1": 1})
    woken = activate_dormant_slots(
        actor=cast.office, today=TODAY, organization_id=cast.audit_office.pk, quota_type="A1"
    )
    assert woken == [slot]


def test_an_over_staffed_unit_gets_nothing_at_all(cast):
    from bianzhi.ledger.services import reduce

    people = cast.fill(cast.audit_office, "A1", 4)
    reduce(
        actor=cast.office, basis=cast.basis(TODAY), organization_id=cast.audit_office.pk, amounts={"A1": 1},
        allows_overstaffing=True,
    )  # fmt: skip
    with pytest.raises(Refused, match="已超编 1 名") as refused:
        cast.approve(cast.audit_office, replaces_id=people[0].person_id)
    assert refused.value.codes == ["R03"]
    figures = use(cast.audit_office)
    assert (figures.vacant, figures.over) == (0, 1)


def test_a_quota_type_the_unit_may_not_use_is_refused(cast):
    with pytest.raises(Refused, match="混编") as refused:
        cast.approve(cast.bureau, "B5")
    assert "R05" in refused.value.codes


def test_a_mode_that_does_not_lead_to_the_quota_is_refused(cast):
    with pytest.raises(Refused, match="公开招聘") as refused:
        cast.approve(cast.bureau, "A1", entry_mode="I03")
    assert refused.value.codes == ["R05"]


def test_a_coordination_office_has_no_quota_of_its_own(cast):
    office = make_unit(
        actor=cast.office, code="T035", name="测试区领导小组办公室", document=cast.document, org_type="35"
    )
    with pytest.raises(Refused) as refused:
        cast.approve(office)
    assert "R11" in refused.value.codes


def test_a_frozen_type_takes_nobody_new(cast):
    with pytest.raises(Refused, match="只减不增") as refused:
        cast.approve(cast.bureau, "C1")
    assert refused.value.codes == ["R19"]


def test_pooled_quota_needs_a_term_and_a_long_one_is_remarked(cast):
    with pytest.raises(Refused, match="归还期限") as refused:
        cast.approve(cast.school, "D1")
    assert refused.value.codes == ["R20"]
    issued = cast.approve(cast.school, "D1", term_until=date(2033, 1, 1))
    assert [remark.code for remark in issued.remarks] == ["R20"]
    assert issued.slots[0].term_until == date(2033, 1, 1)


def owed_exit(cast):
    """Somebody who should have retired in July 2025."""
    return cast.member(cast.bureau, on=date(2024, 5, 6), facts=cast.facts("赵老", born=date(1965, 5, 6)))


def test_a_unit_that_owes_an_exit_gets_nothing_unless_the_director_says_so(cast):
    owed_exit(cast)
    with pytest.raises(Refused, match="赵老") as refused:
        cast.approve(cast.bureau)
    assert refused.value.codes == ["R13"]
    wanted = order(cast.bureau, SlotRequest(quota_type="A1", entry_mode="I01"))
    override = Override(codes=frozenset({"R13"}), reason="急需用人，出编手续已在途")
    with pytest.raises(Denied):
        issue_approval(actor=cast.clerk, today=TODAY, order=wanted, override=override)
    with pytest.raises(Refused, match="理由"):
        issue_approval(actor=cast.director, today=TODAY, order=wanted, override=Override(frozenset({"R13"}), " "))
    issued = issue_approval(actor=cast.director, today=TODAY, order=wanted, override=override)
    assert [remark.code for remark in issued.remarks] == ["R13"]
    assert "出编手续已在途" in AuditEntry.objects.filter(action="personnel.approval_issued").latest("seq").facts


def test_a_block_can_not_be_overridden(cast):
    cast.fill(cast.audit_office, "A1", 4)
    wanted = order(cast.audit_office, SlotRequest(quota_type="A1", entry_mode="I01"))
    with pytest.raises(Refused):
        issue_approval(
            actor=cast.director, today=TODAY, order=wanted, override=Override(frozenset({"R03"}), "领导已同意")
        )


def test_a_returned_slot_frees_its_place_and_admits_nobody(cast):
    slot = cast.approve(cast.audit_office, count=4).slots[0]
    returned = return_slot(actor=cast.clerk, today=date(2026, 3, 10), slot_id=slot.pk, reason="计划取消")
    assert (returned.state, returned.released_on) == (SlotState.RETURNED, date(2026, 3, 10))
    assert use(cast.audit_office, day=date(2026, 3, 9)).reserved == 4
    assert use(cast.audit_office, day=date(2026, 3, 10)).available == 1
    with pytest.raises(Refused, match="已退回"):
        cast.enlist(slot)
    with pytest.raises(Refused, match="不能退回"):
        return_slot(actor=cast.clerk, today=TODAY, slot_id=slot.pk, reason="再退一次")


def test_a_slot_is_not_returned_without_a_reason_or_a_permission(cast):
    slot = cast.approve(cast.bureau).slots[0]
    with pytest.raises(Refused, match="退回原因"):
        return_slot(actor=cast.clerk, today=TODAY, slot_id=slot.pk, reason=" ")
    with pytest.raises(Denied):
        return_slot(actor=cast.outsider, today=TODAY, slot_id=slot.pk, reason="计划取消")


def test_a_long_reason_of_a_return_is_kept_as_far_as_it_fits(cast):
    slot = cast.approve(cast.bureau).slots[0]
    returned = return_slot(actor=cast.clerk, today=TODAY, slot_id=slot.pk, reason="计划取消\r\n" * 40)
    slot.refresh_from_db()
    assert slot.release_reason == returned.release_reason
    assert (len(slot.release_reason), slot.release_reason[:4]) == (200, "计划取消")


def test_slots_lapse_on_the_day_after_their_slip_ends(cast):
    cast.approve(cast.bureau, count=2, valid_until=date(2026, 3, 31))
    kept = cast.approve(cast.bureau).slots[0]
    assert expire_due_slots(actor=cast.office, today=date(2026, 3, 31)) == []
    lapsed = expire_due_slots(actor=cast.office, today=date(2026, 4, 1))
    assert [(slot.state, slot.released_on) for slot in lapsed] == [(SlotState.EXPIRED, date(2026, 4, 1))] * 2
    kept.refresh_from_db()
    assert kept.state == SlotState.RESERVED
    assert AuditEntry.objects.filter(action="personnel.slots_expired").count() == 1
    assert expire_due_slots(actor=cast.office, today=date(2026, 4, 1)) == []


def test_lapsed_slots_make_room_for_the_next_slip_by_themselves(cast):
    cast.approve(cast.audit_office, count=4, valid_until=date(2026, 3, 31))
    cast.approve(cast.audit_office, count=4, today=date(2026, 4, 1))
    assert ApprovalSlot.objects.filter(state=SlotState.EXPIRED).count() == 4


def test_an_empty_request_is_refused(cast):
    with pytest.raises(Refused, match="用编人数"):
        issue_approval(actor=cast.office, today=TODAY, order=order(cast.bureau))


def test_issuing_needs_the_permission(cast):
    wanted = order(cast.bureau, SlotRequest(quota_type="A1", entry_mode="I01"))
    with pytest.raises(Denied):
        issue_approval(actor=cast.outsider, today=TODAY, order=wanted)
