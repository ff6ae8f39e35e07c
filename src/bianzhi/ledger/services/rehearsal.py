"""Trying an act without doing it: what it would change, or why it is refused."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Sum

from bianzhi.audit.rehearsal import carried_out_if, rehearsed
from bianzhi.kernel.digests import sm3_hex
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.ledger.models import Account, LedgerEntry, Posting
from bianzhi.ledger.selectors.balances import postings_as_of


@dataclass(frozen=True, slots=True)
class Effect:
    """What an entry does to one account on the day it takes effect."""

    account: Account
    before: int
    change: int

    @property
    def after(self) -> int:
        """The balance the account would have."""
        return self.before + self.change


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The effects of an act, or the objections to it; both empty when nothing would change."""

    effects: tuple[Effect, ...] = ()
    objections: tuple[Objection, ...] = ()


def rehearse(act: Callable[[], LedgerEntry | None]) -> Rehearsal:
    """What an act would do, or why it is refused. What it raises besides Refused goes through."""
    try:
        return Rehearsal(effects=rehearsed(lambda: _effects(act())))
    except Refused as refusal:
        return Rehearsal(objections=refusal.objections)


def carry_out_as_shown(
    act: Callable[[], LedgerEntry | None], shown: str
) -> tuple[LedgerEntry | None, tuple[Effect, ...]]:
    """Carry out an act if its effects are those shown (by their digest); else undo it, giving None and the effects.

    It is one unit of work: a refused act leaves no new document behind.
    Somebody may have posted to the same accounts since they were shown. Raises Refused as the act does.
    """

    def told() -> tuple[LedgerEntry | None, tuple[Effect, ...]]:
        entry = act()
        return entry, _effects(entry)

    is_done, (entry, effects) = carried_out_if(told, lambda each: each[0] is None or digest(each[1]) == shown)
    return (entry if is_done else None), effects


def digest(effects: tuple[Effect, ...]) -> str:
    """The same for the same effects: what is confirmed must be what was shown."""
    return sm3_hex(repr(sorted((effect.account.key, effect.before, effect.change) for effect in effects)))[:16]


def _effects(entry: LedgerEntry | None) -> tuple[Effect, ...]:
    if entry is None:
        return ()
    postings = list(
        Posting.objects.filter(entry=entry).select_related("account").order_by("account__measure", "-amount", "pk")
    )
    after = dict(
        postings_as_of(entry.effective_on)
        .filter(account_id__in=[posting.account_id for posting in postings])
        .values_list("account_id")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    changes: dict[int, int] = {}
    for posting in postings:
        changes[posting.account_id] = changes.get(posting.account_id, 0) + posting.amount
    accounts = {posting.account_id: posting.account for posting in postings}
    return tuple(
        Effect(accounts[account_id], after[account_id] - change, change) for account_id, change in changes.items()
    )
