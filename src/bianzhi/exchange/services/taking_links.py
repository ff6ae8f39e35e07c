"""Pairs to be looked at, names of units, joined and divided person keys: what a run says of who is who."""

from typing import Any, Final

from bianzhi.exchange.models import AliasState, IdentityEvent, LinkReview, ReviewState, UnitAlias
from bianzhi.exchange.selectors.results import keyed_rows, records_with, rows_of
from bianzhi.exchange.services.taking import BATCH, Taking, department_code
from bianzhi.kernel.masking import mask_numbers

REVIEW_FIELDS: Final = ("rule", "score", "sources", "words", "left", "right", "evidence", "state", "last_run")
LONGEST: Final = 140
"""Characters of a name or a unit by which a pair can be looked for: what is kept of both sides fits the column."""
ALIAS_FIELDS: Final = ("organization", "support", "share", "last_run")


def take_reviews(act: Taking) -> dict[str, int]:
    """Ask about new pairs; a pair decided before keeps its answer; an unanswered one that is gone is asked no more."""
    held = list(
        LinkReview.objects.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("key", "pk", "state")
    )
    known = {key: pk for key, pk, _ in held}
    decided = {pk for _, pk, state in held if state in (ReviewState.SAME, ReviewState.DIFFERENT)}
    seen: set[str] = set()
    new = 0
    for rows in keyed_rows(act.folder, "pairs_for_review", seen):
        sides = {row[side] for row in rows for side in ("left_fingerprint", "right_fingerprint")}
        records = records_with(act.folder, sides)
        found = [_review(act, row, records, known) for row in rows if known.get(row["key"]) not in decided]
        born = [each for each in found if each.key not in known]
        again = [each for each in found if each.key in known]
        new += len(born)
        LinkReview.objects.bulk_create(born, batch_size=BATCH)
        LinkReview.objects.bulk_update(again, REVIEW_FIELDS, batch_size=100)
        LinkReview.objects.filter(key__in=[row["key"] for row in rows], pk__in=decided).update(last_run=act.run)
    gone = LinkReview.objects.filter(state=ReviewState.OPEN).exclude(last_run=act.run)
    return {"new": new, "waiting": len(seen) - new, "gone": gone.update(state=ReviewState.GONE)}


def _review(act: Taking, row: dict[str, Any], records: dict[str, dict[str, Any]], known: dict[str, int]) -> LinkReview:
    left = records.get(row["left_fingerprint"], {"fingerprint": row["left_fingerprint"]})
    right = records.get(row["right_fingerprint"], {"fingerprint": row["right_fingerprint"]})
    told = [mask_numbers(str(side.get(name) or ""))[:LONGEST] for side in (left, right) for name in ("name", "unit")]
    return LinkReview(
        pk=known.get(row["key"]),
        key=row["key"],
        rule=row["rule"],
        score=row["score"] or 0.0,
        sources=f",{left.get('source', '')},{right.get('source', '')},",
        words=" ".join(filter(None, told)),
        left=left,
        right=right,
        evidence=row["evidence"] or {},
        state=ReviewState.OPEN,
        first_run=act.run,
        last_run=act.run,
    )


def take_aliases(act: Taking) -> dict[str, int]:
    """Propose what departments call units, where it is not the unit's own name; decided ones keep their answer."""
    kept = UnitAlias.objects.values_list("pk", "source", "text", "unit")
    known = {(source, text, unit): pk for pk, source, text, unit in kept}
    seen: set[tuple[str, str, str]] = set()
    new = 0
    for piece in rows_of(act.folder, "unit_aliases"):
        found = []
        for row in piece:
            alias = _alias(act, row, known) if _is_a_name(row) else None
            if alias is not None and (told := (alias.source, alias.text, alias.unit)) not in seen:
                seen.add(told)
                found.append(alias)
        born = [each for each in found if (each.source, each.text, each.unit) not in known]
        again = [each for each in found if (each.source, each.text, each.unit) in known]
        UnitAlias.objects.bulk_create(born, batch_size=BATCH)
        UnitAlias.objects.bulk_update(again, ALIAS_FIELDS, batch_size=BATCH)
        new += len(born)
    return {"new": new, "again": len(seen) - new}


def _is_a_name(row: dict[str, Any]) -> bool:
    """Whether a unit is called something else here; a number of a person in the wrong column is no name."""
    return bool(row["unit"]) and not row.get("is_exact") and mask_numbers(row["text"]) == row["text"]


def _alias(act: Taking, row: dict[str, Any], known: dict[tuple[str, str, str], int]) -> UnitAlias:
    source, text, unit = department_code(row["source"]), row["text"][:200], row["unit"][:200]
    return UnitAlias(
        pk=known.get((source, text, unit)),
        source=source,
        text=text,
        unit=unit,
        organization_id=act.unit(unit, row.get("unit_code")),
        support=row["support"] or 0,
        share=row["share"] or 0.0,
        state=AliasState.PROPOSED,
        last_run=act.run,
    )


def take_identity_events(act: Taking) -> int:
    """Keep which person keys were joined or divided."""
    count = 0
    for piece in rows_of(act.folder, "identity_events"):
        events = [
            IdentityEvent(run=act.run, kind=row["kind"], person_key=row["person_key"], other_key=row["other_key"])
            for row in piece
        ]
        IdentityEvent.objects.bulk_create(events, batch_size=BATCH)
        count += len(events)
    return count
