"""Four departments' rosters of the demo district: the register's own people, as the others might write them.

The 编办's roster says what the register says. What happens between the months is known to the other departments only,
so that the hub has something to recognise.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from bianzhi.demo.people import COMPOUND
from bianzhi.kernel.codesets import codes
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.organizations.models import OrganizationStatus, OrganizationVersion
from bianzhi.personnel.models import Occupancy
from bianzhi.reconciliation.generate import GenerateOptions, write_rosters_of
from bianzhi.reconciliation.generate.units import FULL, UnitRow, dressed

DISTRICT_MARKS = ("云江区", "中共")
RETIREMENTS = ("O01", "O02", "O03", "O04", "O05")
DEATH = "O10"


class NobodyOnQuota(LookupError):
    """The register is empty, so there are no rosters to write."""


def write_district_rosters(
    folder: Path, options: GenerateOptions, *, today: date, say: Callable[[str], None]
) -> list[Path]:
    """Write both months of the people on quota today and of those who retired or died; returns the months' folders.

    `options.people` is what the register has. Raises NobodyOnQuota.
    """
    units = _units(today)
    persons = _persons({int(unit.own_code): unit.idx for unit in units}, today)
    if not persons:
        raise NobodyOnQuota
    district = replace(
        options,
        people=len(persons),
        register_is_late=True,
        events=replace(options.events, units_renamed=0.0, units_merged=0.0),
    )
    table = pa.Table.from_pylist([{"pid": pid, **person} for pid, person in enumerate(persons)])
    return write_rosters_of(folder, dressed(units, district), table, district, say)


def _units(today: date) -> list[UnitRow]:
    """Units in force, each with its primary key as the organisation department's own code."""
    versions = OrganizationVersion.objects.as_of(today).filter(
        is_grouping=False, status=OrganizationStatus.ACTIVE, quota_holder=None
    )
    rows = []
    for index, version in enumerate(versions.select_related("organization").order_by("organization__code")):
        short, code = version.short_name or _shortened(version.name), version.organization.code
        funding = codes("funding_form").label(version.funding_form) if version.funding_form else FULL
        own = str(version.organization_id)
        rows.append(UnitRow(index, version.name, short, version.name, short, code, code, own, "organ", funding))
    return rows


def _shortened(name: str) -> str:
    for mark in DISTRICT_MARKS:
        name = name.replace(mark, "", 1)
    return name


def _persons(index_of: dict[int, int], today: date) -> list[dict[str, Any]]:
    """Those on quota, then those whose last quota ended with retirement or death, in the order of their numbers."""
    rows = Occupancy.objects.current().filter(organization_id__in=index_of).select_related("person")
    people: dict[str, dict[str, Any]] = {}
    for occupancy in rows.order_by("valid_from", "pk"):
        state = _state(occupancy, today)
        if state:
            people[occupancy.person.id_number] = _row(occupancy, index_of[occupancy.organization_id], state)
        else:
            people.pop(occupancy.person.id_number, None)
    return [people[number] for number in sorted(people)]


def _state(occupancy: Occupancy, today: date) -> str:
    if occupancy.valid_to is None or occupancy.valid_to > today:
        return "active" if occupancy.valid_from <= today else ""
    if occupancy.exit_mode in RETIREMENTS:
        return "retired"
    return "dead" if occupancy.exit_mode == DEATH else ""


def _row(occupancy: Occupancy, unit: int, state: str) -> dict[str, Any]:
    person = occupancy.person
    length = 2 if person.name[:2] in COMPOUND else 1
    return {
        "name": person.name,
        "sex": codes("sex").label(person.sex).removesuffix("性"),
        "birth": person.born_on,
        "surname": person.name[:length],
        "state1": state,
        "since": occupancy.valid_from.isoformat(),
        "id_number": person.id_number,
        "unit": unit,
        "quota_type": quota_types()[occupancy.quota_type].label,
    }
