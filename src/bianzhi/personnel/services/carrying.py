"""成建制划转 (T06): people, quota and whatever hangs on them go from one unit to another in one act.

The order matters to the database, which judges every row: slots are given back and people leave the old unit first, so
that its quota can go; then the quota moves; then the people arrive on it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from django.db.models import Q

from bianzhi.audit.actors import Actor
from bianzhi.audit.models import SealedModel
from bianzhi.audit.unit_of_work import record
from bianzhi.common import outbox
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.ledger.models import Account, EntryKind
from bianzhi.ledger.rules.lines import Line, body, move, unit
from bianzhi.ledger.selectors.balances import approved, by_body
from bianzhi.ledger.services import EntryDraft, post_entry
from bianzhi.ledger.services.locks import lock_accounts
from bianzhi.organizations.models import ReorganizationEvent
from bianzhi.personnel.models import (
    Appointment,
    ApprovalSlot,
    Engagement,
    Movement,
    MovementFamily,
    Occupancy,
    Secondment,
    SlotState,
)
from bianzhi.personnel.rules.modes import ORG_TRANSFER_IN
from bianzhi.personnel.rules.opening import excess_last, marked_as_excess
from bianzhi.personnel.rules.reorganizations import objections_to_arrivals
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.selectors.room import open_room
from bianzhi.personnel.selectors.units import unit_on
from bianzhi.personnel.services.acts import COPIED, movement_numbers
from bianzhi.personnel.services.corrections import ENDING
from bianzhi.personnel.services.locking import lock_persons

BATCH = 500
PENDING = (SlotState.DORMANT, SlotState.RESERVED)


@dataclass(frozen=True, slots=True)
class Load:
    """What goes from `source` to `target`: quota and posts by measure, and people by id.

    `bodies` says in which internal body of the target the people of an internal body of the source arrive.
    `allows_overstaffing` lets the source keep more people than it has quota left.
    """

    source_id: int
    target_id: int
    amounts: Mapping[str, int]
    person_ids: Collection[int]
    bodies: Mapping[int, int] = field(default_factory=dict)
    allows_overstaffing: bool = False


@dataclass(slots=True)
class Carrying:
    """One reorganisation carrying people and quota; every row it writes is recorded by `carry`."""

    actor: Actor
    today: date
    document: ApprovalDocument
    effective_on: date
    event: ReorganizationEvent
    summary: str
    wrote: list[SealedModel] = field(default_factory=list)

    def carry(self, load: Load) -> list[Movement]:
        """Move one load. Raises Refused: R02 (no place), R05 (unfit quota type), R07, D3 (somebody came too late)."""
        leaving = staying_at(load.source_id, self.effective_on, load.person_ids)
        refuse_if(self._objections(load, leaving))
        self._close(leaving)
        self._end_positions(load, leaving)
        engaged = self._close_engagements(load)
        self._move_quota(load)
        movements = self._arrive(load, leaving)
        self._reopen_engagements(load, engaged)
        self._carry_secondments(load)
        facts = {
            "event": self.event.pk,
            "from": load.source_id,
            "to": load.target_id,
            "amounts": dict(load.amounts),
            "people": len(movements),
            "document": self.document.doc_no,
        }
        record("personnel.reorganized", actor=self.actor, subject=self.event, facts=facts, wrote=self.wrote)
        outbox.put("personnel.reorganized", key=self.event.pk, payload=facts)
        self.wrote = []
        return movements

    def return_slots(self, organization_id: int) -> list[ApprovalSlot]:
        """Give back every slot of a unit that has not been used: a slot belongs to its unit."""
        slots = list(ApprovalSlot.objects.filter(organization_id=organization_id, state__in=PENDING).order_by("pk"))
        for slot in slots:
            slot.state = SlotState.RETURNED
            slot.released_on = max(self.today, slot.reserved_on or self.today)
            slot.release_reason = f"机构改革：{self.summary}"[:200]
        ApprovalSlot.objects.bulk_update(slots, ["state", "released_on", "release_reason"], batch_size=BATCH)
        self.wrote += slots
        return slots

    def _objections(self, load: Load, leaving: Sequence[Occupancy]) -> list[Objection]:
        target = unit_on(load.target_id, self.effective_on)
        if target is None:
            raise Refused(
                [
                    Objection(
                        "L1", f"承接单位在 {self.effective_on} 尚未设立", Severity.BLOCK, {}, "请核对承接单位和日期"
                    )
                ]
            )
        missing = set(load.person_ids) - {occupancy.person_id for occupancy in leaving}
        found: list[Objection] = []
        if missing:
            message = f"有 {len(missing)} 名划转人员不在划出单位编制上（R04）"
            found.append(Objection("R04", message, Severity.BLOCK, {"人数": len(missing)}, "请核对划转人员名单"))
        late = [occupancy.person.name for occupancy in leaving if occupancy.valid_from >= self.effective_on]
        if late:
            message = f"{'、'.join(late[:5])}等 {len(late)} 人在 {self.effective_on} 当日或以后才到划出单位"
            found.append(Objection("D3", message, Severity.BLOCK, {"人数": len(late)}, "请核对生效日期"))
        people = [(occupancy.quota_type, occupancy.over_quota) for occupancy in leaving]
        room = {quota: headroom(load.target_id, quota, self.effective_on) for quota, _ in people}
        return found + objections_to_arrivals(target, people, load.amounts, room)

    def _close(self, leaving: Sequence[Occupancy]) -> None:
        ids = [occupancy.pk for occupancy in leaving]
        for start in range(0, len(ids), BATCH):
            Occupancy.objects.filter(pk__in=ids[start : start + BATCH]).update(valid_to=self.effective_on)
        self.wrote += leaving

    def _end_positions(self, load: Load, leaving: Sequence[Occupancy]) -> None:
        """Positions belong to the unit left; the new unit's are given by its own appointments."""
        people = {occupancy.person_id for occupancy in leaving}
        held = Appointment.objects.open_ended().filter(organization_id=load.source_id, person_id__in=people)
        ended = list(held.filter(valid_from__lt=self.effective_on))
        for appointment in ended:
            appointment.valid_to = self.effective_on
            appointment.end_document = self.document
        Appointment.objects.bulk_update(ended, ["valid_to", "end_document"], batch_size=BATCH)
        self.wrote += ended

    def _move_quota(self, load: Load) -> None:
        lines = _lines(load, self.effective_on)
        if not lines:
            return
        draft = EntryDraft(
            kind=EntryKind.TRANSFER,
            document=self.document,
            effective_on=self.effective_on,
            summary=self.summary,
            lines=lines,
            event=self.event,
            allows_overstaffing=load.allows_overstaffing,
        )
        post_entry(actor=self.actor, draft=draft)

    def _arrive(self, load: Load, leaving: Sequence[Occupancy]) -> list[Movement]:
        places = [((load.target_id, each.quota_type), each.valid_from) for each in leaving]
        marks = marked_as_excess(places, open_room([load.target_id]))
        arrived = [
            self._successor(load, occupancy, is_excess=mark and occupancy.valid_to is None)
            for occupancy, mark in zip(leaving, marks, strict=True)
        ]
        for group in excess_last(arrived, lambda occupancy: occupancy.over_quota):
            Occupancy.objects.bulk_create(group, batch_size=BATCH)
        numbers = movement_numbers(self.today, len(arrived)) if arrived else []
        movements = [
            Movement(
                number=number,
                family=MovementFamily.INTERNAL,
                mode="T06",
                person_id=old.person_id,
                from_occupancy=old,
                to_occupancy=new,
                event_on=self.effective_on,
                effective_on=self.effective_on,
                filed_on=self.today,
                document=self.document,
                event=self.event,
                reason=self.summary[:300],
            )
            for number, old, new in zip(numbers, leaving, arrived, strict=True)
        ]
        Movement.objects.bulk_create(movements, batch_size=BATCH)
        self.wrote += [*arrived, *movements]
        return movements

    def _successor(self, load: Load, occupancy: Occupancy, *, is_excess: bool) -> Occupancy:
        facts = {name: getattr(occupancy, name) for name in (*COPIED, *ENDING)}
        facts |= {
            "organization_id": load.target_id,
            "internal_body_id": load.bodies.get(occupancy.internal_body_id or 0),
            "entry_mode": ORG_TRANSFER_IN,
            "entry_document_id": self.document.pk,
            "joined_unit_on": self.effective_on,
            "over_quota": is_excess,
        }
        return Occupancy(
            person_id=occupancy.person_id, valid_from=self.effective_on, valid_to=occupancy.valid_to, **facts
        )

    def _close_engagements(self, load: Load) -> list[Engagement]:
        """编外（员额）people go along when the control number of their kind does."""
        kinds = [kind for kind in ("E1", "E2") if load.amounts.get(kind)]
        engaged = list(
            Engagement.objects.open_ended().filter(
                organization_id=load.source_id, kind__in=kinds, valid_from__lt=self.effective_on
            )
        )
        kept: list[Engagement] = []
        taken: Counter[str] = Counter()
        for engagement in engaged:
            taken[engagement.kind] += 1
            if taken[engagement.kind] <= load.amounts[engagement.kind]:
                engagement.valid_to = self.effective_on
                kept.append(engagement)
        Engagement.objects.bulk_update(kept, ["valid_to"], batch_size=BATCH)
        self.wrote += kept
        return kept

    def _reopen_engagements(self, load: Load, engaged: Sequence[Engagement]) -> None:
        opened = [
            Engagement(
                person_id=old.person_id,
                organization_id=load.target_id,
                kind=old.kind,
                form=old.form,
                position=old.position,
                funding_source=old.funding_source,
                over_cap=old.over_cap,
                document=self.document,
                valid_from=self.effective_on,
            )
            for old in engaged
        ]
        for group in excess_last(opened, lambda engagement: engagement.over_cap):
            self.wrote += Engagement.objects.bulk_create(group, batch_size=BATCH)

    def _carry_secondments(self, load: Load) -> None:
        """Whoever is lent stays lent, by the new unit; the agreed end does not change."""
        lent = Secondment.objects.open_ended().filter(
            from_organization_id=load.source_id, person_id__in=load.person_ids, valid_from__lt=self.effective_on
        )
        old = list(lent)
        for secondment in old:
            secondment.valid_to = self.effective_on
        Secondment.objects.bulk_update(old, ["valid_to"], batch_size=BATCH)
        new = [
            Secondment(
                person_id=each.person_id,
                mode=each.mode,
                from_organization_id=load.target_id,
                to_organization_id=each.to_organization_id,
                outside_party=each.outside_party,
                planned_until=max(each.planned_until, self.effective_on),
                document=self.document,
                valid_from=self.effective_on,
            )
            for each in old
        ]
        self.wrote += [*old, *Secondment.objects.bulk_create(new, batch_size=BATCH)]


