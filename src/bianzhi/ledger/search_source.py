"""Ledger entries in the full-text index: by 台账号, 文号 and the words of their summary."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.urls import reverse

from bianzhi.common.models import OutboxMessage
from bianzhi.kernel import clock
from bianzhi.ledger.models import LedgerEntry, Posting
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.search.jobs.changes import note
from bianzhi.search.sources import Entry, Source

KIND: Final = "ledger.entry"
EVERYTHING: Final = "all"


def all_ids() -> Iterator[int]:
    """Every entry."""
    return LedgerEntry.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000)


def entries(ids: Sequence[int]) -> Iterator[Entry]:
    """One each; the units its postings touch are the tokens that reach it. Entries never change."""
    units: dict[int, set[int]] = defaultdict(set)
    touched = Posting.objects.filter(entry_id__in=ids, account__organization__isnull=False)
    for entry_id, organization_id in touched.values_list("entry_id", "account__organization_id"):
        units[entry_id].add(organization_id)
    for row in LedgerEntry.objects.filter(pk__in=ids).select_related("document").order_by("pk"):
        concerned = sorted(units[row.pk])
        yield Entry(
            key=f"{KIND}:{row.pk}",
            subject=f"{KIND}:{row.pk}",
            title=row.summary,
            subtitle=f"{row.number} · {row.effective_on} · {row.get_kind_display()} · {row.document.doc_no}",
            url=reverse("ledger:entry", args=[row.pk]),
            access=(EVERYTHING, *(f"unit:{pk}" for pk in concerned)),
            numbers=(row.number, row.document.doc_no),
            units=tuple(concerned),
            year=row.effective_on.year,
            dated_on=row.effective_on,
        )


def tokens(user: Any) -> Iterable[str]:
    """Everything for the district's offices; for others the units within their scope today."""
    ids = visible_organization_ids(user, clock.today())
    return [EVERYTHING] if ids is None else [f"unit:{pk}" for pk in sorted(ids)]


def posted(message: OutboxMessage) -> None:
    """ledger.posted: a new entry."""
    note(KIND, [int(message.payload["entry"])])


SOURCE: Final = Source(
    kind=KIND,
    label="编制台账",
    icon="scale",
    permission="ledger.view",
    all_ids=all_ids,
    entries=entries,
    tokens=tokens,
    order=40,
)
