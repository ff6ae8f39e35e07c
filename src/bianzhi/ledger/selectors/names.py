"""What organisations and internal bodies are called on a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from bianzhi.organizations.models import InternalBodyVersion, OrganizationVersion


@dataclass(frozen=True, slots=True)
class UnitName:
    """An organisation as a table names it."""

    organization_id: int
    code: str
    name: str
    sort_order: int = 0


def unit_names(organization_ids: Collection[int] | None, day: date) -> dict[int, UnitName]:
    """Names on a day by organisation, in one query; of one not there that day the last (else the first) name."""
    versions = OrganizationVersion.objects.current().select_related("organization").order_by("valid_from")
    if organization_ids is not None:
        versions = versions.filter(organization_id__in=list(organization_ids))
    found: dict[int, UnitName] = {}
    for version in versions.only("name", "sort_order", "valid_from", "organization__code"):
        if version.organization_id not in found or version.valid_from <= day:
            found[version.organization_id] = UnitName(
                version.organization_id, version.organization.code, version.name, version.sort_order
            )
    return found


def body_names(body_ids: Collection[int], day: date) -> dict[int, str]:
    """Names of internal bodies on a day; of one not there that day the last (else the first) name."""
    found: dict[int, str] = {}
    versions = InternalBodyVersion.objects.current().filter(body_id__in=list(body_ids)).order_by("valid_from")
    for body_id, name, valid_from in versions.values_list("body_id", "name", "valid_from"):
        if body_id not in found or valid_from <= day:
            found[body_id] = name
    return found
