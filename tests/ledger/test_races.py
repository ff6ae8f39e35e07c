"""Two people at once on the ledger."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.selectors.balances import approved, totals
from bianzhi.ledger.services import allot, reverse_entry
from tests.ledger.conftest import FOUNDED, Books

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    """Run the acts together, each in a thread of its own; the codes of refusals, or "done"."""
    barrier = Barrier(len(acts))

    def run(act) -> str:
        barrier.wait()
        try:
            act()
        except Refused as refusal:
            return refusal.codes[0]
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_one_of_two_simultaneous_reversals_is_refused(books: Books) -> None:
    given = allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 5})

    def act() -> None:
        reverse_entry(actor=books.actor, entry=given, document=books.office, reason="登记错误")

    assert at_once([act, act]) == ["R26", "done"]
    assert LedgerEntry.objects.filter(reverses=given).count() == 1


def test_the_last_of_the_reserve_is_given_once(books: Books) -> None:
    def give(organization_id: int):
        return lambda: allot(
            actor=books.actor, basis=books.basis(), organization_id=organization_id, amounts={"A1": 30}
        )

    acts = [give(books.bureau.pk) for _ in range(5)]
    assert at_once(acts) == ["R06", "R06", "done", "done", "done"]
    assert approved([books.bureau.pk], FOUNDED)[books.bureau.pk, "A1"] == 90
    assert totals(FOUNDED)["reserve", "district", "A1"] == 10
