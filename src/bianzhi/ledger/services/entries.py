"""Posting and reversing entries: the one door by which quota moves.

An entry is checked as a whole, under the lock of every account it touches: it balances, it is allowed
where it goes (R05, R07, R08, R11, R19), it overdraws no account on any day (R06), and it takes no unit
below its people and reserved slots (R02).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.numbering import next_numbers
from bianzhi.documents.models import ApprovalDocument, IssuerLevel
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.ledger import objections as reductions
from bianzhi.ledger.models import Account, EntryKind, LedgerEntry, Posting
from bianzhi.ledger.rules.lines import Line, Place, lowest_from, objections_to_lines
from bianzhi.ledger.rules.permissibility import (
    Receiver,
    objections_to_level,
    objections_to_receiver,
    objections_to_total,
)
from bianzhi.ledger.selectors.balances import account_histories, receivers
from bianzhi.ledger.services.accounts import open_accounts
from bianzhi.ledger.services.locks import lock_accounts
from bianzhi.organizations.models import ReorganizationEvent


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry to be posted. `recorded_at` is set only when history is taken over from elsewhere."""

    kind: EntryKind
    document: ApprovalDocument
    effective_on: date
    summary: str
    lines: Sequence[Line]
    allows_overstaffing: bool = False
    event: ReorganizationEvent | None = None
    reverses: LedgerEntry | None = None
    recorded_at: datetime | None = None


@dataclass(slots=True)
class _Book:
    """The accounts an entry touches, locked, with what stands on them."""

    accounts: dict[str, Account]
    history: dict[str, list[tuple[date, int]]]
    receivers: dict[int, Receiver]
    tiers: dict[str, str] = field(default_factory=dict)


@unit_of_work
def post_entry(*, actor: Actor, draft: EntryDraft, overrides: Collection[str] = ()) -> LedgerEntry:
    """Post one entry; raises Refused with every objection (R02, R05–R08, R11, R19)."""
    return post_entries(actor=actor, drafts=[draft], overrides=overrides)[0]


@unit_of_work
def post_entries(*, actor: Actor, drafts: Sequence[EntryDraft], overrides: Collection[str] = ()) -> list[LedgerEntry]:
    """Post several entries in order, all or none, in a constant number of queries for each 500 rows.

    `overrides` names the rules (of severity "override") a director has set aside; the audit facts keep them.
    """
    refuse_if([objection for draft in drafts for objection in objections_to_lines(draft.lines)])
    book = _open_book(actor, drafts)
    found: list[Objection] = []
    for draft in drafts:
        found += _objections_to_draft(draft, book)
        for line in draft.lines:
            book.history[line.place.key].append((draft.effective_on, line.amount))
        found += _objections_to_balances(draft, book)
    found += _objections_to_reductions(drafts, book)
    refuse_if(found, overrides=overrides)
    entries = _write(drafts, book)
    for entry, draft, postings in entries:
        facts = {**_facts(draft), "overrides": sorted(overrides)}
        record("ledger.posted", actor=actor, subject=entry, facts=facts, wrote=[entry, *postings])
        outbox.put("ledger.posted", key=entry.number, payload={"entry": entry.pk, "kind": draft.kind})
    return [entry for entry, _, _ in entries]


@unit_of_work
def reverse_entry(
    *,
    actor: Actor,
    entry: LedgerEntry,
    document: ApprovalDocument,
    reason: str,
    effective_on: date | None = None,
    allows_overstaffing: bool = False,
) -> LedgerEntry:
    """Reverse an entry (冲正, R26): the opposite lines, by default from the same day on, so that every later
    balance is as if it had never been, while what was known before stays readable.

    Raises Refused when it was reversed already or is itself a reversal.
    """
    if entry.reverses_id is not None or LedgerEntry.objects.filter(reverses=entry).exists():
        raise Refused(
            [
                Objection(
                    "R26", f"台账条目 {entry.number} 已冲正或本身是冲正条目", Severity.BLOCK, {}, "请另行登记新的变动"
                )
            ]
        )
    postings = list(entry.postings.select_related("account"))
    lines = [Line(place_of(posting.account), -posting.amount) for posting in postings]
    draft = EntryDraft(
        kind=EntryKind.REVERSAL,
        document=document,
        effective_on=effective_on or entry.effective_on,
        summary=f"冲正 {entry.number}：{reason}",
        lines=sorted(lines, key=lambda line: -line.amount),
        allows_overstaffing=allows_overstaffing,
        reverses=entry,
    )
    return post_entry(actor=actor, draft=draft)


def place_of(account: Account) -> Place:
    """The meaning of an account."""
    return Place(account.kind, account.measure, account.tier, account.organization_id, account.internal_body_id)


def _open_book(actor: Actor, drafts: Sequence[EntryDraft]) -> _Book:
    places = {line.place.key: line.place for draft in drafts for line in draft.lines}
    days: dict[int, date] = {}
    for draft in drafts:
        for line in draft.lines:
            organization_id = line.place.organization_id
            if organization_id is not None:
                days[organization_id] = max(days.get(organization_id, draft.effective_on), draft.effective_on)
    known = receivers(days)
    missing = sorted(set(days) - set(known))
    if missing:
        raise Refused(
            [Objection("R10", f"机构（编号 {missing[0]}）在生效日期不存在或已撤销，不能登记编制", Severity.BLOCK)]
        )
    accounts = open_accounts(
        actor=actor, places=places.values(), tiers={pk: receiver.tier for pk, receiver in known.items()}
    )
    lock_accounts(account.pk for account in accounts.values())
    history = account_histories(account.pk for account in accounts.values())
    return _Book(
        accounts=accounts,
        history={key: list(history.get(account.pk, [])) for key, account in accounts.items()},
        receivers=known,
        tiers={key: account.tier for key, account in accounts.items()},
    )


