"""No page without a policy: who may see it is said where it is written, and held for strangers and the roleless."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import bianzhi
from bianzhi.accounts.models import User
from bianzhi.common.web.access import policy_of
from tests.accounts.people import account, signed_in

SAMPLES = {"int": "1", "str": "x", "slug": "x", "uuid": "00000000-0000-0000-0000-000000000000", "path": "x"}


def patterns(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, Any]]:
    """Every (route, view) of the site, routes as written in the url modules."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, entry.callback
        else:
            yield from patterns(entry, route)


def address(route: str) -> str:
    """A path the route matches, with plain samples for its parameters."""
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found[1] or "str", "1"), route)


SOURCE = Path(bianzhi.__path__[0])
PAGES = sorted(patterns(get_resolver()), key=lambda page: page[0])


def of_kind(*kinds: str) -> list[str]:
    return [route for route, view in PAGES if (policy := policy_of(view)) is not None and policy.kind in kinds]


GUARDED = of_kind("signed-in", "permission")
PERMISSION = of_kind("permission")
INTERFACE = of_kind("key")


@pytest.mark.parametrize(("route", "view"), PAGES, ids=[route for route, _ in PAGES])
def test_every_address_says_who_may_see_it(route, view):
    assert policy_of(view) is not None, f"{route} has neither @page, @signed_in_page nor @public_page"


@pytest.mark.django_db
@pytest.mark.parametrize("route", GUARDED)
def test_a_stranger_is_sent_to_the_login_page(client: Client, route):
    answer = client.get(address(route))
    assert answer.status_code in (302, 405)
    if answer.status_code == 302:
        assert answer["Location"].startswith("/accounts/login")


@pytest.mark.django_db
@pytest.mark.parametrize("route", PERMISSION)
def test_a_user_without_roles_is_refused(client: Client, route):
    client.force_login(User.objects.create(username="roleless"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address(route)).status_code in (403, 405)


@pytest.mark.django_db
@pytest.mark.parametrize("route", INTERFACE)
def test_the_interface_answers_nobody_without_a_key_however_logged_in(client: Client, route):
    director = account("director", "office_director")
    for caller in (client, signed_in(director)):
        statuses = {caller.get(address(route)).status_code, caller.post(address(route)).status_code}
        assert statuses <= {401, 405}
        assert 401 in statuses


def test_below_the_interface_only_the_description_and_the_public_key_ask_for_no_key():
    foot = "/api/v1/"
    public = {route for route in of_kind("public") if route.startswith(foot)}
    assert public == {foot, f"{foot}openapi.json", f"{foot}docs/", f"{foot}public-key"}
    assert {route for route, _ in PAGES if route.startswith(foot)} - public == set(INTERFACE)


def test_every_app_with_pages_is_part_of_the_site():
    written = {f"bianzhi.{file.parts[-3]}.web.urls" for file in SOURCE.glob("*/web/urls.py")}
    included = {
        str(getattr(entry.urlconf_module, "__name__", ""))
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver)
    }
    assert included == written | {"bianzhi.exchange.api.urls"}
