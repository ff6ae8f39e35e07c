"""How many more rows the database would let into each unit: what bulk acts mark their excess by."""

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.ledger.selectors.balances import approved
from bianzhi.personnel.models import Appointment, ApprovalSlot, Occupancy, SlotState


@beyond_scope("capacity")
def open_room(organization_ids: Collection[int]) -> dict[tuple[int, str], int]:
    """Allotted in the whole ledger less open rows and reserved slots, by (organisation, measure); four queries.

    Can be negative. Measures are quota types and post levels.
    """
    ids = list(organization_ids)
    room = Counter(approved(ids, date.max))
    room.subtract(_counted(Occupancy.objects.open_ended(), "quota_type", ids))
    room.subtract(_counted(ApprovalSlot.objects.filter(state=SlotState.RESERVED), "quota_type", ids))
    principal = Appointment.objects.open_ended().filter(is_principal=True).exclude(post_level="")
    room.subtract(_counted(principal, "post_level", ids))
    return dict(room)


def _counted(rows: QuerySet[Any], measure: str, ids: list[int]) -> dict[tuple[int, str], int]:
    found = rows.filter(organization_id__in=ids).order_by().values_list("organization_id", measure)
    return {(pk, code): number for pk, code, number in found.annotate(number=Count("pk"))}
