"""Changes a run has recognised: kept as candidates, joined to what a message told, or seen as registered already."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bianzhi.common.db.encrypted import renew_fingerprints
from bianzhi.exchange.models import Change, ChangeKind, ChangeState
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


def take_changes(act: Taking) -> dict[str, Any]:
    """Bring the recognised changes in line with the run; what people have decided about one stays."""
    held = Change.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    known = {key: (pk, state) for pk, key, state in held.values_list("pk", "key", "state")}
    told = _told_by_messages()
    counted: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for rows in keyed_rows(act.folder, "events", set()):
        kinds.update(row["kind"] for row in rows)
        changes = _changes(act, rows)
        born = [change for change in changes if change.key not in known and _message_of(change, told) is None]
        joined = [joined for change in changes if (joined := _joined(change, known, told)) is not None]
        renew_fingerprints(joined)
        Change.objects.bulk_create(born, batch_size=BATCH)
        Change.objects.bulk_update(joined, REWRITTEN, batch_size=100)
        counted.update(new=len(born), again=len(joined))
    gone = Change.objects.filter(period=act.run.period, state__in=OPEN, run__isnull=False).exclude(run=act.run)
    counted["gone"] = gone.update(state=ChangeState.DISMISSED, reason=GONE)
    return {"events": dict(kinds), "changes": dict(counted)}


def _told_by_messages() -> dict[tuple[str, str], Change]:
    """Open changes that a department has told and no run has seen yet, by kind and number."""
    rows = Change.objects.filter(run__isnull=True, state__in=OPEN)
    return {(row.kind, row.id_number): row for row in rows if row.id_number}


def _message_of(change: Change, told: Mapping[tuple[str, str], Change]) -> Change | None:
    return told.get((change.kind, change.id_number))


def _joined(
    change: Change, known: Mapping[str, tuple[int, str]], told: Mapping[tuple[str, str], Change]
) -> Change | None:
    """The row to be rewritten: the one of an earlier run while nobody has decided, or what a message told of it."""
    if change.key in known:
        change.pk, state = known[change.key]
        return change if state in OPEN else None
    message = _message_of(change, told)
    if message is None:
        return None
    change.pk = message.pk
    change.evidence = {**message.evidence, **change.evidence, "message": message.evidence}
    change.sources = sorted({*message.sources, *change.sources})
    change.confidence = max(change.confidence, message.confidence)
    change.happened_on = message.happened_on or change.happened_on
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
