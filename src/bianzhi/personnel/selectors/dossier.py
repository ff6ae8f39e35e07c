"""Everything the register knows of one person, as it stood on a day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from bianzhi.organizations.models import InternalBodyVersion
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import (
    Appointment,
    DutyPeriod,
    Engagement,
    Movement,
    Occupancy,
    Person,
    PersonChange,
    Secondment,
)


@dataclass
class Dossier:
    """One person's periods by kind, newest first, and the names they need."""

    person: Person
    day: date
    occupancies: list[Occupancy]
    appointments: list[Appointment]
    duties: list[DutyPeriod]
    secondments: list[Secondment]
    engagements: list[Engagement]
    changes: list[PersonChange]
    movements: list[Movement]
    units: dict[int, str] = field(default_factory=dict)
    bodies: dict[int, str] = field(default_factory=dict)

    @property
    def occupancy(self) -> Occupancy | None:
        """The occupancy in force on the day."""
        return next((row for row in self.occupancies if _holds(row, self.day)), None)

    @property
    def last_occupancy(self) -> Occupancy | None:
        """The occupancy in force, else the last one that was."""
        valid = [row for row in self.occupancies if row.superseded_at is None]
        return self.occupancy or (valid[0] if valid else None)

    @property
    def duty(self) -> DutyPeriod | None:
        """The duty state on the day, None for simply on duty."""
        return next((row for row in self.duties if _holds(row, self.day)), None)

    @property
    def lent(self) -> Secondment | None:
        """The secondment in force on the day."""
        return next((row for row in self.secondments if _holds(row, self.day)), None)

    @property
    def engagement(self) -> Engagement | None:
        """The employment outside the quota in force on the day."""
        return next((row for row in self.engagements if _holds(row, self.day)), None)

    @property
    def positions(self) -> list[Appointment]:
        """The positions held on the day, the principal one first."""
        return sorted((row for row in self.appointments if _holds(row, self.day)), key=lambda row: not row.is_principal)

    def unit(self, organization_id: int | None) -> str:
        """The unit's name as of the day."""
        return self.units.get(organization_id or 0, "")

    def body(self, body_id: int | None) -> str:
        """The internal body's name as of the day."""
        return self.bodies.get(body_id or 0, "")


def dossier_of(person: Person, day: date) -> Dossier:
    """What is known of a person by a day: nothing that began later, and the fields as they were then.

    A constant number of queries. Periods corrected away are kept, so that the reader sees what was corrected.
    """
    changes = list(person.changes.select_related("document"))
    undo(person, [change for change in changes if change.effective_on > day])
    begun = Q(valid_from__lte=day)
    found = Dossier(
        person=person,
        day=day,
        occupancies=list(
            person.occupancies.filter(begun).select_related("entry_document", "exit_document", "slot__approval")
        ),
        appointments=list(
            person.appointments.filter(begun).select_related("document", "end_document", "basis_document")
        ),
        duties=list(person.duty_periods.filter(begun).select_related("document").order_by("-valid_from", "-pk")),
        secondments=list(person.secondments.filter(begun).select_related("document").order_by("-valid_from", "-pk")),
        engagements=list(person.engagements.filter(begun).select_related("document").order_by("-valid_from", "-pk")),
        changes=[change for change in changes if change.effective_on <= day],
        movements=_movements(person, day),
    )
    for row in (*found.occupancies, *found.appointments, *found.duties, *found.secondments, *found.engagements):
        if row.valid_to is not None and row.valid_to > day:
            row.valid_to = None
    found.units = names_on(_unit_ids(found), day)
    found.bodies = body_names(_body_ids(found), day)
    return found


def undo(person: Person, later: Iterable[PersonChange]) -> None:
    """Give an unsaved copy of a person the values of before the changes, which come newest first."""
    for change in later:
        person_field = Person._meta.get_field(change.field)
        value: Any = change.old_value
        if person_field.get_internal_type() == "DateField":
            value = date.fromisoformat(value) if value else None
        elif person_field.get_internal_type() == "BooleanField":
            value = value == "1"
        setattr(person, change.field, value)


def body_names(body_ids: Iterable[int], day: date) -> dict[int, str]:
    """Names of internal bodies as of a day, later abolished ones by their last name; one query."""
    names: dict[int, str] = {}
    rows = InternalBodyVersion.objects.current().filter(body_id__in=set(body_ids)).order_by("valid_from")
    for body_id, name, valid_from in rows.values_list("body_id", "name", "valid_from"):
        if body_id not in names or valid_from <= day:
            names[body_id] = name
    return names


def _movements(person: Person, day: date) -> list[Movement]:
    rows: QuerySet[Movement] = person.movements.filter(effective_on__lte=day)
    return list(rows.select_related("document", "from_occupancy", "to_occupancy", "reverses", "reversed_by"))


def _holds(row: Any, day: date) -> bool:
    return row.superseded_at is None and row.valid_from <= day and (row.valid_to is None or row.valid_to > day)


def _unit_ids(found: Dossier) -> set[int]:
    placed: list[Any] = [*found.occupancies, *found.appointments, *found.engagements]
    ids = {row.organization_id for row in placed}
    for row in found.secondments:
        ids |= {row.from_organization_id, row.to_organization_id}
    for movement in found.movements:
        ids |= {
            occupancy.organization_id
            for occupancy in (movement.from_occupancy, movement.to_occupancy)
            if occupancy is not None
        }
    return ids - {None}


def _body_ids(found: Dossier) -> set[int]:
    placed: list[Any] = [*found.occupancies, *found.appointments]
    return {row.internal_body_id for row in placed if row.internal_body_id is not None}
