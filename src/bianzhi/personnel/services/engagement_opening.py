"""期初登记 of people outside the quota (备案员额、编外): taken over as they are, thousands at once, all or nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.ledger.selectors.balances import approved
from bianzhi.personnel.models import Engagement, Occupancy, Person
from bianzhi.personnel.rules.opening import excess_last, marked_as_excess
from bianzhi.personnel.rules.units import no_such_unit
from bianzhi.personnel.selectors.units import units_on
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import explained
from bianzhi.personnel.services.locking import lock_quota
from bianzhi.personnel.services.persons import PersonFacts, new_person, objections_to_person

BATCH = 500
SHOWN = 50


@dataclass(frozen=True, slots=True)
class EngagementRow:
    """One person of a roster; `kind` is E1 or E2, `label` names the row in messages."""

    person: PersonFacts
    organization_id: int
    kind: str
    since: date
    position: str = ""
    form: str = ""
    document: ApprovalDocument | None = None
    label: str = ""


@unit_of_work
@explained
def engage_opening(
    *, actor: Actor, today: date, document: ApprovalDocument, rows: Sequence[EngagementRow]
) -> list[Engagement]:
    """Take people outside the quota over in a handful of queries for each 500 rows.

    Those beyond a unit's control number are marked over_cap, the latest to come first (R22). Raises Refused: unsound
    identity (R16), somebody on quota or engaged already (R04, R22), a unit that does not exist today (L1).
    """
    require(actor, "imports.run")
    if not rows:
        return []
    units = units_on({row.organization_id for row in rows}, today)
    lock_quota(units, {row.kind for row in rows})
    persons = _persons(rows)
    objections = [_named(no_such_unit(today), row) for row in rows if row.organization_id not in units]
    refuse_if([*objections, *_objections_to_persons(rows, persons)][:SHOWN])
    new = [person for person in persons if person._state.adding]
    Person.objects.bulk_create(new, batch_size=BATCH)
    marks = marked_as_excess([((row.organization_id, row.kind), row.since) for row in rows], _room(rows))
    engagements = [
        Engagement(
            person=person,
            organization_id=row.organization_id,
            kind=row.kind,
            form=row.form,
            position=row.position,
            over_cap=mark,
            document=row.document or document,
            valid_from=row.since,
        )
        for row, person, mark in zip(rows, persons, marks, strict=True)
    ]
    for group in excess_last(engagements, lambda engagement: engagement.over_cap):
        Engagement.objects.bulk_create(group, batch_size=BATCH)
    facts = {"document": document.doc_no, "persons": len(engagements), "over_cap": sum(marks)}
    record("personnel.opening_registered", actor=actor, subject=document, facts=facts, wrote=[*new, *engagements])
    outbox.put("personnel.opening_registered", key=document.pk, payload=facts)
    return engagements


def _persons(rows: Sequence[EngagementRow]) -> list[Person]:
    """The person of each row: known by ID number, or new and unsaved."""
    fresh = [new_person(row.person) for row in rows]
    known: dict[str, Person] = {}
    for start in range(0, len(fresh), BATCH):
        numbers = [person.id_number for person in fresh[start : start + BATCH]]
        known.update({person.id_number: person for person in Person.objects.with_id_numbers(numbers)})
    return [known.get(person.id_number, person) for person in fresh]


def _objections_to_persons(rows: Sequence[EngagementRow], persons: Sequence[Person]) -> list[Objection]:
    ids = [person.pk for person in persons if not person._state.adding]
    taken: set[int] = set()
    for start in range(0, len(ids), BATCH):
        for held in (Occupancy.objects.open_ended(), Engagement.objects.open_ended()):
            chunk = held.filter(person_id__in=ids[start : start + BATCH])
            taken |= set(chunk.values_list("person_id", flat=True))
    numbers = Counter(person.id_number for person in persons)
    found: list[Objection] = []
    for row, person in zip(rows, persons, strict=True):
        if person._state.adding:
            blocking = [each for each in objections_to_person(person) if each.severity is Severity.BLOCK]
            found += [_named(each, row) for each in blocking]
        if person.pk in taken or numbers[person.id_number] > 1:
            message = f"{person.name}已在编或已有未结束的编外（员额）用工（R04）"
            found.append(_named(Objection("R04", message, Severity.BLOCK, {}, "请从名册中去掉"), row))
    return found


def _room(rows: Sequence[EngagementRow]) -> dict[tuple[int, str], int]:
    """Control numbers less the people engaged, by unit and kind."""
    ids = sorted({row.organization_id for row in rows})
    room = Counter(approved(ids, date.max))
    held = Engagement.objects.open_ended().filter(organization_id__in=ids).values_list("organization_id", "kind")
    room.subtract(Counter(held))
    return dict(room)


def _named(objection: Objection, row: EngagementRow) -> Objection:
    message = f"{row.label or row.person.name}：{objection.message}"
    return Objection(objection.code, message, objection.severity, objection.figures, objection.next_step)
