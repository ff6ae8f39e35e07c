"""What the ledger adds to the history of a unit."""

from datetime import date

from bianzhi.ledger.selectors.unit_history import events_until, totals_on
from bianzhi.ledger.services import allot, set_posts
from bianzhi.organizations.figures import Total
from tests.ledger.conftest import FOUNDED, Books

MAY = date(2021, 5, 1)


def test_the_history_of_a_unit_gets_totals_and_events(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 5})
    set_posts(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, posts={"org_chief": 1})
    assert totals_on(books.bureau.pk, [FOUNDED, MAY]) == {FOUNDED: Total(5, 0), MAY: Total(5, 1)}
    assert [(event.date, event.title) for event in events_until(books.bureau.pk, MAY)] == [
        (FOUNDED, "编制增：行政编制增 5 名"),
        (MAY, "领导职数：正职增 1 名"),
    ]
