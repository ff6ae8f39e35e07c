"""What a reorganisation did: figures of every unit before and after, people moved, posts ended, slots given back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from bianzhi.kernel.digests import sm3_hex
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.rules import measures
from bianzhi.ledger.selectors.entries import touching
from bianzhi.organizations.models import LineageKind, LineageRole, ReorganizationEvent
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Appointment, ApprovalSlot, Engagement, Movement, Occupancy, SlotState
from bianzhi.personnel.rules.capacity import NO_USE, QuotaUse
from bianzhi.personnel.selectors.dossier import body_names
from bianzhi.personnel.selectors.quota_use import post_use, quota_use
from bianzhi.personnel.selectors.units import units_on

GIVING = (LineageRole.SOURCE, LineageRole.SUBJECT)


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One measure of one unit on the day before and on the day of the event."""

    measure: str
    label: str
    before: QuotaUse
    after: QuotaUse

    @property
    def is_changed(self) -> bool:
        """Whether the event touched it."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class UnitChange:
    """One unit before and after: whether it was and is there, and its figures."""

    organization_id: int
    name: str
    role: str
    was_there: bool
    is_there: bool
    lines: tuple[FigureLine, ...]

    @property
    def state(self) -> str:
        """设立 or 撤销 in this event; "" for a unit that goes on."""
        if self.is_there and not self.was_there:
            return "设立"
        return "撤销" if self.was_there and not self.is_there else ""


@dataclass(frozen=True, slots=True)
class Moved:
    """One person and where the event took them; `target` is empty for whoever left the quota."""

    movement: Movement
    body: str
    source: int
    target: int | None


@dataclass(frozen=True, slots=True)
class Consequences:
    """Everything an event did, read while it stood in the database."""

    day: date
    units: tuple[UnitChange, ...]
    moved: tuple[Moved, ...]
    ended: tuple[Appointment, ...]
    returned: tuple[ApprovalSlot, ...]
    engaged: int
    released: int

    @property
    def digest(self) -> str:
        """The same for the same consequences: what is confirmed must be what was shown."""
        told = [
            [(unit.name, unit.state, [(line.measure, line.before, line.after) for line in unit.lines])]
            for unit in self.units
        ]
        people = sorted((each.movement.person_id, each.source) for each in self.moved)
        ended, returned = [row.pk for row in self.ended], [slot.pk for slot in self.returned]
        return sm3_hex(repr((told, people, ended, returned, self.engaged, self.released)))[:16]


def consequences(event: ReorganizationEvent) -> Consequences:
    """What an event of several units, or an abolition, did; a constant number of queries."""
    day = event.effective_on
    roles: dict[int, str] = {}
    for part in event.parts.order_by("pk"):
        roles.setdefault(part.organization_id, part.role)
    moved = list(_movements(event, [pk for pk, role in roles.items() if role in GIVING]))
    for each in moved:
        if each.to_occupancy is not None:
            roles.setdefault(each.to_occupancy.organization_id, LineageRole.TARGET)
    giving = [pk for pk, role in roles.items() if role in GIVING]
    taking = [pk for pk in roles if pk not in giving]
    units = _units(roles, day)
    gone = [unit.organization_id for unit in units if unit.state == "撤销"]
    bodies = body_names([row.internal_body_id for row in _left(moved) if row.internal_body_id], day)
    engagements = Engagement.objects.current()
    engaged = engagements.filter(organization_id__in=taking, document=event.document_id, valid_from=day).count()
    closed = engagements.filter(organization_id__in=giving, valid_to=day).count() if gone or engaged else 0
    return Consequences(
        day=day,
        units=units,
        moved=tuple(_moved(each, bodies) for each in moved),
        ended=tuple(_ended(event, giving)),
        returned=tuple(_returned(gone)),
        engaged=engaged,
        released=max(closed - engaged, 0),
    )


def entries_of(event: ReorganizationEvent) -> QuerySet[LedgerEntry]:
    """Ledger entries posted in an event's name, or, for an abolition, what it returned by the same document."""
    condition = Q(event=event)
    if event.kind == LineageKind.ABOLISHED:
        ids = event.parts.values("organization_id")
        returned = Q(document=event.document_id, effective_on=event.effective_on, kind=EntryKind.ABOLISHED)
        condition |= returned & Q(touching(account__organization_id__in=ids))
    return LedgerEntry.objects.filter(condition).order_by("pk")


def _movements(event: ReorganizationEvent, giving: Collection[int]) -> QuerySet[Movement]:
    condition = Q(event=event)
    if event.kind == LineageKind.ABOLISHED:
        condition |= Q(
            document=event.document_id,
            effective_on=event.effective_on,
            from_occupancy__organization_id__in=list(giving),
        )
    again = Movement.objects.filter(reverses=OuterRef("pk"))
    rows = Movement.objects.filter(condition, ~Exists(again), reverses=None)
    return rows.select_related("person", "from_occupancy", "to_occupancy").order_by("pk")


def _left(moved: Sequence[Movement]) -> list[Occupancy]:
    return [each.from_occupancy for each in moved if each.from_occupancy is not None]


def _moved(movement: Movement, bodies: dict[int, str]) -> Moved:
    old, new = movement.from_occupancy, movement.to_occupancy
    body = bodies.get(old.internal_body_id or 0, "") if old else ""
    return Moved(movement, body, old.organization_id if old else 0, new.organization_id if new else None)


def _units(roles: dict[int, str], day: date) -> tuple[UnitChange, ...]:
    ids, eve = list(roles), day - timedelta(days=1)
    before = {**quota_use(ids, eve), **post_use(ids, eve)}
    after = {**quota_use(ids, day), **post_use(ids, day)}
    there, stayed, names = units_on(ids, eve), units_on(ids, day), names_on(ids, day)
    held: dict[int, set[str]] = {pk: set() for pk in ids}
    for figures in (before, after):
        for (pk, measure), use in figures.items():
            if use != NO_USE:
                held[pk].add(measure)
    return tuple(
        UnitChange(
            organization_id=pk,
            name=names.get(pk, f"机构 {pk}"),
            role=LineageRole(role).label,
            was_there=pk in there,
            is_there=pk in stayed,
            lines=tuple(
                FigureLine(
                    measure,
                    measures.label(measure),
                    before.get((pk, measure), NO_USE),
                    after.get((pk, measure), NO_USE),
                )
                for measure in measures.in_order(held[pk])
            ),
        )
        for pk, role in roles.items()
    )


def _ended(event: ReorganizationEvent, giving: Collection[int]) -> QuerySet[Appointment]:
    rows = Appointment.objects.current().filter(
        organization_id__in=list(giving), end_document=event.document_id, valid_to=event.effective_on
    )
    return rows.select_related("person").order_by("pk")


def _returned(gone: Collection[int]) -> QuerySet[ApprovalSlot]:
    """A unit that ended has given back every unused slot, with the reason the services write."""
    reason = Q(release_reason__startswith="机构改革") | Q(release_reason="机构撤销")
    rows = ApprovalSlot.objects.filter(reason, organization_id__in=list(gone), state=SlotState.RETURNED)
    return rows.order_by("number")
