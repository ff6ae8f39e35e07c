"""Fixtures and rules of every test: which engine, which marks, how a real browser is started.

The engine is chosen by DATABASE_URL as in the product; `./bianzhi test` runs the database tests on both.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase

from bianzhi.common.db.rights import Roles
from tests import database_reset, wall

# Playwright's synchronous API keeps an event loop in the thread of the test.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
CHROME = os.environ.get("CHROME_BIN") or next(filter(None, map(shutil.which, BROWSERS)), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("bianzhi")
    group.addoption("--all", action="store_true", help="also run the tests marked slow")
    group.addoption("--database-only", action="store_true", help="only tests that touch the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out slow tests unless asked for, and say why a browser test can't run."""
    left_out = [item for item in items if _left_out(item, config)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    reason = why_no_browser()
    if reason is None or os.environ.get("REQUIRE_BROWSER") == "1":
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=reason))


def _left_out(item: pytest.Item, config: pytest.Config) -> bool:
    if item.get_closest_marker("slow") and not config.getoption("--all"):
        return True
    return bool(config.getoption("--database-only")) and not touches_database(item)


def touches_database(item: pytest.Item) -> bool:
    """Whether the test's outcome can depend on the engine."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & DATABASE_FIXTURES)


def why_no_browser() -> str | None:
    """Why browser tests can't run here, or None when they can."""
    if find_spec("pytest_playwright") is None:
        return "no browser driver: the dependency group `browser` is not installed"
    if CHROME is None or not os.path.exists(CHROME):
        return "no Chromium on this machine (CHROME_BIN names one elsewhere)"
    return None


# --- the database ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """After the migrations, keep what they seeded: tests that commit are followed by a restore of exactly that."""
    with django_db_blocker.unblock():
        database_reset.remember_seeded_rows()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: database_reset.restore_seeded_rows())
        wall.tests_are_the_system(patch)
        if not wall.WHOLE_RUN:
            yield
            return
        with django_db_blocker.unblock():
            wall.raise_for_the_whole_run()
        yield
        with django_db_blocker.unblock():
            wall.lower_after_the_run()


@pytest.fixture
def behind_the_wall(db: None) -> Iterator[Roles]:
    """The test runs as the platform's own role on PostgreSQL; see tests/wall.py."""
    if connection.vendor != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    with wall.as_the_app() as roles:
        yield roles


# --- the browser -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The machine's own Chromium; Playwright never downloads one."""
    reason = why_no_browser()
    if reason is not None:
        pytest.fail(reason)
    return {"executable_path": CHROME, "headless": True, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1366, "height": 768},
        "reduced_motion": "reduce",
    }


@pytest.fixture
def console_errors(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Errors the page wrote to its console, script exceptions included; the test fails if any are left at its end.

    This is what catches a page that breaks the Content-Security-Policy.
    """
    page = request.getfixturevalue("page")
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield errors
    assert not errors, errors
