"""Changes a run has recognised: kept as candidates, joined to what a message told, or seen as registered already."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Q

from bianzhi.common.db.encrypted import renew_fingerprints
from bianzhi.exchange.models import Change, ChangeKind, ChangeState, Message
from bianzhi.exchange.selectors.register import registered_words, where_on_quota
from bianzhi.exchange.selectors.results import keyed_rows
from bianzhi.exchange.services.taking import BATCH, Taking, persons_by_number
from bianzhi.kernel.identifiers.id_number import normalise_id_number
from bianzhi.kernel.masking import mask_numbers
from bianzhi.kernel.names import person_name_key

OPEN: Final = (ChangeState.WAITING, ChangeState.CANDIDATE)
REWRITTEN: Final = (
    "state", "person_key", "person_name", "person", "from_organization", "to_organization", "happened_on",
    "confidence", "sources", "evidence", "number_fingerprint", "run", "reason",
)  # fmt: skip
GONE: Final = "重新核对后不再出现"


@dataclass(frozen=True, slots=True)
class _Held:
    """Changes as they stand: key → row, the rows nobody has decided about, what departments have told of."""

    keys: Mapping[str, int]
    undecided: frozenset[int]
    told: Mapping[tuple[str, str], Change]

    def row_of(self, change: Change) -> int | None:
        """The row of a recognised change: what a department has told of it, under whatever key, else its own."""
        told = self.message_of(change)
        return self.keys.get(change.key) if told is None else told.pk

    def message_of(self, change: Change) -> Change | None:
        """What a department has told of this person and this kind of change."""
        return self.told.get((change.kind, change.id_number))


def take_changes(act: Taking) -> dict[str, Any]:
    """Bring the recognised changes in line with the run; what people decided, and departments told, of one stays."""
    held = _held(act.run.period)
    counted: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for rows in keyed_rows(act.folder, "events", set()):
        kinds.update(row["kind"] for row in rows)
        changes = _changes(act, rows)
        born = [change for change in changes if held.row_of(change) is None]
        again = [_joined(change, held) for change in changes if held.row_of(change) in held.undecided]
        renew_fingerprints(again)
        Change.objects.bulk_create(born, batch_size=BATCH)
        Change.objects.bulk_update(again, REWRITTEN, batch_size=100)
        counted.update(new=len(born), again=len(again))
    gone = Change.objects.filter(period=act.run.period, state__in=OPEN, run__isnull=False, messages__isnull=True)
    counted["gone"] = gone.exclude(run=act.run).update(state=ChangeState.DISMISSED, reason=GONE)
    return {"events": dict(kinds), "changes": dict(counted)}


def _held(period: str) -> _Held:
    """Every change, locked until the run is taken in; one that a run alone has put aside is undecided."""
    locked = Change.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    rows = list(locked.values_list("pk", "key", "state", "decided_by_id"))
    undecided = (
        pk for pk, _, state, decider in rows if state in OPEN or (state == ChangeState.DISMISSED and decider is None)
    )
    return _Held({key: pk for pk, key, *_ in rows}, frozenset(undecided), _told_by_messages(period))


def _told_by_messages(period: str) -> dict[tuple[str, str], Change]:
    """Changes that a department has told of, by kind and number: those not settled, and those the month has seen."""
    by_message = Q(run__isnull=True) | Q(pk__in=Message.objects.filter(change__isnull=False).values("change"))
    rows = Change.objects.filter(by_message, Q(state__in=(*OPEN, ChangeState.CASE)) | Q(run__period=period))
    return {(row.kind, row.id_number): row for row in rows.order_by("pk") if row.id_number}


def _joined(change: Change, held: _Held) -> Change:
    """The row to be rewritten; what a department has told of it weighs more than what rosters let suppose."""
    change.pk = held.row_of(change)
    message = held.message_of(change)
    if message is None:
        return change
    told = message.evidence.get("message") or message.evidence
    said = {name: value for name, value in told.items() if value}
    change.evidence = {**change.evidence, **said, "id_number": message.id_number, "message": told}
    change.sources = sorted({*message.sources, *change.sources})
    change.confidence = max(change.confidence, message.confidence)
    change.happened_on = message.happened_on or change.happened_on
    change.person_id = change.person_id or message.person_id
    change.from_organization_id = change.from_organization_id or message.from_organization_id
    change.to_organization_id = change.to_organization_id or message.to_organization_id
    if change.state == ChangeState.WAITING:
        change.state = ChangeState.CANDIDATE
    return change


def _changes(act: Taking, rows: list[dict[str, Any]]) -> list[Change]:
    """The changes of a piece, matched to persons and units of the register: three queries, however many."""
    numbers = [(row["evidence"] or {}).get("id_number") for row in rows]
    persons = persons_by_number(numbers)
    changes = []
    for row in rows:
        evidence = dict(row["evidence"] or {})
        number = normalise_id_number(str(evidence.get("id_number") or ""))
        known = persons.get(number)
        same = known is not None and known.name_key == person_name_key(row["name"] or "")
        changes.append(
            Change(
                key=row["key"],
                kind=ChangeKind(row["kind"]),
                state=ChangeState.CANDIDATE if row["lane"] == "candidate" else ChangeState.WAITING,
                person_key=row["person_key"] or "",
                person_name=mask_numbers(row["name"] or "")[:80],
                person_id=known.pk if known is not None and same else None,
                from_organization_id=act.unit(row["from_unit"], evidence.get("from_unit_code")),
                to_organization_id=act.unit(row["to_unit"], evidence.get("to_unit_code")),
                period=act.run.period,
                happened_on=_day(row["happened_on"]),
                confidence=row["confidence"] or 0.0,
                sources=_departments(row["sources"]),
                evidence={**evidence, "id_number": number, "from_unit": row["from_unit"], "to_unit": row["to_unit"]},
                run=act.run,
            )
        )
    where = where_on_quota([change.person_id for change in changes if change.person_id], act.today)
    for change in changes:
        words = registered_words(change, where)
        if words:
            change.state, change.reason = ChangeState.REGISTERED, words
    return changes


def _departments(text: Any) -> list[str]:
    return [code for code in str(text or "").split(",") if code] if not isinstance(text, list) else list(text)


def _day(value: Any) -> date | None:
    """A day however the table writes it: a date, 2026-10-01 or 20261001; None for a month alone."""
    if isinstance(value, date):
        return value
    digits = str(value or "").replace("-", "")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
