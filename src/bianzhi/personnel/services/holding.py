"""Vacancies held for an application (预占): confirmed at 核准, or given back when it comes to nothing."""

from collections import Counter
from dataclasses import replace
from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.personnel.models import ApprovalSlot, SlotState, StaffingApproval
from bianzhi.personnel.rules.capacity import objections_to_new_slots
from bianzhi.personnel.rules.slots import (
    Hold,
    objections_to_confirmation,
    objections_to_release,
    objections_to_withdrawal,
)
from bianzhi.personnel.rules.units import no_such_unit, quota_label
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.selectors.units import unit_on
from bianzhi.personnel.services.approvals import objections_to_owed_exits, usual_end
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import Override, as_facts, decide, explained
from bianzhi.personnel.services.locking import lock_quota
from bianzhi.personnel.services.slots import PENDING, expire_due_slots


@unit_of_work
@explained
def confirm_approval(
    *,
    actor: Actor,
    today: date,
    approval_id: int,
    document: ApprovalDocument | None = None,
    valid_until: date | None = None,
    override: Override | None = None,
) -> StaffingApproval:
    """核准: the slots held can be entered on from today; the validity counts from today, not from the hold.

    Room is asked again, since quota may have been cut by decision of the commission meanwhile (R02, R03), and so are
    owed exits (R13, may be overridden). Raises Refused (R01) when slots have lapsed or the slip is confirmed already.
    """
    approval, slots = _locked(actor, today, approval_id)
    pending = [slot for slot in slots if slot.state in PENDING]
    hold = Hold(approval.number, approval.confirmed_on is not None, len(slots), len(pending))
    objections = objections_to_confirmation(hold)
    if not objections:
        objections = _objections_to_room(approval, pending, today)
    remarks = decide(objections, by=actor, override=override)
    approval.confirmed_on = today
    approval.document = document or approval.document
    approval.valid_until = valid_until or usual_end(today)
    approval.save(update_fields=["confirmed_on", "document", "valid_until"])
    facts = {
        "number": approval.number,
        "slots": [slot.number for slot in pending],
        "valid_until": approval.valid_until,
        "document": approval.document.doc_no if approval.document else "",
        **as_facts(remarks, override),
    }
    record("personnel.approval_confirmed", actor=actor, subject=approval, facts=facts, wrote=[approval])
    outbox.put("personnel.approval_confirmed", key=approval.number, payload={"approval": approval.pk})
    return approval


@unit_of_work
def withdraw_confirmation(*, actor: Actor, today: date, approval_id: int, reason: str) -> StaffingApproval:
    """撤销核准: the slip is held again, as it was before `confirm_approval`; nobody enters until it is confirmed anew.

    Raises Refused (R01) when it is not confirmed, somebody has entered on it, or no reason is given (D2).
    """
    approval, slots = _locked(actor, today, approval_id)
    used = [slot.number for slot in slots if slot.state == SlotState.CONSUMED]
    refuse_if(objections_to_withdrawal(approval.number, approval.confirmed_on is not None, used, reason))
    approval.confirmed_on = None
    approval.save(update_fields=["confirmed_on"])
    facts = {"number": approval.number, "reason": reason}
    record("personnel.confirmation_withdrawn", actor=actor, subject=approval, facts=facts, wrote=[approval])
    outbox.put("personnel.confirmation_withdrawn", key=approval.number, payload={"approval": approval.pk})
    return approval


@unit_of_work
def release_approval(*, actor: Actor, today: date, approval_id: int, reason: str) -> list[ApprovalSlot]:
    """不予核准, 撤回 or 退回: every slot not yet used is given back; returns them, none when they had lapsed already.

    Raises Refused (R01) when somebody has entered on one: what has happened is not taken back by giving slots back.
    """
    approval, slots = _locked(actor, today, approval_id)
    used = [slot.number for slot in slots if slot.state == SlotState.CONSUMED]
    refuse_if(objections_to_release(approval.number, used, reason))
    released = [slot for slot in slots if slot.state in PENDING]
    for slot in released:
        slot.state = SlotState.RETURNED
        slot.released_on = max(today, slot.reserved_on or today)
        slot.release_reason = reason.strip()[:200]
        slot.save(update_fields=["state", "released_on", "release_reason"])
    if released:
        facts = {"number": approval.number, "slots": [slot.number for slot in released], "reason": reason}
        record("personnel.approval_released", actor=actor, subject=approval, facts=facts, wrote=released)
        outbox.put("personnel.approval_released", key=approval.number, payload={"approval": approval.pk})
    return released


def _locked(actor: Actor, today: date, approval_id: int) -> tuple[StaffingApproval, list[ApprovalSlot]]:
    """The slip and its slots under the unit's lock, with what has lapsed by today marked so."""
    seen = StaffingApproval.objects.get(pk=approval_id)
    require(actor, "approvals.issue", seen.organization_id)
    lock_quota([seen.organization_id], set(seen.slots.values_list("quota_type", flat=True)))
    expire_due_slots(actor=actor, today=today, organization_ids=[seen.organization_id])
    approval = StaffingApproval.objects.select_related("document").select_for_update(of=("self",)).get(pk=approval_id)
    return approval, list(approval.slots.order_by("number").select_for_update())


def _objections_to_room(approval: StaffingApproval, pending: list[ApprovalSlot], today: date) -> list[Objection]:
    """R02, R03 and R13 asked again: the slip's own reservations make room for it and for nothing else."""
    unit = unit_on(approval.organization_id, today)
    if unit is None:
        return [no_such_unit(today)]
    reserved = Counter(slot.quota_type for slot in pending if slot.state == SlotState.RESERVED)
    dormant = Counter(slot.quota_type for slot in pending if slot.state == SlotState.DORMANT)
    found: list[Objection] = []
    for quota_type in sorted({*reserved, *dormant}):
        use = headroom(unit.id, quota_type, today)
        use = replace(use, reserved=use.reserved - reserved[quota_type])
        found += objections_to_new_slots(
            use, reserved[quota_type], dormant[quota_type], unit=unit.name, quota=quota_label(quota_type)
        )
    return found + objections_to_owed_exits(unit, today)
