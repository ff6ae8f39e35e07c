"""三员分立 at the doors: every page of each administrator, tried by the two others in a real browser, stays shut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import get_resolver
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bianzhi.accounts.roles import ROLES
from bianzhi.common.web.access import policy_of
from tests.accounts.people import account, signed_in
from tests.architecture.test_pages import address, patterns
from tests.browsing import sound

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

THREE = ("system_admin", "security_admin", "audit_admin")
FRONT_DOOR = {"system_admin": "/accounts/parameters/", "security_admin": "/accounts/users/", "audit_admin": "/audit/"}


def own(role: str, *others: str) -> set[str]:
    """The permissions of a role that none of the others has."""
    return set(ROLES[role].permissions).difference(*(ROLES[other].permissions for other in others))


def doors(permissions: set[str]) -> list[str]:
    """An address behind each route that asks for one of these permissions."""
    found = []
    for route, view in patterns(get_resolver()):
        policy = policy_of(view)
        if policy is not None and policy.kind == "permission" and policy.permission in permissions:
            found.append(address(route))
    return sorted(found)


@pytest.fixture
def at(live_server: Any, browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[dict[str, Page]]:
    """The three at their browsers."""
    expect.set_options(timeout=20_000)
    contexts: dict[str, BrowserContext] = {}
    for role in THREE:
        context = browser.new_context(**browser_context_args)
        key = signed_in(account(role, role)).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": key, "url": live_server.url}])
        contexts[role] = context
    yield {role: context.new_page() for role, context in contexts.items()}
    for context in contexts.values():
        context.close()
    expect.set_options(timeout=5_000)


def test_each_administrators_front_door_is_open_to_them_and_shut_to_the_two_others(live_server, at):
    for role, path in FRONT_DOOR.items():
        for visitor, page in at.items():
            answer = page.goto(live_server.url + path)
            assert answer is not None
            if visitor == role:
                assert answer.status == 200
                expect(page.get_by_role("link", name="用户管理")).to_have_count(1 if role == "security_admin" else 0)
            else:
                assert answer.status == 403
                expect(page.get_by_role("heading", name="没有权限").first).to_be_visible()
                sound(page, f"refused-{visitor}-at-{role}")


@pytest.mark.parametrize("role", THREE)
def test_every_page_of_an_administrator_is_refused_to_the_two_others(live_server, at, role):
    visitors = [visitor for visitor in THREE if visitor != role]
    for visitor in visitors:
        paths = doors(own(role, visitor))
        assert FRONT_DOOR[role] in paths
        for path in paths:
            answer = at[visitor].request.get(live_server.url + path, max_redirects=0, timeout=60_000)
            assert answer.status == 403, f"{visitor} at {path}: {answer.status}"
            assert "权限" in answer.text()


@pytest.mark.parametrize("role", THREE)
def test_an_administrator_does_no_business_of_the_office(live_server, at, role):
    business = own("office_director", *THREE)
    paths = [path for path in doors(business) if path.count("/") == 2]
    assert len(paths) > 5
    for path in paths:
        answer = at[role].request.get(live_server.url + path, max_redirects=0, timeout=60_000)
        assert answer.status == 403, f"{role} at {path}: {answer.status}"
