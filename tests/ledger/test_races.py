"""Two people at once on the ledger."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier, Event
from time import sleep

import pytest
from django.db import connection, transaction

from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.selectors.balances import approved, totals
from bianzhi.ledger.services import allot, reverse_entry, set_posts
from bianzhi.organizations.services import abolish, change_nature
from tests.ledger.conftest import FOUNDED, Books

APRIL, MAY = date(2021, 4, 1), date(2021, 5, 1)
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


def while_open(first: Callable[[], object], second: Callable[[], object]) -> str:
    """What becomes of an act that begins when the first is done and not yet committed."""
    done = Event()

    def run(act: Callable[[], object], *, leads: bool) -> str:
        try:
            if not leads:
                done.wait()
                act()
                return "done"
            with transaction.atomic():
                act()
                done.set()
                sleep(0.5)
        except Refused as refusal:
            return refusal.codes[0]
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        leading = pool.submit(run, first, leads=True)
        following = pool.submit(run, second, leads=False)
        assert leading.result() == "done"
        return following.result()


def given(books: Books) -> Callable[[], object]:
    return lambda: allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.school.pk, amounts={"B1": 5})


def ended(books: Books) -> Callable[[], object]:
    return lambda: abolish(actor=books.actor, organization_id=books.school.pk, document=books.upper, effective_on=APRIL)


def turned_into_a_bureau(books: Books) -> Callable[[], object]:
    return lambda: change_nature(
        actor=books.actor, organization_id=books.school.pk, document=books.upper, effective_on=APRIL, org_type="31"
    )


def test_a_unit_being_ended_is_given_nothing(books: Books) -> None:
    assert while_open(ended(books), given(books)) == "R10"
    assert approved([books.school.pk], MAY) == {}


def test_a_unit_being_given_something_does_not_end(books: Books) -> None:
    assert while_open(given(books), ended(books)) == "L1"


def test_a_unit_changes_its_nature_or_is_given_quota_but_not_both(books: Books) -> None:
    assert while_open(turned_into_a_bureau(books), given(books)) == "R05"


def test_a_unit_being_given_quota_does_not_become_what_may_not_hold_it(books: Books) -> None:
    assert while_open(given(books), turned_into_a_bureau(books)) == "R05"


def test_two_who_bring_posts_to_a_number_do_not_add_up(books: Books) -> None:
    def bring(number: int) -> Callable[[], object]:
        posts = {"org_deputy": number}
        return lambda: set_posts(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, posts=posts)

    bring(3)()
    assert while_open(bring(5), bring(5)) == "done"
    assert approved([books.bureau.pk], FOUNDED)[books.bureau.pk, "org_deputy"] == 5


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
