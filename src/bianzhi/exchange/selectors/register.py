"""What the register says of the people of recognised changes: where they are on quota, whether it is done already."""

from collections.abc import Collection, Mapping
from datetime import date

from bianzhi.exchange.models import Change, ChangeKind
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.personnel.models import Occupancy, Person


def where_on_quota(person_ids: Collection[int], day: date) -> dict[int, int]:
    """Person → unit on whose quota he or she is on a day; one query."""
    rows = Occupancy.objects.as_of(day).filter(person_id__in=list(person_ids))
    return dict(rows.values_list("person_id", "organization_id"))


def registered_words(change: Change, where: Mapping[int, int]) -> str:
    """Why a change needs no case any more: the register shows it already; "" while it does not.

    A person the register has never had can't have left; of attributes the register's own value decides.
    """
    if change.person_id is None:
        return ""
    unit = where.get(change.person_id)
    if change.kind == ChangeKind.HIRE and unit is not None and change.to_organization_id in (None, unit):
        return "登记中已入编"
    if change.kind == ChangeKind.EXIT and unit is None:
        return "登记中已出编"
    if change.kind == ChangeKind.TRANSFER and unit is not None and unit == change.to_organization_id:
        return "登记中已调动"
    return ""


def person_of(change: Change) -> Person | None:
    """The register's person a change is about: as matched, else by the number it came with."""
    if change.person_id is not None:
        return change.person
    number = change.id_number
    return Person.objects.with_id_number(number).first() if number else None


def unit_called(code: str, name: str, day: date) -> int | None:
    """The unit with this code, else with this very name on a day; None when there is none or several."""
    rows = OrganizationVersion.objects.as_of(day)
    if code:
        found = rows.filter(organization__code=code).values_list("organization_id", flat=True).first()
        if found is not None:
            return int(found)
    named = list(rows.filter(name=name).values_list("organization_id", flat=True)[:2]) if name else []
    return int(named[0]) if len(named) == 1 else None
