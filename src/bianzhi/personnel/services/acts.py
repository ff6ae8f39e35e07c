"""One act upon the register in progress: who acts, when, by which document, and every row it has written.

The services of this package are short because the acts share their steps: opening and closing an occupancy,
numbering a movement, ending what ends with it. Whatever is written here is named to the audit record at the end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Model
from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.models import SealedModel
from bianzhi.audit.unit_of_work import record
from bianzhi.common import outbox
from bianzhi.common.numbering import next_numbers
from bianzhi.documents.models import ApprovalDocument
from bianzhi.organizations.models import ReorganizationEvent
from bianzhi.organizations.models.periods import PeriodModel
from bianzhi.personnel.models import (
    Appointment,
    ApprovalSlot,
    DutyPeriod,
    Movement,
    MovementFamily,
    Occupancy,
    Person,
    Secondment,
    SlotState,
)

COPIED = (
    "organization_id",
    "internal_body_id",
    "quota_type",
    "entry_mode",
    "entry_source",
    "entry_document_id",
    "joined_unit_on",
    "term_until",
    "over_quota",
)
"""What a row that continues or corrects an occupancy takes over from it."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """How an occupancy ends for good."""

    mode: str
    event_on: date
    destination: str = ""


@dataclass(slots=True)
class Act:
    """Collects the rows of one act; `finish` records them and puts the news into the outbox."""

    actor: Actor
    today: date
    document: ApprovalDocument
    event: ReorganizationEvent | None = None
    wrote: list[SealedModel] = field(default_factory=list)

    def wrote_also(self, *rows: SealedModel) -> None:
        """Name further rows of this act."""
        self.wrote += rows

    def open_occupancy(self, person: Person, *, valid_from: date, **facts: Any) -> Occupancy:
        """A new open occupancy; the database refuses one too many (R02, R04)."""
        facts.setdefault("entry_document_id", self.document.pk)
        occupancy = Occupancy.objects.create(person=person, valid_from=valid_from, **facts)
        self.wrote.append(occupancy)
        return occupancy

    def continue_occupancy(self, occupancy: Occupancy, *, valid_from: date, **changes: Any) -> Occupancy:
        """The occupancy's successor: the same facts but for `changes`, from `valid_from` on."""
        facts = {name: getattr(occupancy, name) for name in COPIED} | changes
        return self.open_occupancy(occupancy.person, valid_from=valid_from, **facts)

    def close_occupancy(self, occupancy: Occupancy, on: date, leaving: Leaving | None = None) -> None:
        """End an occupancy; `on` is the first day it no longer holds. With `leaving` the person leaves the quota."""
        occupancy.valid_to = on
        if leaving is not None:
            occupancy.exit_mode = leaving.mode
            occupancy.exit_event_on = leaving.event_on
            occupancy.exit_destination = leaving.destination
            occupancy.exit_document = self.document
        occupancy.save(update_fields=["valid_to", "exit_mode", "exit_event_on", "exit_destination", "exit_document"])
        self.wrote.append(occupancy)

    def supersede(self, row: PeriodModel, reason: str) -> None:
        """Mark a row as wrong: it keeps its content and no longer counts (R26)."""
        row.superseded_at = timezone.now()
        changed = ["superseded_at"]
        if isinstance(row, Occupancy):
            row.superseded_reason = reason
            changed.append("superseded_reason")
        row.save(update_fields=changed)
        self.wrote.append(row)

    def end(self, row: PeriodModel, on: date) -> None:
        """End a period; one that has not begun by then never held and is superseded."""
        if row.valid_from >= on:
            self.supersede(row, "未开始即终止")
            return
        row.valid_to = on
        row.save(update_fields=["valid_to"])
        self.wrote.append(row)

    def end_positions(self, person: Person, organization_id: int | None, on: date) -> list[str]:
        """End the appointments at a unit (None: anywhere) by this act's document; returns the positions ended."""
        rows = Appointment.objects.open_ended().filter(person=person)
        if organization_id is not None:
            rows = rows.filter(organization_id=organization_id)
        ended = list(rows)
        for appointment in ended:
            appointment.end_document = self.document
            appointment.save(update_fields=["end_document"])
            self.end(appointment, on)
        return [appointment.position for appointment in ended]

    def end_duty(self, person: Person, on: date) -> None:
        """End the duty state and the secondments that go on: both belong to the occupancy that ends."""
        for duty in DutyPeriod.objects.open_ended().filter(person=person):
            self.end(duty, on)
        for secondment in Secondment.objects.open_ended().filter(person=person):
            self.end(secondment, on)

    def consume(self, slot: ApprovalSlot, on: date) -> None:
        """Use a slot up (R01): from `on` its place is an occupancy's."""
        slot.state = SlotState.CONSUMED
        slot.released_on = on
        slot.release_reason = "入编使用"
        slot.save(update_fields=["state", "released_on", "release_reason"])
        self.wrote.append(slot)

    def move(
        self,
        person: Person,
        family: MovementFamily,
        mode: str,
        *,
        effective_on: date,
        event_on: date | None = None,
        evidence: Sequence[str] = (),
        **facts: Any,
    ) -> Movement:
        """Write the numbered movement of this act."""
        movement = Movement.objects.create(
            number=movement_numbers(self.today)[0],
            family=family,
            mode=mode,
            person=person,
            event_on=event_on or effective_on,
            effective_on=effective_on,
            filed_on=self.today,
            evidence=list(evidence),
            document=self.document,
            event=self.event,
            **facts,
        )
        self.wrote.append(movement)
        return movement

    def finish(self, action: str, subject: Model, facts: Mapping[str, Any], *, key: object = None) -> None:
        """Record the act with everything it wrote, and tell the rest of the system."""
        whole = {"document": self.document.doc_no, **facts}
        record(action, actor=self.actor, subject=subject, facts=whole, wrote=self.wrote)
        outbox.put(action, key=key if key is not None else subject.pk, payload=_plain(whole))
        self.wrote = []


def movement_numbers(today: date, count: int = 1) -> list[str]:
    """The next numbers of the year's movements, e.g. BD2026-000123."""
    return [f"BD{today.year}-{number:06d}" for number in next_numbers(f"movement-{today.year}", count)]


def facts_of(movement: Movement) -> dict[str, Any]:
    """What record and outbox tell of a movement."""
    return {
        "movement": movement.pk,
        "number": movement.number,
        "family": str(movement.family),
        "mode": movement.mode,
        "person": movement.person_id,
        "from_occupancy": movement.from_occupancy_id,
        "to_occupancy": movement.to_occupancy_id,
        "slot": movement.slot_id,
        "event_on": movement.event_on,
        "effective_on": movement.effective_on,
    }


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in facts.items()}


def rows_of(*groups: Iterable[SealedModel]) -> list[SealedModel]:
    """All rows of several groups, for the record of a bulk act."""
    return [row for group in groups for row in group]
