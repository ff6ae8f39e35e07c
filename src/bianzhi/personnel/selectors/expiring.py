"""Slots about to lapse unused (W08); held ones are their application's business."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import QuerySet

from bianzhi.personnel.models import ApprovalSlot, SlotState


def slots_expiring(
    day: date, within_days: int, organization_ids: Collection[int] | None = None
) -> QuerySet[ApprovalSlot]:
    """Unused slots whose slip ends within so many days, soonest first."""
    last = day + timedelta(days=within_days)
    rows = ApprovalSlot.objects.filter(
        state__in=(SlotState.RESERVED, SlotState.DORMANT),
        approval__confirmed_on__isnull=False,
        approval__valid_until__gte=day,
        approval__valid_until__lte=last,
    )
    if organization_ids is not None:
        rows = rows.filter(organization_id__in=list(organization_ids))
    return rows.select_related("approval", "organization").order_by("approval__valid_until", "number")
