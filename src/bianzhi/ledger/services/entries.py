"""Posting and reversing entries: the one door by which quota moves.

An entry is checked as a whole, under the lock of every account it touches: it balances, it is allowed
where it goes (R05, R07, R08, R11, R19), it overdraws no account on any day (R06), and it takes no unit
below its people and reserved slots (R02).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.numbering import next_numbers
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.ledger.models import Account, EntryKind, LedgerEntry, Posting
from bianzhi.ledger.rules.lines import Line, Place, gives_to_a_unit, objections_to_lines
from bianzhi.ledger.services.book import Book
from bianzhi.ledger.services.drafts import EntryDraft
from bianzhi.ledger.services.locks import lock_accounts
from bianzhi.organizations import scopes
from bianzhi.organizations.services import lock_structure

SHORTEST_REASON = 4  # characters


@unit_of_work
def post_entry(
    *, actor: Actor, draft: EntryDraft, overrides: Collection[str] = (), override_reason: str = ""
) -> LedgerEntry:
    """Post one entry; raises Refused with every objection (R02, R05–R08, R10, R11, R19)."""
    return post_entries(actor=actor, drafts=[draft], overrides=overrides, override_reason=override_reason)[0]


@unit_of_work
def post_entries(
    *, actor: Actor, drafts: Sequence[EntryDraft], overrides: Collection[str] = (), override_reason: str = ""
) -> list[LedgerEntry]:
    """Post several entries in order, all or none; queries grow with each 500 rows, not with each entry.

    `overrides` names the rules (of severity "override") a director sets aside, for `override_reason`; the audit
    facts keep both, with the objections themselves. Raises Refused, and Denied when the actor may not post
    (ledger.post) or may not override (rules.override).
    """
    units = {key for draft in drafts for line in draft.lines if (key := line.place.organization_id) is not None}
    scopes.require_organization(actor, "ledger.post", *units)
    _require_override(actor, overrides, override_reason)
    refuse_if([objection for draft in drafts for objection in objections_to_lines(draft.lines)])
    book = Book.open(actor=actor, drafts=drafts)
    let_through = refuse_if(book.objections(drafts), overrides=overrides)
    entries = _write(drafts, book.accounts)
    override = {"reason": override_reason.strip(), "rules": sorted(overrides)} if overrides else {}
    for index, (entry, draft, postings) in enumerate(entries):
        facts = draft.as_facts()
        if let_through and index == 0:
            facts["let_through"] = [objection.as_facts() for objection in let_through]
        if override:
            facts["override"] = override
        record("ledger.posted", actor=actor, subject=entry, facts=facts, wrote=[entry, *postings])
        outbox.put("ledger.posted", key=entry.number, payload={"entry": entry.pk, "kind": str(draft.kind)})
    return [entry for entry, _, _ in entries]


@unit_of_work
def reverse_entry(
    *,
    actor: Actor,
    entry: LedgerEntry,
    document: ApprovalDocument,
    reason: str,
    allows_overstaffing: bool = False,
) -> LedgerEntry:
    """Reverse an entry (冲正, R26): the opposite lines from the same day on, so that every balance is as if it
    had never been, while what was known before stays readable.

    Raises Refused when it was reversed already or is itself a reversal, when what it gave has been passed on
    (R06), and when people stand on it (R02) unless `allows_overstaffing`.
    """
    policies.require(actor, "ledger.post")
    postings = list(entry.postings.select_related("account"))
    lines = [Line(place_of(posting.account), -posting.amount) for posting in postings]
    if gives_to_a_unit(lines):
        lock_structure()
    lock_accounts(posting.account_id for posting in postings)
    refuse_if(_objections_to_reversal(entry, reason))
    draft = EntryDraft(
        kind=EntryKind.REVERSAL,
        document=document,
        effective_on=entry.effective_on,
        summary=f"冲正 {entry.number}：{reason.strip()}",
        lines=sorted(lines, key=lambda line: -line.amount),
        allows_overstaffing=allows_overstaffing,
        reverses=entry,
    )
    return post_entry(actor=actor, draft=draft)


def place_of(account: Account) -> Place:
    """The meaning of an account."""
    return Place(account.kind, account.measure, account.tier, account.organization_id, account.internal_body_id)


def _require_override(actor: Actor, overrides: Collection[str], reason: str) -> None:
    if not overrides:
        return
    policies.require(actor, "rules.override")
    if len(reason.strip()) < SHORTEST_REASON:
        rules = "、".join(sorted(overrides))
        raise Refused(
            [Objection(sorted(overrides)[0], f"对 {rules} 批准例外须写明理由", Severity.BLOCK, {}, "请填写放行理由")]
        )


def _objections_to_reversal(entry: LedgerEntry, reason: str) -> list[Objection]:
    if entry.reverses_id is not None or LedgerEntry.objects.filter(reverses=entry).exists():
        text = f"台账条目 {entry.number} 已冲正或本身是冲正条目"
        return [Objection("R26", text, Severity.BLOCK, {}, "请另行登记新的变动")]
    if len(reason.strip()) < SHORTEST_REASON:
        return [Objection("R26", "冲正须写明理由", Severity.BLOCK, {}, "请说明原条目错在哪里")]
    return []


def _write(
    drafts: Sequence[EntryDraft], accounts: dict[str, Account]
) -> list[tuple[LedgerEntry, EntryDraft, list[Posting]]]:
    """Insert entries and postings in bulk; receiving lines first, so that no sum dips on the way."""
    numbers = _numbers([draft.effective_on for draft in drafts])
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
            Posting(entry=entry, account=accounts[line.place.key], amount=line.amount)
            for line in sorted(draft.lines, key=lambda line: -line.amount)
        ]
        for entry, draft in zip(entries, drafts, strict=True)
    ]
    Posting.objects.bulk_create([posting for group in postings for posting in group], batch_size=500)
    return list(zip(entries, drafts, postings, strict=True))


def _numbers(days: Sequence[date]) -> list[str]:
    """A number for each entry, counted through within the year it takes effect."""
    by_year: dict[int, list[int]] = defaultdict(list)
    for index, day in enumerate(days):
        by_year[day.year].append(index)
    numbers = [""] * len(days)
    for year, indexes in sorted(by_year.items()):
        for index, number in zip(indexes, next_numbers(f"ledger-{year}", len(indexes)), strict=True):
            numbers[index] = f"TZ{year}-{number:05d}"
    return numbers
