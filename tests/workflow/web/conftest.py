"""The people of the engine's tests at their browsers, and a case on its way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page

from bianzhi.accounts.models import User
from bianzhi.workflow.models import FlowInstance
from tests.accounts.people import account
from tests.workflow.engine.conftest import domain, staff
from tests.workflow.engine.flows import TODAY, begin_case, publish_flow, step
from tests.workflow.engine.hands import submit

__all__ = ["domain", "staff"]

DIST = Path(__file__).parents[3] / "src/bianzhi/common/static/dist/flow-editor.js"


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages take today from the clock; the tests happen on TODAY."""
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())


@pytest.fixture(autouse=True)
def no_act_in_progress() -> None:
    """Tokens of acts are kept in the cache, which a test's rollback does not reach."""
    cache.clear()


@pytest.fixture
def at_desk(staff: dict[str, User]) -> Callable[[str], Client]:
    """The browser of somebody."""

    def client(name: str) -> Client:
        found = Client()
        found.force_login(staff[name])
        return found

    return client


@pytest.fixture
def case(staff: dict[str, User]) -> FlowInstance:
    """A case that waits for a deputy, with the director to come."""
    publish_flow(
        "plain",
        step("apply", submit=True, stage="申请"),
        step("review", role="office_deputy", stage="审批", days=5),
        step("ratify", role="office_director", stage="核准"),
    )
    case = begin_case(staff["clerk"], "plain")
    submit(staff["clerk"], case)
    return case


@pytest.fixture
def admin(db: Any) -> Client:
    """The system administrator, who keeps the flows."""
    client = Client()
    client.force_login(account("admin", "system_admin"))
    return client


@pytest.fixture
def sit_down(page: Page, live_server: Any, console_errors: list[str]) -> Callable[[Client], Page]:
    """A real browser for a client that is logged in."""
    if not DIST.exists():
        pytest.skip("assets are not built")

    def sit(client: Client) -> Page:
        session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        page.context.add_cookies([session])  # type: ignore[list-item]
        page.set_default_timeout(15_000)
        return page

    return sit


def text_of(answer: Any) -> str:
    """The page as text."""
    body: str = answer.content.decode()
    return body


def rows_of(page: str) -> str:
    """The rows of the table on a page; nothing when the list is empty."""
    return page.split("<tbody>", 1)[1].split("</tbody>", 1)[0] if "<tbody>" in page else ""
