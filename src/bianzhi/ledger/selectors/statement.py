"""T02 机构编制台账: every change of a unit in the order it took effect, with running balances."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from bianzhi.ledger.models import EntryKind
from bianzhi.ledger.models.accounts import HELD_BY_UNIT
from bianzhi.ledger.rules.measures import in_order, is_post
from bianzhi.ledger.selectors.balances import end_of, postings_as_of
from bianzhi.ledger.selectors.names import UnitName, unit_names
from bianzhi.organizations.models import InternalBodyVersion, Lineage
from bianzhi.organizations.models.bodies import BodyKind

_FIELDS = (
    "account__organization_id", "account__measure", "amount", "entry_id", "entry__number", "entry__kind",
    "entry__summary", "entry__effective_on", "entry__recorded_at", "entry__reverses__number",
    "entry__reversed_by__number", "entry__reversed_by__recorded_at", "entry__allows_overstaffing", "entry__event_id",
    "entry__document_id", "entry__document__doc_no", "entry__document__issuer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """增、减 and 结存 of one measure in one row."""

    increase: int
    decrease: int
    balance: int


@dataclass(frozen=True, slots=True)
class Source:
    """What a row of the statement comes from: a ledger entry, or an event that moved no quota."""

    effective_on: date
    recorded_at: datetime
    document_id: int
    doc_no: str
    issuer: str
    summary: str
    kind: str
    entry_id: int | None = None
    number: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the statement; `changes` has only the measures that moved, `balances` all held so far."""

    source: Source
    changes: dict[str, Change]
    balances: dict[str, int]
    bodies: int


@dataclass(slots=True)
class Statement:
    """The statement of one unit; `measures` are the quota types and `posts` the post levels it ever held."""

    unit: UnitName
    measures: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    closing: dict[str, int] = field(default_factory=dict)


def statements(organization_ids: Collection[int] | None, day: date, *, known_on: date | None = None) -> list[Statement]:
    """Statements up to a day, as known on a day, ordered by unit code; four queries however many units.

    With None every organisation that has a ledger. Units asked for by id appear even when theirs is empty.
    """
    moved = _changes_by_unit(organization_ids, day, known_on)
    events = _events_by_unit(organization_ids, day, known_on)
    wanted = set(moved) if organization_ids is None else set(organization_ids)
    names = unit_names(wanted if organization_ids is not None else None, day)
    bodies = _bodies_by_unit(organization_ids)
    found = [
        _statement(names[unit_id], moved.get(unit_id, []), events.get(unit_id, []), bodies.get(unit_id, []))
        for unit_id in wanted
        if unit_id in names
    ]
    return sorted(found, key=lambda statement: (statement.unit.code, statement.unit.organization_id))


Moved = tuple[Source, dict[str, int]]


def _changes_by_unit(
    organization_ids: Collection[int] | None, day: date, known_on: date | None
) -> dict[int, list[Moved]]:
    """Net change by measure of each entry, by unit, in the order of effect; moves inside a unit are left out."""
    postings = postings_as_of(day, known_on).filter(account__kind__in=HELD_BY_UNIT)
    if organization_ids is not None:
        postings = postings.filter(account__organization_id__in=list(organization_ids))
    rows = postings.order_by("account__organization_id", "entry__effective_on", "entry_id").values(*_FIELDS)
    moved: dict[int, list[Moved]] = defaultdict(list)
    for (unit_id, _), group in groupby(rows, key=lambda row: (row["account__organization_id"], row["entry_id"])):
        postings_of_entry = list(group)
        net: dict[str, int] = defaultdict(int)
        for row in postings_of_entry:
            net[row["account__measure"]] += row["amount"]
        if changed := {measure: amount for measure, amount in net.items() if amount}:
            moved[unit_id].append((_source_of(postings_of_entry[0], known_on), changed))
    return moved


def _source_of(row: dict[str, Any], known_on: date | None) -> Source:
    notes = []
    if row["entry__reverses__number"]:
        notes.append(f"冲正 {row['entry__reverses__number']}")
    reversed_at = row["entry__reversed_by__recorded_at"]
    if reversed_at is not None and (known_on is None or reversed_at < end_of(known_on)):
        notes.append(f"已由 {row['entry__reversed_by__number']} 冲正")
    if row["entry__allows_overstaffing"]:
        notes.append("经批准允许形成超编")
    return Source(
        effective_on=row["entry__effective_on"],
        recorded_at=row["entry__recorded_at"],
        document_id=row["entry__document_id"],
        doc_no=row["entry__document__doc_no"],
        issuer=row["entry__document__issuer"],
        summary=row["entry__summary"],
        kind=EntryKind(row["entry__kind"]).label,
        entry_id=row["entry_id"],
        number=row["entry__number"],
        note="；".join(notes),
    )


def _events_by_unit(
    organization_ids: Collection[int] | None, day: date, known_on: date | None
) -> dict[int, list[Source]]:
    """Events of a unit (更名, 规格…) that moved no quota of any unit."""
    parts = Lineage.objects.filter(event__effective_on__lte=day, event__ledger_entries__isnull=True)
    if organization_ids is not None:
        parts = parts.filter(organization_id__in=list(organization_ids))
    if known_on is not None:
        parts = parts.filter(event__recorded_at__lt=end_of(known_on))
    events: dict[int, list[Source]] = defaultdict(list)
    for part in parts.select_related("event__document").order_by("event__effective_on", "event_id"):
        event = part.event
        events[part.organization_id].append(
            Source(
                effective_on=event.effective_on,
                recorded_at=event.recorded_at,
                document_id=event.document_id,
                doc_no=event.document.doc_no,
                issuer=event.document.issuer,
                summary=event.summary,
                kind=event.get_kind_display(),
            )
        )
    return events


def _bodies_by_unit(organization_ids: Collection[int] | None) -> dict[int, list[tuple[date, date | None]]]:
    """The periods of each unit's internal bodies."""
    versions = InternalBodyVersion.objects.current().filter(kind=BodyKind.INTERNAL)
    if organization_ids is not None:
        versions = versions.filter(organization_id__in=list(organization_ids))
    periods: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for unit_id, valid_from, valid_to in versions.values_list("organization_id", "valid_from", "valid_to"):
        periods[unit_id].append((valid_from, valid_to))
    return periods


def _statement(
    name: UnitName, moved: Iterable[Moved], events: Iterable[Source], bodies: Iterable[tuple[date, date | None]]
) -> Statement:
    lines: list[Moved] = [*moved, *((event, {}) for event in events)]
    lines.sort(key=lambda line: line[0].effective_on)
    periods = list(bodies)
    balances: dict[str, int] = {}
    rows = []
    for source, changed in lines:
        for measure, amount in changed.items():
            balances[measure] = balances.get(measure, 0) + amount
        changes = {
            measure: Change(max(amount, 0), max(-amount, 0), balances[measure]) for measure, amount in changed.items()
        }
        rows.append(Row(source, changes, dict(balances), _alive(periods, source.effective_on)))
    held = in_order(set(balances))
    return Statement(
        unit=name,
        measures=[measure for measure in held if not is_post(measure)],
        posts=[measure for measure in held if is_post(measure)],
        rows=rows,
        closing=balances,
    )


def _alive(periods: Iterable[tuple[date, date | None]], day: date) -> int:
    return sum(1 for start, end in periods if start <= day and (end is None or day < end))
