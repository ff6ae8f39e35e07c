"""One organisation on a day: its version, bodies, nameplates, other names."""

from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet

from bianzhi.organizations.models import (
    InternalBodyVersion,
    Nameplate,
    Organization,
    OrganizationAlias,
    OrganizationVersion,
)
from bianzhi.organizations.models.periods import in_force
from bianzhi.organizations.rules.subtrees import Link, below


def as_of(organization: Organization | int, day: date) -> OrganizationVersion | None:
    """The version in force on a day, None before the establishment and after the end."""
    return _versions(organization).filter(in_force(day)).first()


def nearest(organization: Organization | int, day: date) -> OrganizationVersion | None:
    """The version in force on a day, else the last before it, else the first after it.

    An abolished or planned unit is shown with the facts it had last or will have first.
    """
    versions = list(_versions(organization).order_by("valid_from"))
    begun = [version for version in versions if version.valid_from <= day]
    return begun[-1] if begun else next(iter(versions), None)


def state_on(version: OrganizationVersion, day: date) -> str:
    """The word for where a unit stands on a day: 拟设, 存续 or 已撤销; `version` is its `nearest` of that day."""
    if version.valid_from > day:
        return "拟设"
    if version.valid_to is not None and version.valid_to <= day:
        return "已撤销"
    return version.get_status_display()


def names_on(organization_ids: Collection[int], day: date) -> dict[int, str]:
    """Names by id as of a day, abolished units by their last name; unknown ids are left out (one query)."""
    rows = (
        OrganizationVersion.objects.filter(organization__in=organization_ids, superseded_at__isnull=True)
        .order_by("valid_from")
        .values_list("organization_id", "name", "valid_from")
    )
    names: dict[int, str] = {}
    for organization_id, name, valid_from in rows:
        if valid_from <= day or organization_id not in names:
            names[organization_id] = name
    return names


def subtree_on(organization_id: int, day: date) -> set[int]:
    """Ids of a unit and everything below it on a day, one abolished by then where it hung last (one query).

    Empty for a unit that had not begun by then.
    """
    begun = OrganizationVersion.objects.current().filter(valid_from__lte=day).order_by("valid_from")
    parents = dict(begun.values_list("organization_id", "parent_id"))
    if organization_id not in parents:
        return set()
    return below((Link(unit_id, parent_id) for unit_id, parent_id in parents.items()), [organization_id])


def bodies(organization: Organization | int, day: date) -> QuerySet[InternalBodyVersion]:
    """The internal bodies of a unit on a day, 领导 first by their order."""
    found: QuerySet[InternalBodyVersion] = InternalBodyVersion.objects.as_of(day).filter(organization=organization)
    return found.select_related("body", "document").order_by("sort_order", "body__code")


def nameplates(organization: Organization | int, day: date) -> QuerySet[Nameplate]:
    """The nameplates a unit bears on a day."""
    found: QuerySet[Nameplate] = Nameplate.objects.as_of(day).filter(organization=organization)
    return found.select_related("document").order_by("valid_from", "pk")


def aliases(organization: Organization | int) -> QuerySet[OrganizationAlias]:
    """The aliases in use."""
    return OrganizationAlias.objects.filter(organization=organization, withdrawn_at__isnull=True).order_by("name")


def former_names(organization: Organization | int, day: date) -> list[tuple[str, date, date]]:
    """Names a unit bore and no longer bears on a day, newest first: (name, first day, day it ended)."""
    versions = list(_versions(organization).filter(valid_from__lte=day).order_by("valid_from"))
    runs: list[tuple[str, date, date | None]] = []
    for version in versions:
        if runs and runs[-1][0] == version.name:
            runs[-1] = (version.name, runs[-1][1], version.valid_to)
        else:
            runs.append((version.name, version.valid_from, version.valid_to))
    return [(name, start, end) for name, start, end in reversed(runs[:-1]) if end is not None]


def _versions(organization: Organization | int) -> QuerySet[OrganizationVersion]:
    rows: QuerySet[OrganizationVersion] = OrganizationVersion.objects.filter(
        organization=organization, superseded_at__isnull=True
    )
    return rows.select_related("document", "parent", "supervising_department", "quota_holder")