def _objections_to_draft(draft: EntryDraft, book: _Book) -> list[Objection]:
    upper_document = draft.document.issuer_level == IssuerLevel.UPPER
    found: list[Objection] = []
    if draft.kind != EntryKind.REVERSAL:
        found += objections_to_level(draft.lines, book.tiers, upper_document=upper_document)
    for line in draft.lines:
        organization_id = line.place.organization_id
        if organization_id is not None and line.amount > 0:
            found += objections_to_receiver(book.receivers[organization_id], line.place.measure, draft.kind)
        if line.place.kind == "upper" and draft.kind != EntryKind.OPENING:
            found += objections_to_total(line.place.measure, -line.amount, upper_document=upper_document)
    return found


def _objections_to_balances(draft: EntryDraft, book: _Book) -> list[Objection]:
    """R06: no account but the source is below zero on any day from the entry on."""
    found: list[Objection] = []
    for line in draft.lines:
        account = book.accounts[line.place.key]
        if line.amount > 0 or account.may_be_negative:
            continue
        lowest = lowest_from(book.history[line.place.key], draft.effective_on)
        if lowest < 0:
            name = _holder_name(line.place, account, book)
            available = lowest - line.amount
            found.append(
                Objection(
                    "R06",
                    f"{name}可调出 {max(available, 0)} 名，本次要调出 {-line.amount} 名，不足 {-lowest} 名",
                    Severity.BLOCK,
                    {"可调出": available, "调出": -line.amount},
                    "请减少数额，或先登记上级下达（核增）文件",
                )
            )
    return found


def _holder_name(place: Place, account: Account, book: _Book) -> str:
    if place.organization_id is None:
        return f"{account.get_kind_display()}（{account.get_tier_display()}）账户"
    return f"“{book.receivers[place.organization_id].name}”"


def _objections_to_reductions(drafts: Iterable[EntryDraft], book: _Book) -> list[Objection]:
    """R02: ask the apps above whether the units still fit into what is left to them."""
    falling: dict[tuple[int, str], date] = {}
    for draft in drafts:
        net: dict[tuple[int, str], int] = defaultdict(int)
        for line in draft.lines:
            if line.place.organization_id is not None:
                net[line.place.organization_id, line.place.measure] += line.amount
        for key, amount in net.items():
            if amount < 0 and not draft.allows_overstaffing:
                falling[key] = min(falling.get(key, draft.effective_on), draft.effective_on)
    found: list[Objection] = []
    for (organization_id, measure), day in falling.items():
        approved = lowest_from(_unit_history(organization_id, measure, book), day)
        found += reductions.to_reduction(reductions.Reduction(organization_id, measure, approved, day))
    return found


def _unit_history(organization_id: int, measure: str, book: _Book) -> list[tuple[date, int]]:
    """Unit and body accounts together, including those this entry does not touch."""
    touched = {key for key, account in book.accounts.items() if account.organization_id == organization_id}
    others = Account.objects.filter(organization_id=organization_id, measure=measure).exclude(key__in=touched)
    untouched = account_histories(others.values_list("pk", flat=True))
    own = [item for key in touched if book.accounts[key].measure == measure for item in book.history[key]]
    return own + [item for history in untouched.values() for item in history]


def _write(drafts: Sequence[EntryDraft], book: _Book) -> list[tuple[LedgerEntry, EntryDraft, list[Posting]]]:
    """Insert entries and postings in bulk; receiving lines first, so that no sum dips on the way."""
    numbers = _numbers(drafts)
    entries = [
        LedgerEntry(
            number=number,
            kind=draft.kind,
            document=draft.document,
            effective_on=draft.effective_on,
            recorded_at=draft.recorded_at or timezone.now(),
            summary=draft.summary[:500],
            reverses=draft.reverses,
            allows_overstaffing=draft.allows_overstaffing,
            event=draft.event,
        )
        for draft, number in zip(drafts, numbers, strict=True)
    ]
    LedgerEntry.objects.bulk_create(entries, batch_size=500)
    postings = [
        [
            Posting(entry=entry, account=book.accounts[line.place.key], amount=line.amount)
            for line in sorted(draft.lines, key=lambda line: -line.amount)
        ]
        for entry, draft in zip(entries, drafts, strict=True)
    ]
    Posting.objects.bulk_create([posting for group in postings for posting in group], batch_size=500)
    return list(zip(entries, drafts, postings, strict=True))


def _numbers(drafts: Sequence[EntryDraft]) -> list[str]:
    by_year: dict[int, list[int]] = defaultdict(list)
    for index, draft in enumerate(drafts):
        by_year[draft.effective_on.year].append(index)
    numbers = [""] * len(drafts)
    for year, indexes in sorted(by_year.items()):
        for index, number in zip(indexes, next_numbers(f"ledger-{year}", len(indexes)), strict=True):
            numbers[index] = f"TZ{year}-{number:05d}"
    return numbers


def _facts(draft: EntryDraft) -> dict[str, object]:
    return {
        "kind": str(draft.kind),
        "document": draft.document.doc_no,
        "effective_on": draft.effective_on,
        "lines": [[line.place.key, line.amount] for line in draft.lines],
    }
