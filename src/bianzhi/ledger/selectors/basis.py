"""What an approved figure rests on: the entries and documents that make it up."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from bianzhi.ledger.models import EntryKind
from bianzhi.ledger.models.accounts import HELD_BY_UNIT
from bianzhi.ledger.selectors.balances import postings_as_of

_FIELDS = (
    "account__organization_id", "account__measure", "account__internal_body_id", "amount", "entry_id",
    "entry__number", "entry__kind", "entry__summary", "entry__effective_on", "entry__recorded_at",
    "entry__document_id", "entry__document__doc_no", "entry__document__title",
    "entry__document__issuer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FigureBasis:
    """The document by which a figure last became what it is."""

    document_id: int
    doc_no: str
    entry_id: int
    number: str
    effective_on: date


@dataclass(frozen=True, slots=True)
class Share:
    """One posting behind a figure, with the balance after the whole entry."""

    amount: int
    balance: int
    internal_body_id: int | None
    entry_id: int
    number: str
    kind: str
    summary: str
    effective_on: date
    recorded_at: datetime
    document_id: int
    doc_no: str
    title: str
    issuer: str


def latest_basis(organization_ids: Collection[int] | None, day: date) -> dict[tuple[int, str], FigureBasis]:
    """The latest document behind each (organisation, measure) on a day, in one query; None asks for all.

    Moves inside a unit (定编到科室) change no approved figure and are passed over.
    """
    net: dict[tuple[int, str, int], int] = {}
    newest: dict[tuple[int, str, int], dict[str, Any]] = {}
    for row in _rows(organization_ids, day, None):
        key = (row["account__organization_id"], row["account__measure"], row["entry_id"])
        net[key] = net.get(key, 0) + row["amount"]
        newest[key] = row
    found: dict[tuple[int, str], FigureBasis] = {}
    for (unit_id, measure, _), row in ((key, newest[key]) for key, amount in net.items() if amount):
        found[unit_id, measure] = FigureBasis(
            document_id=row["entry__document_id"],
            doc_no=row["entry__document__doc_no"],
            entry_id=row["entry_id"],
            number=row["entry__number"],
            effective_on=row["entry__effective_on"],
        )
    return found


def shares(organization_id: int, measure: str, day: date, *, known_on: date | None = None) -> list[Share]:
    """Every posting that makes up a unit's figure on a day, in the order of effect, in one query.

    The last balance is the figure itself; an empty list means 0.
    """
    found: list[Share] = []
    balance = 0
    rows = _rows([organization_id], day, known_on, measure=measure)
    for _, group in groupby(rows, key=lambda row: row["entry_id"]):
        postings = list(group)
        balance += sum(row["amount"] for row in postings)
        found += [_share(row, balance) for row in postings]
    return found


def _share(row: dict[str, Any], balance: int) -> Share:
    return Share(
        amount=row["amount"],
        balance=balance,
        internal_body_id=row["account__internal_body_id"],
        entry_id=row["entry_id"],
        number=row["entry__number"],
        kind=EntryKind(row["entry__kind"]).label,
        summary=row["entry__summary"],
        effective_on=row["entry__effective_on"],
        recorded_at=row["entry__recorded_at"],
        document_id=row["entry__document_id"],
        doc_no=row["entry__document__doc_no"],
        title=row["entry__document__title"],
        issuer=row["entry__document__issuer"],
    )


def _rows(organization_ids: Collection[int] | None, day: date, known_on: date | None, *, measure: str = "") -> Any:
    postings = postings_as_of(day, known_on).filter(account__kind__in=HELD_BY_UNIT)
    if organization_ids is not None:
        postings = postings.filter(account__organization_id__in=list(organization_ids))
    if measure:
        postings = postings.filter(account__measure=measure)
    return postings.order_by("entry__effective_on", "entry_id", "-amount", "pk").values(*_FIELDS)
