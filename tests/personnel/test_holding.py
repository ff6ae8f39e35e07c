"""预占: a vacancy is set aside when an application is accepted, and becomes usable only at 核准 (R01, R02, R03)."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.services import reduce
from bianzhi.personnel.models import ApprovalSlot, SlotState, StaffingApproval
from bianzhi.personnel.selectors.expiring import slots_expiring
from bianzhi.personnel.selectors.plans import execution_of, open_items
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.personnel.selectors.slots import state_on, usable_slots
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest, hold_approval, issue_approval
from bianzhi.personnel.services.decisions import Override
from bianzhi.personnel.services.holding import confirm_approval, release_approval, withdraw_confirmation
from bianzhi.personnel.services.plans import PlanFacts, PlanItemFacts, create_plan_with_items
from bianzhi.personnel.services.slots import expire_due_slots, return_slot
from tests.cast import PERSONNEL_CHECKS, TODAY, put_on_quota

LATER = date(2026, 3, 9)


def use(organization, day=TODAY):
    return quota_use([organization.pk], day).get((organization.pk, "A1"), QuotaUse())


def hold(cast, organization, count=1, *, today=TODAY, plan_item=None, **request):
    wanted = SlotRequest(**{"quota_type": "A1", "entry_mode": "I01", "count": count, **request})
    order = ApprovalOrder(organization_id=organization.pk, requests=[wanted], plan_item=plan_item)
    return hold_approval(actor=cast.office, today=today, order=order)


def confirm(cast, held, *, today=LATER, **facts):
    return confirm_approval(actor=cast.office, today=today, approval_id=held.approval.pk, **facts)


def withdraw(cast, held, *, reason="退回重新审核"):
    return withdraw_confirmation(actor=cast.office, today=LATER, approval_id=held.approval.pk, reason=reason)


def test_a_held_vacancy_counts_as_reserved_and_admits_nobody(cast):
    held = hold(cast, cast.bureau, 2)
    assert held.approval.confirmed_on is None
    assert use(cast.bureau) == QuotaUse(10, 0, 2)
    assert list(usable_slots(cast.bureau.pk, TODAY)) == []
    assert state_on(held.slots[0], TODAY) == "预占待核准"
    with pytest.raises(Refused, match="为预占，用编申请尚未核准") as refused:
        cast.enlist(held.slots[0])
    assert refused.value.codes == ["R01"]
    assert AuditEntry.objects.get(action="personnel.approval_held").seals.count() == 3


def test_nobody_is_transferred_onto_a_held_vacancy(cast):
    member = cast.member(cast.audit_office)
    held = hold(cast, cast.bureau, entry_mode="I06")
    with pytest.raises(Refused, match="尚未核准"):
        cast.transfer(member, held.slots[0])


def test_the_database_admits_nobody_on_a_held_vacancy_either(cast):
    held = hold(cast, cast.bureau)
    with pytest.raises(IntegrityError, match="尚未核准"), transaction.atomic():
        put_on_quota(
            actor=cast.office,
            cast=cast,
            organization=cast.bureau,
            quota_type="A1",
            person_facts=cast.facts(),
            slot=held.slots[0],
            over_quota=True,
        )


def test_the_second_application_for_the_last_vacancy_is_refused_at_its_acceptance(cast):
    cast.fill(cast.audit_office, "A1", 3)
    hold(cast, cast.audit_office)
    with pytest.raises(Refused) as refused:
        hold(cast, cast.audit_office)
    assert refused.value.codes == ["R03"]
    assert StaffingApproval.objects.filter(confirmed_on__isnull=True).count() == 1


def test_confirmed_it_is_usable_from_that_day_and_valid_a_year_from_then(cast):
    held = hold(cast, cast.bureau)
    approval = confirm(cast, held, document=cast.document)
    assert (approval.confirmed_on, approval.valid_until) == (LATER, date(2027, 3, 8))
    assert approval.document == cast.document
    assert list(usable_slots(cast.bureau.pk, LATER)) == list(held.slots)
    with pytest.raises(Refused, match="先进人后核编"):
        cast.enlist(held.slots[0], on=date(2026, 3, 8), today=LATER)
    cast.enlist(held.slots[0], on=LATER, today=LATER)
    assert list(findings(PERSONNEL_CHECKS)) == []


def test_it_is_confirmed_once(cast):
    held = hold(cast, cast.bureau)
    confirm(cast, held)
    with pytest.raises(Refused, match="不能重复核准"):
        confirm(cast, held)


def test_a_confirmation_withdrawn_leaves_the_slip_held_as_before(cast):
    held = hold(cast, cast.bureau)
    with pytest.raises(Refused, match="尚未核准"):
        withdraw(cast, held)
    confirm(cast, held)
    with pytest.raises(Refused, match="原因"):
        withdraw(cast, held, reason=" ")
    assert withdraw(cast, held).confirmed_on is None
    assert use(cast.bureau, LATER).reserved == 1
    with pytest.raises(Refused, match="尚未核准"):
        cast.enlist(held.slots[0], on=LATER, today=LATER)
    confirm(cast, held)
    assert list(usable_slots(cast.bureau.pk, LATER)) == list(held.slots)


def test_what_somebody_entered_on_stays_confirmed(cast):
    held = hold(cast, cast.bureau)
    confirm(cast, held)
    cast.enlist(held.slots[0], on=LATER, today=LATER)
    with pytest.raises(Refused, match="已入编使用") as refused:
        withdraw(cast, held)
    assert refused.value.codes == ["R01"]
    with pytest.raises(IntegrityError, match="不能撤销核准"), transaction.atomic():
        StaffingApproval.objects.filter(pk=held.approval.pk).update(confirmed_on=None)


def test_a_hold_that_lapsed_is_not_confirmed(cast):
    held = hold(cast, cast.bureau, 2)
    after = date(2027, 3, 2)
    with pytest.raises(Refused, match="2 个已到期或释放"):
        confirm(cast, held, today=after)
    assert len(expire_due_slots(actor=cast.office, today=after)) == 2


def test_quota_cut_below_the_staff_meanwhile_is_told_at_the_confirmation(cast):
    cast.fill(cast.audit_office, "A1", 2)
    held = hold(cast, cast.audit_office)
    reduce(
        actor=cast.office,
        basis=cast.basis(TODAY),
        organization_id=cast.audit_office.pk,
        amounts={"A1": 3},
        allows_overstaffing=True,
    )
    with pytest.raises(Refused, match="已超编 1 名") as refused:
        confirm(cast, held)
    assert refused.value.codes == ["R03"]


def test_an_exit_owed_meanwhile_is_told_at_the_confirmation_and_may_be_overridden(cast):
    cast.member(cast.bureau, on=date(2024, 5, 6), facts=cast.facts("赵老", born=date(1965, 12, 6)))
    held = hold(cast, cast.bureau)
    late = date(2026, 4, 20)
    with pytest.raises(Refused, match="赵老") as refused:
        confirm(cast, held, today=late)
    assert refused.value.codes == ["R13"]
    override = Override(frozenset({"R13"}), "出编手续已在途")
    with pytest.raises(Denied):
        confirm_approval(actor=cast.clerk, today=late, approval_id=held.approval.pk, override=override)
    confirm_approval(actor=cast.director, today=late, approval_id=held.approval.pk, override=override)


def test_released_it_frees_the_vacancy_with_the_reason(cast):
    held = hold(cast, cast.audit_office, 4)
    released = release_approval(actor=cast.clerk, today=LATER, approval_id=held.approval.pk, reason="不予核准")
    assert {(slot.state, slot.released_on, slot.release_reason) for slot in released} == {
        (SlotState.RETURNED, LATER, "不予核准")
    }
    assert use(cast.audit_office, LATER).available == 4
    assert release_approval(actor=cast.clerk, today=LATER, approval_id=held.approval.pk, reason="再次") == []
    with pytest.raises(Refused, match="4 个已到期或释放"):
        confirm(cast, held)


def test_what_somebody_entered_on_is_not_released(cast):
    held = hold(cast, cast.bureau, 2)
    confirm(cast, held)
    cast.enlist(held.slots[0], on=LATER, today=LATER)
    with pytest.raises(Refused, match="已入编使用") as refused:
        release_approval(actor=cast.office, today=LATER, approval_id=held.approval.pk, reason="撤销核准")
    assert refused.value.codes == ["R01"]
    assert ApprovalSlot.objects.filter(state=SlotState.RESERVED).count() == 1


def test_releasing_needs_a_reason_and_the_permission(cast):
    held = hold(cast, cast.bureau)
    with pytest.raises(Refused, match="未填写释放"):
        release_approval(actor=cast.office, today=TODAY, approval_id=held.approval.pk, reason=" ")
    with pytest.raises(Denied):
        release_approval(actor=cast.outsider, today=TODAY, approval_id=held.approval.pk, reason="撤回")
    with pytest.raises(Denied):
        confirm_approval(actor=cast.outsider, today=TODAY, approval_id=held.approval.pk)


def test_one_slot_of_a_running_application_is_not_given_back_by_hand(cast):
    held = hold(cast, cast.bureau, 2)
    with pytest.raises(Refused, match="不能单独退回"):
        return_slot(actor=cast.office, today=TODAY, slot_id=held.slots[0].pk, reason="误填")


def test_a_held_replacement_wakes_when_its_person_leaves_and_waits_for_the_confirmation(cast):
    leaver = cast.fill(cast.audit_office, "A1", 4)[0]
    held = hold(cast, cast.audit_office, replaces_id=leaver.person_id)
    assert held.slots[0].state == SlotState.DORMANT
    cast.leave(leaver)
    held.slots[0].refresh_from_db()
    assert held.slots[0].state == SlotState.RESERVED
    confirm(cast, held)
    cast.enlist(held.slots[0], on=LATER, today=LATER)
    assert list(findings(PERSONNEL_CHECKS)) == []


def test_held_slots_do_not_show_among_those_about_to_lapse(cast):
    held = hold(cast, cast.bureau)
    near = date(2027, 2, 1)
    assert list(slots_expiring(near, 60)) == []
    confirm(cast, held)
    assert list(slots_expiring(near, 60)) == list(held.slots)


def plan_item(cast, headcount):
    items = [PlanItemFacts(organization_id=cast.bureau.pk, unit_name="财政局", headcount=headcount)]
    facts = PlanFacts(title="2026年度用编计划", year=2026, source_digest="d" * 64)
    return create_plan_with_items(actor=cast.office, today=TODAY, plan=facts, items=items).items.get()


def test_a_hold_takes_from_its_plan_item_and_no_more_is_promised_than_planned(cast):
    item = plan_item(cast, 3)
    held = hold(cast, cast.bureau, 2, plan_item=item)
    (execution,) = execution_of([item])
    assert (execution.approved, execution.held, execution.left) == (0, 2, 1)
    with pytest.raises(Refused, match="结余 1 名，少于申请的 2 名") as refused:
        hold(cast, cast.bureau, 2, plan_item=item)
    assert refused.value.codes == ["P1"]
    confirm(cast, held)
    (execution,) = execution_of([item])
    assert (execution.approved, execution.held, execution.left) == (2, 0, 1)
    assert [each.item for each in open_items(cast.bureau.pk, LATER)] == [item]
    assert open_items(cast.school.pk, LATER) == []
    wanted = SlotRequest("A1", "I01", count=2)
    order = ApprovalOrder(cast.bureau.pk, [wanted], cast.document, item)
    override = Override(frozenset({"P1"}), "区委专题会议同意计划外增加")
    issued = issue_approval(actor=cast.director, today=LATER, order=order, override=override)
    assert [remark.code for remark in issued.remarks] == ["P1"]
