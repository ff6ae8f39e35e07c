"""The loaded district and a browser for every role in it, shared by the tests of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from pytest_django.live_server_helper import LiveServer

from tests.thinning import leave_to_sqlite
from tests.walk.district import District, district
from tests.walk.inspection import DIST, Visitor

__all__ = ["district"]

VisitorOf = Callable[..., Visitor]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What a browser makes of a page does not depend on the engine: on PostgreSQL the crawl runs with --all only.

    The main job is walked on both, and the page matrix asks for every page on both without a browser.
    """
    leave_to_sqlite(config, items, lambda item: item.path.name == "test_every_page.py")


@pytest.fixture(scope="session", autouse=True)
def assets() -> None:
    if not DIST.exists():
        pytest.skip("assets are not built")


@pytest.fixture(scope="module")
def site(district: District) -> Iterator[str]:
    """The site serving the loaded district; started once for all tests of a module."""
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def visitor_of(
    site: str,
    district: District,
    browser: Browser,
    browser_context_args: dict[str, Any],
) -> Iterator[VisitorOf]:
    """`visitor_of("office_director")`: the browser in which the user of a role is logged in, one for each role."""
    contexts: dict[tuple[str, bool], BrowserContext] = {}
    visitors: dict[tuple[str, bool], Visitor] = {}

    def visitor(role: str, *, javascript: bool = True) -> Visitor:
        key = (role, javascript)
        if key not in visitors:
            context = browser.new_context(**browser_context_args, java_script_enabled=javascript)
            session = district.client(role).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
            contexts[key], visitors[key] = context, Visitor(context, site)
        return visitors[key]

    yield visitor
    for context in contexts.values():
        context.close()
