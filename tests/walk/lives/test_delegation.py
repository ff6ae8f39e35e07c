"""委托: an absent deputy's task is decided by the delegate, and both names stand on the printed sheet."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.matters import staffing as given
from tests.matters.people import People
from tests.walk.lives.cases import At, Turn, agree, decide, fill_in, go, open_case, open_todo, shown_and_checked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.timeout(900)]
MATTERS = ("P05",)


def test_the_delegate_decides_for_the_deputy_and_both_names_are_printed(at: At, matters: People, turn: Turn):
    shown_and_checked("P05")
    member = matters.cast.member(matters.cast.bureau, facts=matters.cast.facts("王小川"))
    form = {"person": member.person_id, "exit_mode": "O07", "event_on": "2026-03-02", "document": given.paper()}
    title = given.accepted(matters, matters.apply("P05", form)).title
    delegated(at, matters)
    decided_on_behalf(at, title)
    agree(at("director"), title)
    printed(at, matters, title)
    over_after_its_last_day(at, turn)


def delegated(at: At, matters: People) -> None:
    """The deputy is away for three days and says to whom."""
    deputy = at("deputy")
    page = go(deputy, reverse("workflow:todo"))
    page.get_by_role("link", name="委托办理").click()
    fill_in(deputy, {
        "delegate": matters.other_clerk.display_name,
        "valid_until": "2026-03-04",
        "reason": "出差",
    })  # fmt: skip
    deputy.inspect("delegation-form")
    page.get_by_role("button", name="委托", exact=True).click()
    expect(page.locator(".notices")).to_contain_text(f"已委托{matters.other_clerk.display_name}")
    deputy.inspect("delegations", "出差", "有效")


def decided_on_behalf(at: At, title: str) -> None:
    """The delegate finds the task among the own ones, marked with whose it is."""
    delegate = at("other_clerk")
    page = open_todo(delegate, title)
    expect(page.locator("#decision")).to_contain_text("代人员deputy办理")
    delegate.inspect("decided-on-behalf")
    decide(delegate, "同意", "材料齐全，拟同意。")
    expect(page.locator(".notices")).to_contain_text("已同意")


def printed(at: At, matters: People, title: str) -> None:
    """《流转意见表》 names who decided and for whom, and proves that nothing was changed."""
    director = at("director")
    page = open_case(director, title)
    page.get_by_role("link", name="流转意见表").click()
    director.inspect("opinions", "核验：共")
    row = page.locator(".sheet-opinions tbody tr", has_text="材料齐全，拟同意。")
    expect(row).to_contain_text(matters.other_clerk.display_name)
    expect(row).to_contain_text(f"代{matters.deputy.display_name}")
    assert f"代{matters.deputy.display_name}" in director.on_paper()


def over_after_its_last_day(at: At, turn: Turn) -> None:
    """What was given until a day is not there on the next."""
    turn("2026-03-05")
    page = go(at("other_clerk"), reverse("workflow:delegations"))
    expect(page.locator("#main")).to_contain_text("已到期")