def staying_at(organization_id: int, day: date, person_ids: Collection[int] | None = None) -> list[Occupancy]:
    """Occupancies of a unit that last beyond a day, oldest first, of these people (None: of all)."""
    rows = (
        Occupancy.objects.current()
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), organization_id=organization_id)
        .select_related("person")
        .order_by("valid_from", "pk")
    )
    found = list(rows)
    return found if person_ids is None else [each for each in found if each.person_id in set(person_ids)]


def lock_for_reorganization(organization_ids: Iterable[int], person_ids: Iterable[int]) -> None:
    """Every account of the units and of the district, then the people; the structure's lock is taken before."""
    wanted = Q(organization_id__in=set(organization_ids)) | Q(organization__isnull=True)
    lock_accounts(Account.objects.filter(wanted).values_list("pk", flat=True))
    lock_persons(person_ids)


def _lines(load: Load, day: date) -> list[Line]:
    """Quota fixed to internal bodies (定编到科室) is taken from them when the unit's own account does not suffice."""
    fixed = by_body(load.source_id, day)
    own = Counter({measure: number for (_, measure), number in approved([load.source_id], day).items()})
    for (_, measure), number in fixed.items():
        own[measure] -= number
    lines: list[list[Line]] = []
    for measure, amount in load.amounts.items():
        left = amount
        target = unit(load.target_id, measure)
        from_own = min(left, max(own[measure], 0))
        if from_own:
            lines.append(move(unit(load.source_id, measure), target, from_own))
            left -= from_own
        for (body_id, fixed_measure), number in sorted(fixed.items()):
            taken = min(left, number) if fixed_measure == measure else 0
            if taken > 0:
                lines.append(move(body(load.source_id, body_id, measure), target, taken))
                left -= taken
        if left:
            lines.append(move(unit(load.source_id, measure), target, left))
    return list(chain.from_iterable(lines))
