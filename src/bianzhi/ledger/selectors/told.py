"""What the ledger tells already of units, in the words of an old ledger's rows."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Q

from bianzhi.documents.models import DocumentKind
from bianzhi.ledger.models import EntryKind, Posting
from bianzhi.ledger.rules.told import Told

BATCH = 500


def told_under(document_ids: Collection[int]) -> set[Told]:
    """What stands posted under these documents, named by their ids; what was reversed, and reversals, tell nothing."""
    ids = sorted(document_ids)
    return {
        told
        for start in range(0, len(ids), BATCH)
        for told in _told("entry__document_id", entry__document_id__in=ids[start : start + BATCH])
    }


def told_by_number() -> set[Told]:
    """What stands posted under every document, named by its number.

    What was taken over without a number of its own rests on a 底册; it is told under "" as well, as its row tells it
    when the file is read again.
    """
    number = "entry__document__doc_no"
    changes = ~Q(entry__kind=EntryKind.OPENING)
    registers = _told(number, changes, entry__document__kind=DocumentKind.REGISTER)
    return {*_told(number), *(replace(told, document="") for told in registers)}


def _told(document: str, *also: Q, **conditions: Any) -> Iterator[Told]:
    rows = (
        Posting.objects.filter(
            *also, account__kind="unit", entry__reverses__isnull=True, entry__reversed_by__isnull=True, **conditions
        )
        .order_by("entry_id")
        .values_list(
            "entry_id", "account__measure", document, "account__organization_id", "entry__effective_on", "amount"
        )
    )
    for _, group in groupby(rows.iterator(chunk_size=5000), key=itemgetter(0)):
        by_measure: dict[str, list[Any]] = defaultdict(list)
        for row in group:
            by_measure[row[1]].append(row)
        for postings in by_measure.values():
            for _, measure, paper, unit_id, day, amount in postings:
                yield Told(paper, unit_id, measure, day, amount, _partner(unit_id, amount, postings))


def _partner(unit_id: int, amount: int, postings: Collection[Any]) -> int | None:
    """The one other unit that lost what this one gained, or gained what it lost."""
    others = {row[3] for row in postings if row[3] != unit_id and (row[5] > 0) != (amount > 0)}
    return others.pop() if len(others) == 1 else None
