"""Finding items for pages: within what a user may see, with what lists show of them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, IntegerField, Max, Min, OuterRef, QuerySet, Subquery

from bianzhi.archives.models import Item, ItemState
from bianzhi.kernel import clock
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.units import names_on


def filed_items(user: Any) -> QuerySet[Item]:
    """What is in the archive and the user may know of."""
    return Item.objects.visible_to(user).filter(state=ItemState.FILED).select_related("category", "fonds", "volume")


def waiting_items(user: Any) -> QuerySet[Item]:
    """Drafts that wait for somebody to describe them, the oldest first; none for who keeps no archive."""
    rows = Item.objects.visible_to(user).filter(state=ItemState.DRAFT)
    return rows.select_related("category", "fonds").order_by("created_at", "pk")


def dossiers(user: Any) -> QuerySet[Organization]:
    """Units with filed items the user may see, each with `item_count`, `first_year` and `last_year`."""
    mine = filed_items(user).order_by()
    own = mine.filter(organization=OuterRef("pk")).values("organization")

    def told(what: Any) -> Subquery:
        return Subquery(own.annotate(told=what).values("told"), output_field=IntegerField())

    return Organization.objects.filter(pk__in=mine.values("organization_id")).annotate(
        item_count=told(Count("pk")), first_year=told(Min("year")), last_year=told(Max("year"))
    )


def years_of(rows: QuerySet[Item]) -> list[tuple[int | None, int]]:
    """How many items there are of each year, the newest first."""
    found = rows.order_by().values("year").annotate(count=Count("pk")).values_list("year", "count")
    return sorted(found, key=lambda pair: -(pair[0] or 0))


def with_unit_names(items: Iterable[Item]) -> list[Item]:
    """The items with `unit_name`, what their units are called today (one query)."""
    rows = list(items)
    names = names_on({row.organization_id for row in rows if row.organization_id}, clock.today())
    for row in rows:
        row.unit_name = names.get(row.organization_id, "") if row.organization_id else ""  # type: ignore[attr-defined]
    return rows
