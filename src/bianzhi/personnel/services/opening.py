"""期初登记: a district's roster taken over as it stands, thousands at once, all or nothing.

History is recorded, not judged: 混编 and 超编 that exist are kept and marked, so that they can be worked off. What
cannot be true (an unsound ID number, one person twice) is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from bianzhi.audit.actors import Actor
from bianzhi.audit.models import SealedModel
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.parameters import MINIMUM_WORKING_AGE
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.personnel.models import (
    Appointment,
    DutyPeriod,
    Engagement,
    Movement,
    MovementFamily,
    Occupancy,
    Person,
)
from bianzhi.personnel.rules.duty import ON_DUTY, STATES
from bianzhi.personnel.rules.entries import objections_to_employment
from bianzhi.personnel.rules.opening import excess_last, marked_as_excess
from bianzhi.personnel.rules.persons import objections_to_careers
from bianzhi.personnel.rules.units import Unit, no_such_unit, objections_to_quota_type
from bianzhi.personnel.selectors.room import open_room
from bianzhi.personnel.selectors.units import units_on
from bianzhi.personnel.services.acts import movement_numbers, rows_of
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import explained
from bianzhi.personnel.services.locking import lock_quota
from bianzhi.personnel.services.persons import PersonFacts, new_person, objections_to_person

BATCH = 500
SHOWN = 50
"""Objections told at most; an importer has checked every row before and shown each by its cell."""


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """One person of the roster. `entered_on` is the day of 入编; documents default to the act's.

    With a `position` an appointment is taken over too, since `position_since` or the entry; `label` names the row in
    messages, e.g. "在编人员 第 12 行".
    """

    person: PersonFacts
    organization_id: int
    quota_type: str
    entered_on: date
    entry_mode: str = "I99"
    internal_body_id: int | None = None
    entry_document: ApprovalDocument | None = None
    entry_source: str = ""
    joined_unit_on: date | None = None
    term_until: date | None = None
    position: str = ""
    post_level: str = ""
    rank_code: str = ""
    position_since: date | None = None
    duty_state: str = ""
    duty_reason: str = ""
    duty_since: date | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """What was taken over, in the order of the rows, and what is remarked."""

    persons: tuple[Person, ...]
    occupancies: tuple[Occupancy, ...]
    remarks: tuple[Objection, ...]

    @property
    def over_quota(self) -> int:
        """People marked as 超编在册."""
        return sum(occupancy.over_quota for occupancy in self.occupancies)


@unit_of_work
@explained
def enlist_opening(*, actor: Actor, today: date, document: ApprovalDocument, rows: Sequence[OpeningRow]) -> Opening:
    """Take a roster over in a handful of queries for each 500 rows.

    Raises Refused: unsound or contradictory identity (R16), somebody twice, on quota or employed beside it
    already (R04), a unit that does not exist today (L1), unknown codes (D1). R05, R11 and R17 only warn. People beyond
    a unit's number are marked over_quota, the latest to come first; leaders beyond its posts are marked likewise.
    """
    require(actor, "imports.run")
    units = units_on({row.organization_id for row in rows}, today)
    lock_quota(units, {row.quota_type for row in rows} | {row.post_level for row in rows if row.post_level})
    persons = _persons(rows)
    objections = [*_objections_to_persons(rows, persons), *_objections_to_rows(rows, units, today)]
    blocking = [objection for objection in objections if objection.severity is Severity.BLOCK]
    refuse_if(blocking[:SHOWN])
    new = [person for person in persons if person._state.adding]
    Person.objects.bulk_create(new, batch_size=BATCH)
    occupancies = _occupancies(rows, persons, document)
    for group in excess_last(occupancies, lambda occupancy: occupancy.over_quota):
        Occupancy.objects.bulk_create(group, batch_size=BATCH)
    movements = _movements(rows, occupancies, document, today)
    Movement.objects.bulk_create(movements, batch_size=BATCH)
    appointments = _appointments(rows, persons, document)
    for posts in excess_last(appointments, lambda appointment: appointment.exceeds_posts):
        Appointment.objects.bulk_create(posts, batch_size=BATCH)
    duties = _duties(rows, persons)
    DutyPeriod.objects.bulk_create(duties, batch_size=BATCH)
    opening = Opening(tuple(persons), tuple(occupancies), tuple(objections))
    _record(actor, document, opening, rows_of(new, occupancies, movements, appointments, duties))
    return opening


def _record(actor: Actor, document: ApprovalDocument, opening: Opening, wrote: list[SealedModel]) -> None:
    facts = {
        "document": document.doc_no,
        "persons": len(opening.persons),
        "over_quota": opening.over_quota,
        "remarks": len(opening.remarks),
    }
    record("personnel.opening_registered", actor=actor, subject=document, facts=facts, wrote=wrote)
    outbox.put("personnel.opening_registered", key=document.pk, payload=facts)


def _persons(rows: Sequence[OpeningRow]) -> list[Person]:
    """The person of each row: known by ID number, or new and unsaved."""
    fresh = [new_person(row.person) for row in rows]
    known: dict[str, Person] = {}
    for start in range(0, len(fresh), BATCH):
        numbers = [person.id_number for person in fresh[start : start + BATCH]]
        known.update({person.id_number: person for person in Person.objects.with_id_numbers(numbers)})
    return [known.get(person.id_number, person) for person in fresh]


def _objections_to_persons(rows: Sequence[OpeningRow], persons: Sequence[Person]) -> list[Objection]:
    """R16 of new persons, R04 within the roster and against who is on quota, or employed beside it, already."""
    known = [person.pk for person in persons if not person._state.adding]
    on_quota = _held_by(known, Occupancy.objects.open_ended())
    engaged = _held_by(known, Engagement.objects.open_ended())
    found: list[Objection] = []
    seen: dict[str, str] = {}
    for row, person in zip(rows, persons, strict=True):
        label = row.label or person.name
        if person._state.adding:
            found += [_named(objection, label) for objection in objections_to_person(person)]
        if person.pk in on_quota:
            message = f"{label}：{person.name}已在编，一人只能占用一个编制（R04）"
            found.append(Objection("R04", message, Severity.BLOCK, {}, "请从名册中去掉，或按调动办理"))
        employment = objections_to_employment(person.name, is_engaged=person.pk in engaged)
        found += [_named(objection, label) for objection in employment]
        if person.id_number in seen:
            message = f"{label}：身份证号与{seen[person.id_number]}重复（R04）"
            found.append(Objection("R04", message, Severity.BLOCK, {}, "请核对两行人员"))
        seen.setdefault(person.id_number, label)
    return found


def _held_by(person_ids: Sequence[int], rows: QuerySet[Any]) -> set[int]:
    """Which of these people have one of these rows."""
    found: set[int] = set()
    for start in range(0, len(person_ids), BATCH):
        held = rows.filter(person_id__in=person_ids[start : start + BATCH])
        found |= set(held.values_list("person_id", flat=True))
    return found


def _objections_to_rows(rows: Sequence[OpeningRow], units: dict[int, Unit], today: date) -> list[Objection]:
    found: list[Objection] = []
    minimum_age = MINIMUM_WORKING_AGE.number
    for row in rows:
        label = row.label or row.person.name
        unit = units.get(row.organization_id)
        if unit is None:
            found.append(_named(no_such_unit(today), label))
            continue
        found += [
            _named(_as_warning(each) if each.code in ("R05", "R11") and not unit.is_grouping else each, label)
            for each in [*objections_to_quota_type(unit, row.quota_type), *_objections_to_row_codes(row, today)]
        ]
        if row.person.born_on is not None:
            career = objections_to_careers(
                born_on=row.person.born_on,
                started_work_on=row.person.other.get("started_work_on"),
                effective_on=row.entered_on,
                established_on=unit.established_on,
                minimum_age=minimum_age,
            )
            found += [_named(objection, label) for objection in career]
    return found


def _objections_to_row_codes(row: OpeningRow, today: date) -> list[Objection]:
    found: list[Objection] = []
    wanted = (("entry_mode", row.entry_mode), ("post_level", row.post_level), ("off_duty_reason", row.duty_reason))
    for code_set, value in wanted:
        if value and value not in codes(code_set):
            message = f"{codes(code_set).title}中没有代码“{value}”"
            found.append(Objection("D1", message, Severity.BLOCK, {}, "请从代码表中选择"))
    if row.duty_state and row.duty_state not in STATES:
        found.append(
            Objection("D1", f"人员状态“{row.duty_state}”不能作为在编人员登记", Severity.BLOCK, {}, "请核对人员状态")
        )
    if row.entered_on > today:
        found.append(Objection("D3", f"入编时间 {row.entered_on} 晚于今天", Severity.BLOCK, {}, "请核对日期"))
    return found


def _as_warning(objection: Objection) -> Objection:
    return Objection(objection.code, objection.message, Severity.WARN, objection.figures, "已照实登记，请列入整改")


def _named(objection: Objection, label: str) -> Objection:
    message = f"{label}：{objection.message}"
    return Objection(objection.code, message, objection.severity, objection.figures, objection.next_step)


def _occupancies(rows: Sequence[OpeningRow], persons: Sequence[Person], document: ApprovalDocument) -> list[Occupancy]:
    room = open_room({row.organization_id for row in rows})
    marks = marked_as_excess([((row.organization_id, row.quota_type), row.entered_on) for row in rows], room)
    return [
        Occupancy(
            person=person,
            organization_id=row.organization_id,
            internal_body_id=row.internal_body_id,
            quota_type=row.quota_type,
            entry_mode=row.entry_mode,
            entry_source=row.entry_source,
            entry_document=row.entry_document or document,
            joined_unit_on=row.joined_unit_on or row.entered_on,
            term_until=row.term_until,
            over_quota=mark,
            valid_from=row.entered_on,
        )
        for row, person, mark in zip(rows, persons, marks, strict=True)
    ]


def _movements(
    rows: Sequence[OpeningRow], occupancies: Sequence[Occupancy], document: ApprovalDocument, today: date
) -> list[Movement]:
    numbers = movement_numbers(today, len(rows)) if rows else []
    return [
        Movement(
            number=number,
            family=MovementFamily.OPENING,
            mode=row.entry_mode,
            person=occupancy.person,
            to_occupancy=occupancy,
            event_on=row.entered_on,
            effective_on=row.entered_on,
            filed_on=today,
            document=row.entry_document or document,
            reason="期初登记",
        )
        for row, occupancy, number in zip(rows, occupancies, numbers, strict=True)
    ]


def _appointments(
    rows: Sequence[OpeningRow], persons: Sequence[Person], document: ApprovalDocument
) -> list[Appointment]:
    held = [(row, person) for row, person in zip(rows, persons, strict=True) if row.position]
    leading = [(row, person) for row, person in held if row.post_level]
    room = open_room({row.organization_id for row, _ in leading}) if leading else {}
    marks = marked_as_excess(
        [((row.organization_id, row.post_level), row.position_since or row.entered_on) for row, _ in leading], room
    )
    exceeding = {person.id_number for (_, person), mark in zip(leading, marks, strict=True) if mark}
    return [
        Appointment(
            person=person,
            organization_id=row.organization_id,
            internal_body_id=row.internal_body_id,
            position=row.position,
            post_level=row.post_level,
            rank_code=row.rank_code,
            exceeds_posts=person.id_number in exceeding,
            document=row.entry_document or document,
            valid_from=row.position_since or row.entered_on,
        )
        for row, person in held
    ]


def _duties(rows: Sequence[OpeningRow], persons: Sequence[Person]) -> list[DutyPeriod]:
    return [
        DutyPeriod(
            person=person,
            state=row.duty_state,
            reason=row.duty_reason,
            valid_from=row.duty_since or row.entered_on,
        )
        for row, person in zip(rows, persons, strict=True)
        if row.duty_state and row.duty_state != ON_DUTY
    ]
