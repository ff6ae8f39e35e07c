"""The district of the cases with its people at their browsers, each in a window of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, expect

from tests.accounts.people import signed_in
from tests.cast import TODAY
from tests.matters.conftest import cast, matters, people
from tests.matters.people import People
from tests.walk.inspection import Visitor
from tests.walk.lives.cases import At, Turn

__all__ = ["cast", "matters", "people"]


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Turn:
    """`turn("2026-03-11")` turns the page of the calendar."""

    def to(day: str) -> None:
        monkeypatch.setenv("BIANZHI_TODAY", day)

    return to


@pytest.fixture(autouse=True)
def on_that_day(turn: Turn, tmp_path: Path, settings: Any) -> None:
    """Every life begins on TODAY; files of cases go to a folder of the test, and no form is at work."""
    turn(TODAY.isoformat())
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    """A machine that is busy is slow, not wrong."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def at(
    live_server: Any, matters: People, browser: Browser, browser_context_args: dict[str, Any], turn: Turn
) -> Iterator[At]:
    """`at("head")`: the browser in which that person of `tests.matters.people` is logged in, one for each.

    At the end no page any of them saw may have complained in its console.
    """
    visitors: dict[str, Visitor] = {}
    contexts: list[BrowserContext] = []

    def visitor(name: str) -> Visitor:
        if name not in visitors:
            context = browser.new_context(**browser_context_args)
            context.set_default_timeout(20_000)
            session = signed_in(getattr(matters, name)).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
            contexts.append(context)
            visitors[name] = Visitor(context, live_server.url)
        return visitors[name]

    yield visitor
    for context in contexts:
        context.close()
    complaints = {name: visitor.errors for name, visitor in visitors.items() if visitor.errors}
    assert not complaints, complaints
