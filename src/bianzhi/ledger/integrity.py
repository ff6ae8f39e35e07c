"""What `./bianzhi check` proves of the ledger."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django.db.models import Q, Sum

from bianzhi.common.integrity import Finding
from bianzhi.ledger.models import Account, LedgerEntry, Posting
from bianzhi.ledger.models.accounts import HELD_BY_UNIT
from bianzhi.ledger.rules.lines import levels_from
from bianzhi.ledger.selectors.balances import account_histories
from bianzhi.ledger.selectors.holders import Holders, body_ends


def postings_balance() -> Iterator[Finding]:
    """Every entry's postings sum to zero for each measure, and no entry is empty."""
    rows = (
        Posting.objects.values_list("entry_id", "entry__number", "account__measure")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    for entry_id, number, measure, total in rows.exclude(total=0):
        yield Finding(f"台账条目 {number}（ledger_ledgerentry.id={entry_id}）", f"{measure} 分录合计为 {total}，应为 0")
    for entry in LedgerEntry.objects.filter(postings__isnull=True):
        yield Finding(f"台账条目 {entry.number}（ledger_ledgerentry.id={entry.pk}）", "没有分录")


def balances_not_negative() -> Iterator[Finding]:
    """No account but the source of quota is below zero on any day (R06)."""
    histories: dict[int, list[tuple[date, int]]] = defaultdict(list)
    rows = (
        Posting.objects.filter(account__may_be_negative=False)
        .values_list("account_id", "entry__effective_on")
        .annotate(total=Sum("amount"))
        .order_by("account_id", "entry__effective_on")
    )
    for account_id, day, total in rows:
        histories[account_id].append((day, total))
    for account_id, history in histories.items():
        balance = 0
        for day, total in history:
            balance += total
            if balance < 0:
                key = Account.objects.values_list("key", flat=True).get(pk=account_id)
                yield Finding(f"编制账户 {key}（ledger_account.id={account_id}）", f"{day} 余额为 {balance}，不应为负")
                break


def nothing_after_the_end() -> Iterator[Finding]:
    """No unit and no internal body holds anything on a day on which it is no longer there (R10)."""
    accounts = {account.pk: account for account in Account.objects.filter(kind__in=HELD_BY_UNIT).order_by("pk")}
    holders = Holders.load(each.organization_id for each in accounts.values() if each.organization_id is not None)
    bodies = body_ends(each.internal_body_id for each in accounts.values() if each.internal_body_id is not None)
    for account_id, history in account_histories(accounts).items():
        account = accounts[account_id]
        if account.organization_id is None:
            continue
        ends = [holders.end_of(account.organization_id)]
        if account.internal_body_id is not None:
            ends.append(bodies.get((account.organization_id, account.internal_body_id)))
        end = min((each for each in ends if each is not None), default=None)
        late = [(day, number) for day, number in levels_from(history, end) if number > 0] if end is not None else []
        if late:
            where = f"编制账户 {account.key}（ledger_account.id={account_id}）"
            yield Finding(where, f"{end} 已终止，{late[0][0]} 仍有 {late[0][1]}")


def reversals_mirror() -> Iterator[Finding]:
    """A reversal holds exactly the opposite postings of what it reverses, from the same day on (R26)."""
    reversals = LedgerEntry.objects.filter(reverses__isnull=False).select_related("reverses")
    lines: dict[int, list[tuple[int, int]]] = defaultdict(list)
    concerned = Q(entry__in=reversals.values("pk")) | Q(entry__in=reversals.values("reverses"))
    for entry_id, account_id, amount in Posting.objects.filter(concerned).values_list(
        "entry_id", "account_id", "amount"
    ):
        lines[entry_id].append((account_id, amount))
    for entry in reversals:
        original = entry.reverses
        if original is None:
            continue
        where = f"台账条目 {entry.number}（ledger_ledgerentry.id={entry.pk}）"
        mirrored = sorted((account_id, -amount) for account_id, amount in lines[entry.pk])
        if mirrored != sorted(lines[original.pk]):
            yield Finding(where, f"冲正分录与原条目 {original.number} 不对应")
        if entry.effective_on != original.effective_on:
            yield Finding(where, f"冲正的生效日期与原条目 {original.number} 不同")
