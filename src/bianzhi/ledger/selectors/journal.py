"""The postings of one entry as a small journal: what came to which account and what left which."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from bianzhi.ledger.models import Account, AccountKind, LedgerEntry
from bianzhi.ledger.rules.measures import in_order, label
from bianzhi.ledger.selectors.entries import OUTSIDE
from bianzhi.ledger.selectors.names import body_names, unit_names
from bianzhi.organizations.scopes import visible_organization_ids


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One posting; `organization_id` only where the user may follow it to the figure it changed."""

    account: str
    measure: str
    measure_label: str
    debit: int
    credit: int
    organization_id: int | None


@dataclass(frozen=True, slots=True)
class Journal:
    """The postings with the sum of each side."""

    lines: tuple[JournalLine, ...]
    debit: int
    credit: int


def journal_of(entry: LedgerEntry, *, user: Any) -> Journal:
    """The postings of an entry by measure, receiving side first; units outside the user's scope are not named."""
    postings = list(entry.postings.select_related("account"))
    accounts = [posting.account for posting in postings]
    visible = visible_organization_ids(user, entry.effective_on)
    names = account_labels(accounts, entry.effective_on, visible)
    order = {measure: place for place, measure in enumerate(in_order({account.measure for account in accounts}))}
    postings.sort(key=lambda posting: (order[posting.account.measure], -posting.amount, posting.pk))
    lines = tuple(
        JournalLine(
            account=names[posting.account.pk],
            measure=posting.account.measure,
            measure_label=label(posting.account.measure),
            debit=max(posting.amount, 0),
            credit=max(-posting.amount, 0),
            organization_id=posting.account.organization_id if _sees(posting.account, visible) else None,
        )
        for posting in postings
    )
    return Journal(lines, sum(line.debit for line in lines), sum(line.credit for line in lines))


def account_labels(accounts: Collection[Account], day: date, visible: set[int] | None) -> dict[int, str]:
    """What each account is called on a day, by its id, in two queries."""
    units = unit_names({one.organization_id for one in accounts if one.organization_id is not None}, day)
    bodies = body_names({one.internal_body_id for one in accounts if one.internal_body_id is not None}, day)
    return {account.pk: _label(account, units, bodies, visible) for account in accounts}


def _label(account: Account, units: dict[int, Any], bodies: dict[int, str], visible: set[int] | None) -> str:
    if account.organization_id is None:
        tier = (
            ""
            if account.kind in (AccountKind.ROTATING_POOL, AccountKind.TALENT_RESERVE)
            else account.get_tier_display()
        )
        return f"{account.get_kind_display()}（{tier}）" if tier else account.get_kind_display()
    if not _sees(account, visible):
        return OUTSIDE
    unit = units[account.organization_id].name if account.organization_id in units else account.key
    body_id = account.internal_body_id
    return f"{unit}·{bodies.get(body_id, '内设机构')}" if body_id is not None else unit


def _sees(account: Account, visible: set[int] | None) -> bool:
    return visible is None or account.organization_id in visible
