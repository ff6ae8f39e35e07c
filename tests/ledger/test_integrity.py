"""What `check` finds in a ledger that was not written by the services."""

from datetime import date

from bianzhi.common.integrity import Finding
from bianzhi.ledger import integrity
from bianzhi.ledger.models import Account, EntryKind, LedgerEntry, Posting
from bianzhi.ledger.services import allot, reverse_entry
from tests.ledger.conftest import FOUNDED, Books

MAY = date(2021, 5, 1)


def found() -> list[Finding]:
    proofs = (
        integrity.postings_balance,
        integrity.balances_not_negative,
        integrity.nothing_after_the_end,
        integrity.reversals_mirror,
    )
    return [finding for proof in proofs for finding in proof()]


def entry(books: Books, number: str, day: date = MAY, **fields: object) -> LedgerEntry:
    return LedgerEntry.objects.create(
        number=number, kind=EntryKind.INCREASE, document=books.office, effective_on=day, summary="绕过服务", **fields
    )


def test_a_ledger_written_by_the_services_is_sound(books: Books) -> None:
    given = allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 5})
    reverse_entry(actor=books.actor, entry=given, document=books.office, reason="登记错误")
    assert found() == []


def test_an_unbalanced_and_an_empty_entry_are_named(books: Books) -> None:
    lopsided, hollow = entry(books, "TZ-1"), entry(books, "TZ-2")
    Posting.objects.create(entry=lopsided, account=Account.objects.get(key="reserve:district:A1"), amount=3)
    texts = [(finding.where, finding.what) for finding in found()]
    assert (f"台账条目 TZ-1（ledger_ledgerentry.id={lopsided.pk}）", "A1 分录合计为 3，应为 0") in texts
    assert (f"台账条目 TZ-2（ledger_ledgerentry.id={hollow.pk}）", "没有分录") in texts


def test_a_balance_below_zero_on_a_past_day_is_named(books: Books) -> None:
    source = Account.objects.get(key="upper:district:A1")
    unit = Account.objects.create(key="unit:x", kind="unit", measure="A1", organization=books.bureau)
    late, early = entry(books, "TZ-1"), entry(books, "TZ-2", FOUNDED)
    for one, amount in ((late, 5), (early, -2)):
        Posting.objects.create(entry=one, account=unit, amount=amount)
        Posting.objects.create(entry=one, account=source, amount=-amount)
    [finding] = found()
    assert "unit:x" in finding.where
    assert finding.what == f"{FOUNDED} 余额为 -2，不应为负"


def test_quota_left_with_a_unit_after_its_end_is_named(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 5})
    books.bureau.versions.update(valid_to=MAY)
    [finding] = found()
    assert f"unit:{books.bureau.pk}:A1" in finding.where
    assert finding.what == f"{MAY} 已终止，{MAY} 仍有 5"


def test_a_reversal_that_is_no_mirror_is_named(books: Books) -> None:
    given = allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 5})
    crooked = entry(books, "TZ-1", MAY, reverses=given)
    for posting in given.postings.all():
        Posting.objects.create(entry=crooked, account=posting.account, amount=-posting.amount + (posting.amount // 5))
    assert [finding.what for finding in found()] == [
        f"冲正分录与原条目 {given.number} 不对应",
        f"冲正的生效日期与原条目 {given.number} 不同",
    ]
