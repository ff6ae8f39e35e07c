"""What is said once a lock is taken away: free where nothing else stands, and how much stands where it does (R13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.supervision.models import Problem, RectificationOrder
from bianzhi.supervision.services.rectifying import issue_order, report_rectification, verify_order
from tests.accounts.people import signed_in
from tests.cast import TODAY, Cast, seat

pytestmark = pytest.mark.django_db

Find = Callable[..., Problem]


@pytest.fixture(autouse=True)
def no_act_in_progress() -> None:
    cache.clear()


@pytest.fixture
def desk(inspector: User) -> Client:
    return signed_in(inspector)


@pytest.fixture
def verified(inspector: User, of_bureau: User, find_problem: Find, cast: Cast) -> RectificationOrder:
    """A rectification that waits for its 销号."""
    problem = find_problem(cast.bureau)
    order = issue_order(actor=inspector, today=TODAY, problem_ids=[problem.pk], measures="逐人核对并更正").order
    report_rectification(actor=of_bureau, today=TODAY, order_id=order.pk, text="已更正")
    return verify_order(actor=inspector, today=TODAY, order_id=order.pk, passed=True, text="属实")


def said(client: Client, url: str, **form: Any) -> str:
    """The notice the act ends with."""
    answer = client.post(url, form, follow=True)
    return "".join(str(each) for each in answer.context["messages"])


def closed(desk: Client, order: RectificationOrder) -> str:
    return said(desk, reverse("supervision:handle", args=[order.pk, "close"]), text="同意销号")


def lifted(desk: Client, problem: Problem) -> str:
    return said(desk, reverse("supervision:lock", args=[problem.pk]), reason="情节轻微")


def test_the_last_closing_frees_the_unit(desk: Client, verified: RectificationOrder):
    assert closed(desk, verified) == f"{verified.number} 已销号；对该单位新申请的限制随之解除。"


def test_a_closing_among_others_says_what_still_stands(
    desk: Client, cast: Cast, verified: RectificationOrder, find_problem: Find
):
    seat(cast, cast.bureau, "A1", cast.facts("郑到龄", born=date(1962, 3, 4)))
    find_problem(cast.bureau)
    assert closed(desk, verified) == f"{verified.number} 已销号；该单位另有 2 项限制，新的申请仍不受理。"


def test_the_lock_of_the_only_problem_lifted_frees_the_unit(desk: Client, cast: Cast, find_problem: Find):
    problem = find_problem(cast.bureau)
    find_problem(cast.audit_office)
    assert lifted(desk, problem) == f"已解除对该单位新申请的限制（{problem.number}）。"
    assert lifted(desk, problem) == f"已限制该单位新的申请（{problem.number}）。"


def test_the_lock_of_one_of_two_problems_lifted_leaves_the_other(desk: Client, cast: Cast, find_problem: Find):
    problem = find_problem(cast.bureau)
    find_problem(cast.bureau)
    remaining = "该单位另有 1 项限制，新的申请仍不受理"
    assert lifted(desk, problem) == f"{problem.number} 不再限制该单位新的申请；{remaining}。"
