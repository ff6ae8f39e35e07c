"""Organisations and internal bodies on a day, as the personnel rules see them."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Min

from bianzhi.organizations.models import InternalBodyVersion, OrganizationStatus, OrganizationVersion
from bianzhi.personnel.rules.units import Unit


def units_on(organization_ids: Iterable[int], day: date) -> dict[int, Unit]:
    """The organisations alive on a day, by id, with the day each was set up; two queries."""
    ids = sorted(set(organization_ids))
    rows = OrganizationVersion.objects.as_of(day).filter(organization_id__in=ids)
    alive = [version for version in rows if version.status != OrganizationStatus.ABOLISHED]
    beginnings = dict(
        OrganizationVersion.objects.current()
        .filter(organization_id__in=ids)
        .order_by()
        .values_list("organization_id")
        .annotate(first=Min("valid_from"))
    )
    return {version.organization_id: _unit(version, beginnings[version.organization_id]) for version in alive}


def unit_on(organization_id: int, day: date) -> Unit | None:
    """One organisation on a day; None when it is not there then."""
    return units_on([organization_id], day).get(organization_id)


def body_on(body_id: int, day: date) -> InternalBodyVersion | None:
    """An internal body on a day; None when it is not there then."""
    return InternalBodyVersion.objects.as_of(day).filter(body_id=body_id).first()


def _unit(version: OrganizationVersion, established_on: date) -> Unit:
    return Unit(
        id=version.organization_id,
        name=version.name,
        org_type=version.org_type,
        institution_class=version.institution_class,
        tier=version.tier,
        rank=version.rank,
        is_grouping=version.is_grouping,
        established_on=established_on,
        department_id=version.supervising_department_id or version.parent_id,
    )
