"""Staffing approvals and their slots: which can be used, how long they last, who used them."""

from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet

from bianzhi.personnel.models import ApprovalSlot, Movement, SlotState
from bianzhi.personnel.rules.modes import TRANSFER_SLOTS

HELD = "预占待核准"


def usable_slots(organization_id: int, today: date, *, for_transfers: bool = False) -> QuerySet[ApprovalSlot]:
    """Slots of a unit somebody can come on today, by number; `for_transfers` leaves those of new people out."""
    rows = ApprovalSlot.objects.filter(
        organization_id=organization_id,
        state=SlotState.RESERVED,
        approval__valid_until__gte=today,
        approval__confirmed_on__isnull=False,
    ).select_related("approval")
    return (rows.filter(entry_mode__in=TRANSFER_SLOTS) if for_transfers else rows).order_by("number")


def entrants(slot_ids: Collection[int]) -> dict[int, Movement]:
    """Who came on each slot, by the movement that used it and was not reversed; one query."""
    rows = Movement.objects.filter(slot_id__in=list(slot_ids), reversed_by__isnull=True, reverses__isnull=True)
    return {row.slot_id: row for row in rows.select_related("person") if row.slot_id is not None}


def state_on(slot: ApprovalSlot, day: date) -> str:
    """Where a slot stands on a day in words; one that lapsed but is not yet marked so has lapsed all the same."""
    if slot.state in (SlotState.RESERVED, SlotState.DORMANT) and slot.approval.valid_until < day:
        return SlotState.EXPIRED.label
    return HELD if is_held(slot) else slot.get_state_display()


def is_held(slot: ApprovalSlot) -> bool:
    """Whether the slot is set aside for an application that is not decided yet."""
    return slot.approval.confirmed_on is None and slot.state in (SlotState.RESERVED, SlotState.DORMANT)


def days_left(slot: ApprovalSlot, day: date) -> int | None:
    """Days until a pending slot lapses, the last one included; None for one used, lapsed or given back."""
    if slot.state not in (SlotState.RESERVED, SlotState.DORMANT) or slot.approval.valid_until < day:
        return None
    return (slot.approval.valid_until - day).days + 1
