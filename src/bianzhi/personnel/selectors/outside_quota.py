"""People lent, borrowed and employed beside the quota, counted by unit on a day (T13, T14)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from bianzhi.personnel.models import Engagement, Secondment


@dataclass(frozen=True, slots=True)
class Beside:
    """How many people of a unit are not simply its own on its own posts."""

    lent: int = 0
    borrowed: int = 0
    filed: int = 0
    non_quota: int = 0


def beside_quota(organization_ids: Collection[int], day: date) -> dict[int, Beside]:
    """Lent, borrowed, E1 and E2 people of each unit on a day; three queries. Borrowed people count nowhere else."""
    ids = list(organization_ids)
    current = Secondment.objects.as_of(day)
    lent = _count(current.filter(from_organization_id__in=ids), "from_organization_id")
    borrowed = _count(current.filter(to_organization_id__in=ids), "to_organization_id")
    engaged = {
        (organization_id, kind): number
        for organization_id, kind, number in Engagement.objects.as_of(day)
        .filter(organization_id__in=ids)
        .order_by()
        .values_list("organization_id", "kind")
        .annotate(number=Count("pk"))
    }
    return {
        pk: Beside(lent.get(pk, 0), borrowed.get(pk, 0), engaged.get((pk, "E1"), 0), engaged.get((pk, "E2"), 0))
        for pk in ids
    }


def is_engaged(person_id: int, day: date) -> bool:
    """Whether an employment beside the quota holds on the day or later (R04)."""
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    return Engagement.objects.current().filter(lasting, person_id=person_id).exists()


def secondments_overdue(day: date) -> QuerySet[Secondment]:
    """Secondments that go on beyond their agreed end, longest overdue first (R21, W09)."""
    return (
        Secondment.objects.as_of(day)
        .filter(valid_to__isnull=True, planned_until__lt=day)
        .select_related("person")
        .order_by("planned_until", "pk")
    )


def _count(rows: QuerySet[Secondment], field: str) -> dict[int, int]:
    found = rows.order_by().values_list(field).annotate(number=Count("pk"))
    return dict(found)
