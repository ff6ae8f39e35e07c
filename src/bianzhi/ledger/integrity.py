"""What `./bianzhi check` proves of the ledger."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Sum

from bianzhi.common.integrity import Finding
from bianzhi.ledger.models import Account, LedgerEntry, Posting


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
    histories: dict[int, list[tuple[object, int]]] = defaultdict(list)
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


def reversals_mirror() -> Iterator[Finding]:
    """A reversal holds exactly the opposite postings of what it reverses (R26)."""
    for entry in LedgerEntry.objects.filter(reverses__isnull=False).select_related("reverses"):
        original = sorted(entry.reverses.postings.values_list("account_id", "amount")) if entry.reverses else []
        mirrored = sorted(
            (account_id, -amount) for account_id, amount in entry.postings.values_list("account_id", "amount")
        )
        if original != mirrored:
            yield Finding(f"台账条目 {entry.number}（ledger_ledgerentry.id={entry.pk}）", "冲正分录与原条目不对应")
