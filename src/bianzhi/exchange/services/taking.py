"""What every part of taking in shares: the run, its folder, who is who in the register."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from bianzhi.exchange.models import Run
from bianzhi.kernel.identifiers.id_number import normalise_id_number
from bianzhi.kernel.names import person_name_key
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.personnel.models import Person
from bianzhi.reconciliation.sources import DEPARTMENTS, ESTABLISHMENT

BATCH: Final = 500
_CODES: Final = {label: code for code, label in DEPARTMENTS}


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the register as far as rows are matched to it."""

    pk: int
    name_key: str


@dataclass(slots=True)
class Taking:
    """The taking in of one run. `units` maps codes and names of the register's units to their keys."""

    run: Run
    folder: Path
    today: date
    units: dict[str, int] = field(default_factory=dict)
    departments: frozenset[str] = frozenset()

    def unit(self, name: str | None, code: str | None = None) -> int | None:
        """The unit of a code, else of a name; None when the register has none."""
        return self.units.get(code or "") or self.units.get(name or "")


def begin_taking(run: Run, folder: Path, today: date) -> Taking:
    """Read what is asked for again and again: one query."""
    units: dict[str, int] = {}
    rows = OrganizationVersion.objects.as_of(today).values_list("organization_id", "organization__code", "name")
    for pk, code, name in rows:
        units[code] = pk
        units.setdefault(name, pk)
    return Taking(run, folder, today, units, frozenset(run.inputs.get("departments", ())))


def department_code(text: str | None) -> str:
    """A department by its code or its name; what is neither stays with 编办."""
    if text in _CODES.values():
        return str(text)
    return _CODES.get(text or "", ESTABLISHMENT)


def persons_by_number(numbers: Iterable[str | None]) -> dict[str, Known]:
    """The persons of the register with these numbers, however they are written; one query."""
    wanted = {normalise_id_number(number) for number in numbers if number}
    rows = Person.objects.with_id_numbers(sorted(wanted)).values_list("pk", "id_number", "name_folded")
    return {number: Known(pk, key) for pk, number, key in rows}


def person_among(rows: Iterable[Mapping[str, Any]], known: Mapping[str, Known]) -> int | None:
    """The register's person the rows are about: by a number and the same name, 编办's own row first."""
    ordered = sorted(rows, key=lambda row: row.get("source") != ESTABLISHMENT)
    for row in ordered:
        found = known.get(normalise_id_number(str(row.get("id_number") or "")))
        if found is not None and found.name_key == person_name_key(str(row.get("name") or "")):
            return found.pk
    return None
