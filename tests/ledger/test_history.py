"""Taking over the ledger of earlier years."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from bianzhi.accounts.policies import Denied
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.selectors.balances import approved, totals
from bianzhi.ledger.services import import_history, reverse_entry
from bianzhi.ledger.services.history import HistoryResult, HistoryRow
from bianzhi.organizations.models import Organization, OrganizationVersion
from tests.ledger.conftest import FOUNDED, Books
from tests.ledger.test_decisions import staff

MAY = date(2021, 5, 1)


def rows_of(books: Books) -> list[HistoryRow]:
    opening = HistoryRow(EntryKind.OPENING, books.office, FOUNDED, books.bureau.pk, "A1", 20, "期初")
    return [
        opening,
        replace(opening, measure="C1", amount=3),
        replace(opening, measure="org_deputy", amount=2, summary="职数"),
        HistoryRow(EntryKind.DECREASE, books.office, MAY, books.bureau.pk, "A1", -4, "精简"),
        HistoryRow(
            EntryKind.TRANSFER, books.upper, MAY, books.township.pk, "A1", 2, from_organization_id=books.bureau.pk
        ),
    ]


def test_history_becomes_entries_and_the_same_file_twice_changes_nothing(books: Books) -> None:
    before = LedgerEntry.objects.count()
    rows = rows_of(books)
    assert import_history(actor=books.actor, rows=rows) == HistoryResult(rows=5, already_there=0, entries=3)
    assert approved(None, MAY) == {
        (books.bureau.pk, "A1"): 14, (books.bureau.pk, "C1"): 3, (books.bureau.pk, "org_deputy"): 2,
        (books.township.pk, "A1"): 2,
    }  # fmt: skip
    assert import_history(actor=books.actor, rows=[*rows, rows[0]]) == HistoryResult(6, 6, 0)
    assert LedgerEntry.objects.count() == before + 3


def test_a_transfer_told_from_both_sides_is_posted_once(books: Books) -> None:
    opening = HistoryRow(EntryKind.OPENING, books.office, FOUNDED, books.bureau.pk, "A1", 20)
    came = HistoryRow(
        EntryKind.TRANSFER, books.upper, MAY, books.township.pk, "A1", 2, from_organization_id=books.bureau.pk
    )
    left = HistoryRow(EntryKind.TRANSFER, books.upper, MAY, books.bureau.pk, "A1", -2)
    assert import_history(actor=books.actor, rows=[left, opening, came]) == HistoryResult(3, 1, 2)
    assert approved([books.bureau.pk], MAY)[books.bureau.pk, "A1"] == 18
    assert import_history(actor=books.actor, rows=[left, opening, came]) == HistoryResult(3, 3, 0)


def test_as_much_from_two_units_under_one_document_is_two_transfers(books: Books) -> None:
    opening = HistoryRow(EntryKind.OPENING, books.office, FOUNDED, books.bureau.pk, "A1", 10)
    rows = [opening, replace(opening, organization_id=books.school.pk)]
    rows += [
        HistoryRow(EntryKind.TRANSFER, books.upper, MAY, books.township.pk, "A1", 3, from_organization_id=giver.pk)
        for giver in (books.bureau, books.school)
    ]
    assert import_history(actor=books.actor, rows=rows) == HistoryResult(4, 0, 4)
    held = {(books.bureau.pk, "A1"): 7, (books.school.pk, "A1"): 7, (books.township.pk, "A1"): 6}
    assert approved(None, MAY) == held
    left = [
        HistoryRow(EntryKind.TRANSFER, books.upper, MAY, giver.pk, "A1", -3) for giver in (books.bureau, books.school)
    ]
    assert import_history(actor=books.actor, rows=[*left, *rows]) == HistoryResult(6, 6, 0)
    assert approved(None, MAY) == held


def test_what_another_unit_lost_by_a_decision_of_its_own_is_no_other_side_of_a_transfer(books: Books) -> None:
    opening = HistoryRow(EntryKind.OPENING, books.office, FOUNDED, books.bureau.pk, "A1", 10)
    came = HistoryRow(
        EntryKind.TRANSFER, books.upper, MAY, books.township.pk, "A1", 2, from_organization_id=books.bureau.pk
    )
    cut = HistoryRow(EntryKind.DECREASE, books.upper, MAY, books.bureau.pk, "A1", -2)
    assert import_history(actor=books.actor, rows=[opening, came, cut]) == HistoryResult(3, 0, 3)
    assert approved(None, MAY) == {(books.bureau.pk, "A1"): 6, (books.township.pk, "A1"): 2}
    assert import_history(actor=books.actor, rows=[opening, came, cut]) == HistoryResult(3, 3, 0)


def test_a_row_whose_entry_was_reversed_may_be_taken_over_again(books: Books) -> None:
    row = HistoryRow(EntryKind.INCREASE, books.office, MAY, books.bureau.pk, "A1", 3)
    import_history(actor=books.actor, rows=[row])
    entry = LedgerEntry.objects.latest("pk")
    reverse_entry(actor=books.actor, entry=entry, document=books.upper, reason="误冲一笔")
    assert import_history(actor=books.actor, rows=[row]) == HistoryResult(1, 0, 1)
    assert approved(None, MAY) == {(books.bureau.pk, "A1"): 3}


def test_two_amounts_under_one_document_are_both_known_again(books: Books) -> None:
    one = HistoryRow(EntryKind.OPENING, books.office, FOUNDED, books.bureau.pk, "A1", 5)
    rows = [one, replace(one, amount=3)]
    assert import_history(actor=books.actor, rows=rows) == HistoryResult(2, 0, 1)
    assert import_history(actor=books.actor, rows=rows) == HistoryResult(2, 2, 0)
    assert approved([books.bureau.pk], MAY)[books.bureau.pk, "A1"] == 8


def test_history_may_be_drawn_from_the_reserve_that_was_issued(books: Books) -> None:
    row = HistoryRow(EntryKind.INCREASE, books.office, MAY, books.bureau.pk, "A1", 30)
    import_history(actor=books.actor, rows=[row], through_reserve=True)
    assert totals(MAY)["reserve", "district", "A1"] == 70
    with pytest.raises(Refused) as refused:
        import_history(actor=books.actor, rows=[replace(row, amount=71)], through_reserve=True)
    assert refused.value.codes == ["R06"]


def test_history_keeps_when_it_was_recorded_elsewhere(books: Books) -> None:
    recorded = datetime(2021, 5, 3, 9, 0, tzinfo=timezone.get_current_timezone())
    row = HistoryRow(EntryKind.OPENING, books.office, MAY, books.bureau.pk, "A1", 3, recorded_at=recorded)
    import_history(actor=books.actor, rows=[row])
    assert approved(None, MAY, known_on=date(2021, 5, 3)) == {(books.bureau.pk, "A1"): 3}
    assert approved(None, MAY, known_on=date(2021, 5, 2)) == {}


def test_what_leaves_on_the_day_it_came_is_taken_in_the_right_order(books: Books) -> None:
    came = HistoryRow(EntryKind.OPENING, books.office, MAY, books.bureau.pk, "A1", 3)
    left = HistoryRow(EntryKind.DECREASE, books.office, MAY, books.bureau.pk, "A1", -3)
    import_history(actor=books.actor, rows=[left, came])
    assert approved(None, MAY) == {(books.bureau.pk, "A1"): 0}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount": 0}, "增减数为 0"),
        ({"measure": "Z9"}, "没有“Z9”"),
        ({"amount": -1}, "不足 1 名"),
        ({"amount": -1, "from_organization_id": 0}, "登记在划入单位名下"),
        ({"effective_on": FOUNDED - timedelta(days=1)}, "尚未设立"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_all_others(books: Books, change: dict[str, Any], said: str) -> None:
    before = LedgerEntry.objects.count()
    row = HistoryRow(EntryKind.OPENING, books.office, MAY, books.school.pk, "B1", 3)
    with pytest.raises(Refused, match=said):
        import_history(actor=books.actor, rows=[row, replace(row, organization_id=books.bureau.pk, **change)])
    assert LedgerEntry.objects.count() == before


def test_history_is_taken_over_only_by_those_who_may_post(books: Books) -> None:
    with pytest.raises(Denied):
        import_history(actor=staff("unit_clerk"), rows=rows_of(books))


def test_thousands_of_entries_are_one_act(books: Books) -> None:
    units = Organization.objects.bulk_create([Organization(code=f"H{number:04}") for number in range(200)])
    OrganizationVersion.objects.bulk_create(
        [
            OrganizationVersion(
                organization=one, name=one.code, org_type="31", document=books.office, valid_from=FOUNDED
            )
            for one in units
        ]
    )
    rows = [
        HistoryRow(kind, books.office, FOUNDED + timedelta(days=30 * step), one.pk, "A1", amount)
        for one in units
        for step, (kind, amount) in enumerate(
            [(EntryKind.OPENING, 20), *[(EntryKind.INCREASE, 2), (EntryKind.DECREASE, -1)] * 5]
        )
    ]
    result = import_history(actor=books.actor, rows=rows)
    assert result.entries == 2200
    assert approved([units[0].pk], MAY)[units[0].pk, "A1"] == 25
