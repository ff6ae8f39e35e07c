"""What the ledger answers when organisations ask."""

from datetime import date

from bianzhi.ledger.selectors.organization_questions import events_until, totals_on
from bianzhi.ledger.services import abolish_unit_quota, allot, allot_to_body, set_posts
from bianzhi.organizations import objections
from bianzhi.organizations.figures import Total
from bianzhi.organizations.objections import Proposal
from tests.ledger.conftest import FOUNDED, Books

MAY = date(2021, 5, 1)


def asked(books: Books, **proposal: object) -> list[str]:
    found = objections.to_proposal(
        Proposal(kind="abolished", organization_id=books.bureau.pk, effective_on=MAY, **proposal)  # type: ignore[arg-type]
    )
    return [objection.message for objection in found if objection.code == "R10"]


def test_a_unit_does_not_end_while_it_holds_quota(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 5})
    assert asked(books) == ["单位账上还有行政编制 5 名，不能撤销"]
    abolish_unit_quota(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk)
    assert asked(books) == []


def test_an_internal_body_does_not_close_while_quota_is_fixed_to_it(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 5})
    section, other = books.section(books.bureau), books.section(books.bureau, "预算科")
    fix = {"actor": books.actor, "organization_id": books.bureau.pk, "body_id": section.pk}
    allot_to_body(basis=books.basis(), amounts={"A1": 2}, **fix)
    assert asked(books, body_id=section.pk) == ["“办公室”已定编行政编制 2 名，不能撤销或划走"]
    assert asked(books, body_id=other.pk) == []
    allot_to_body(basis=books.basis(MAY), amounts={"A1": -2}, **fix)
    assert asked(books, body_id=section.pk) == []


def test_the_history_of_a_unit_gets_totals_and_events(books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 5})
    set_posts(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, posts={"org_chief": 1})
    assert totals_on(books.bureau.pk, [FOUNDED, MAY]) == {FOUNDED: Total(5, 0), MAY: Total(5, 1)}
    assert [(event.date, event.title) for event in events_until(books.bureau.pk, MAY)] == [
        (FOUNDED, "编制增：行政编制增 5 名"),
        (MAY, "领导职数：正职增 1 名"),
    ]
