"""What becomes of slots once issued: they expire, are given back, or wake when the named person has left."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import F, Max

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.personnel.models import ApprovalSlot, Occupancy, SlotState
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import explained
from bianzhi.personnel.services.locking import lock_quota

PENDING = (SlotState.RESERVED, SlotState.DORMANT)


@unit_of_work
def expire_due_slots(
    *, actor: Actor, today: date, organization_ids: Collection[int] | None = None
) -> list[ApprovalSlot]:
    """Let every slot lapse whose slip is no longer valid; its place is free from the day after.

    Runs daily over the district, and over one unit before any decision about its room.
    """
    due = ApprovalSlot.objects.filter(state__in=PENDING, approval__valid_until__lt=today)
    if organization_ids is not None:
        due = due.filter(organization_id__in=list(organization_ids))
    slots = list(due.select_related("approval").order_by("pk").select_for_update(of=("self",)))
    for slot in slots:
        lapsed_on = slot.approval.valid_until + timedelta(days=1)
        slot.state = SlotState.EXPIRED
        slot.released_on = max(lapsed_on, slot.reserved_on or lapsed_on)
        slot.release_reason = "核准单过期"
        slot.save(update_fields=["state", "released_on", "release_reason"])
    if slots:
        facts = {"slots": [slot.number for slot in slots], "today": today}
        record("personnel.slots_expired", actor=actor, subject=slots[0].approval, facts=facts, wrote=slots)
        outbox.put("personnel.slots_expired", key=today, payload={"slots": [slot.number for slot in slots]})
    return slots


@unit_of_work
def return_slot(
    *, actor: Actor, today: date, slot_id: int, reason: str, with_its_application: bool = False
) -> ApprovalSlot:
    """Give an unused slot back; its place is free at once.

    Raises Refused (R01) when it was used or has lapsed, and while an application holds it, unless the unit ends and
    its applications with it.
    """
    organization_id, quota_type = ApprovalSlot.objects.values_list("organization_id", "quota_type").get(pk=slot_id)
    require(actor, "approvals.issue", organization_id)
    lock_quota([organization_id], [quota_type])
    slot = ApprovalSlot.objects.select_related("approval").select_for_update(of=("self",)).get(pk=slot_id)
    is_held = slot.approval.confirmed_on is None and not with_its_application
    refuse_if(_objections_to_return(slot, reason, is_held=is_held))
    slot.state = SlotState.RETURNED
    slot.released_on = max(today, slot.reserved_on or today)
    slot.release_reason = reason.strip()[:200]
    slot.save(update_fields=["state", "released_on", "release_reason"])
    facts = {"slot": slot.number, "reason": reason, "released_on": slot.released_on}
    record("personnel.slot_returned", actor=actor, subject=slot.approval, facts=facts, wrote=[slot])
    outbox.put("personnel.slot_returned", key=slot.number, payload={"slot": slot.pk, "reason": reason})
    return slot


def _objections_to_return(slot: ApprovalSlot, reason: str, *, is_held: bool) -> list[Objection]:
    found: list[Objection] = []
    if slot.state not in PENDING:
        message = f"名额 {slot.number} {slot.get_state_display()}，不能退回（R01）"
        found.append(Objection("R01", message, Severity.BLOCK, {}, "只有未使用的有效名额可以退回"))
    elif is_held:
        message = f"名额 {slot.number} 为办理中的用编申请所预占，不能单独退回（R01）"
        found.append(Objection("R01", message, Severity.BLOCK, {}, "请在该申请中退回、撤回或不予核准"))
    if not reason.strip():
        found.append(Objection("D2", "未填写退回原因", Severity.BLOCK, {}, "请填写退回原因"))
    return found


@unit_of_work
@explained
def activate_dormant_slots(*, actor: Actor, today: date, organization_id: int, quota_type: str) -> list[ApprovalSlot]:
    """Wake replacement slots whose named person has left this quota, as far as there is room (R03: 出一进一).

    A slot takes effect on the day the person is off the quota, which may still lie ahead. Slots that find no room
    (the unit was cut meanwhile) stay dormant until the next exit.
    """
    lock_quota([organization_id], [quota_type])
    dormant = ApprovalSlot.objects.filter(
        organization_id=organization_id,
        quota_type=quota_type,
        state=SlotState.DORMANT,
        approval__valid_until__gte=today,
    )
    woken: list[ApprovalSlot] = []
    for slot in dormant.select_related("approval").order_by("number").select_for_update(of=("self",)):
        left_on = _left_on(slot)
        if left_on is None:
            continue
        day = max(left_on, slot.approval.issued_on)
        if headroom(organization_id, quota_type, day).available < 1:
            break
        slot.state = SlotState.RESERVED
        slot.reserved_on = day
        slot.save(update_fields=["state", "reserved_on"])
        woken.append(slot)
    if woken:
        facts = {"slots": [slot.number for slot in woken], "reserved_on": [slot.reserved_on for slot in woken]}
        record("personnel.slots_activated", actor=actor, subject=woken[0].approval, facts=facts, wrote=woken)
        for slot in woken:
            outbox.put("personnel.slot_activated", key=slot.number, payload={"slot": slot.pk})
    return woken


def _left_on(slot: ApprovalSlot) -> date | None:
    """The first day the replaced person is off this quota of this unit; None while an end is not known."""
    if slot.replaces_id is None:
        return None
    stays = Occupancy.objects.current().filter(
        person_id=slot.replaces_id, organization_id=slot.organization_id, quota_type=slot.quota_type
    )
    if stays.filter(valid_to__isnull=True).exists():
        return None
    left: date | None = stays.aggregate(last=Max(F("valid_to")))["last"]
    return left
