"""How much of what the ledger allots is used: the three numbers of every unit on any day.

The rows are the truth: occupancies in force are 实有, reserved slots are 预占; nothing is counted in advance.
"""

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.kernel.codesets import codes
from bianzhi.ledger.models import Account, Posting
from bianzhi.ledger.rules.lines import lowest_from
from bianzhi.ledger.selectors.balances import account_histories, approved
from bianzhi.organizations.models.periods import in_force
from bianzhi.personnel.models import Appointment, ApprovalSlot, Engagement, Occupancy, SlotState
from bianzhi.personnel.rules.capacity import NO_USE, QuotaUse

__all__ = [
    "NO_USE",
    "QuotaUse",
    "allotted_since",
    "headroom",
    "occupied_on",
    "post_use",
    "quota_use",
    "slots_reserved_on",
]

Key = tuple[int, str]


@beyond_scope("capacity")
def quota_use(organization_ids: Collection[int] | None, day: date) -> dict[Key, QuotaUse]:
    """核定、实有、预占 by (organisation, quota type) on a day, in four queries however many units are asked for.

    None asks for every organisation. E1 and E2 count the engagements against their control numbers. A pair that
    never had quota nor people is not in the answer; use `.get(key, NO_USE)`.
    """
    levels = codes("post_level")
    allotted = {key: number for key, number in approved(organization_ids, day).items() if key[1] not in levels}
    occupied = _counted(Occupancy.objects.as_of(day), "quota_type", organization_ids)
    occupied.update(_counted(Engagement.objects.as_of(day), "kind", organization_ids))
    reserved = _counted(slots_reserved_on(day), "quota_type", organization_ids)
    return {
        key: QuotaUse(allotted.get(key, 0), occupied[key], reserved[key])
        for key in sorted({*allotted, *occupied, *reserved})
    }


@beyond_scope("capacity")
def post_use(organization_ids: Collection[int] | None, day: date) -> dict[Key, QuotaUse]:
    """核定 and 实配 by (organisation, leadership post level) on a day; 兼职 counts at the principal post only (R09)."""
    levels = codes("post_level")
    allotted = {key: number for key, number in approved(organization_ids, day).items() if key[1] in levels}
    principal = Appointment.objects.as_of(day).filter(is_principal=True).exclude(post_level="")
    filled = _counted(principal, "post_level", organization_ids)
    return {key: QuotaUse(allotted.get(key, 0), filled[key]) for key in sorted({*allotted, *filled})}


def slots_reserved_on(day: date) -> QuerySet[ApprovalSlot]:
    """Slots that set a vacancy aside on a day: in effect, not yet used or given back, within their validity."""
    return ApprovalSlot.objects.filter(
        Q(released_on__isnull=True) | Q(released_on__gt=day), reserved_on__lte=day, approval__valid_until__gte=day
    )


@beyond_scope("capacity")
def headroom(organization_id: int, measure: str, day: date, *, leaving: Collection[int] = ()) -> QuotaUse:
    """The use a decision about `day` is judged by; ask it under the unit's lock.

    Nothing that has been promised may be broken later, so the approved number is the lowest from that day on,
    everybody who is or will be there counts, and every reserved slot. `leaving` names occupancies that the same
    act is about to close.
    """
    accounts = Account.objects.filter(organization_id=organization_id, measure=measure, kind__in=("unit", "body"))
    histories = account_histories(accounts.values_list("pk", flat=True))
    allotted = lowest_from([item for history in histories.values() for item in history], day)
    if measure in codes("post_level"):
        rows: QuerySet[Any] = Appointment.objects.filter(post_level=measure, is_principal=True)
    elif measure in ("E1", "E2"):
        rows = Engagement.objects.filter(kind=measure)
    else:
        rows = Occupancy.objects.filter(quota_type=measure)
    staying = rows.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=day), organization_id=organization_id, superseded_at__isnull=True
    )
    reserved = ApprovalSlot.objects.filter(
        organization_id=organization_id, quota_type=measure, state=SlotState.RESERVED
    )
    return QuotaUse(allotted, staying.exclude(pk__in=leaving).count(), reserved.count())


@beyond_scope("capacity")
def allotted_since(organization_id: int, measure: str) -> date | None:
    """The first day for which the ledger tells of a measure of a unit; None when it never does."""
    postings = Posting.objects.filter(
        account__organization_id=organization_id, account__measure=measure, account__kind__in=("unit", "body")
    )
    first: date | None = postings.aggregate(first=Min("entry__effective_on"))["first"]
    return first


def occupied_on(day: date, prefix: str = "") -> Q:
    """Condition on occupancies in force on a day; `prefix` names the relation, e.g. "occupancies__"."""
    return in_force(day, prefix) & Q(**{f"{prefix}superseded_at__isnull": True})


def _counted(rows: QuerySet[Any], measure: str, organization_ids: Collection[int] | None) -> Counter[Key]:
    if organization_ids is not None:
        rows = rows.filter(organization_id__in=list(organization_ids))
    found = rows.order_by().values_list("organization_id", measure).annotate(number=Count("pk"))
    return Counter({(organization_id, code): number for organization_id, code, number in found})
