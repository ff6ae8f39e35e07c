"""The people of the cases at their browsers."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from bianzhi.accounts.models import User
from bianzhi.matters.models import Case
from bianzhi.matters.services.drafting import token_of
from tests.cast import TODAY
from tests.matters.people import People
from tests.matters.web.browsing import SitDown

DIST = Path(__file__).parents[3] / "src/bianzhi/common/static/dist/app.css"


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    """The pages take today from the clock; files of cases go to a folder of the test."""
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def no_act_in_progress() -> None:
    """Tokens of acts and of open pages are kept in the cache, which a test's rollback does not reach."""
    cache.clear()


@pytest.fixture
def at_desk(matters: People) -> Callable[[User], Client]:
    """Somebody logged in."""

    def sit_down(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sit_down


@pytest.fixture
def desk(page: Page, live_server: Any, matters: People, console_errors: list[str]) -> Iterator[SitDown]:
    """Somebody at the browser. A refusal (422) is written to the console by the browser itself."""
    if not DIST.exists():
        pytest.skip("assets are not built")
    page.set_default_timeout(15_000)

    def sit_down(user: User) -> Page:
        client = Client()
        client.force_login(user)
        page.context.clear_cookies()
        session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        page.context.add_cookies([session])  # type: ignore[list-item]
        return page

    yield sit_down
    console_errors[:] = [text for text in console_errors if "status of 422" not in text]


def text_of(answer: Any) -> str:
    """The page as text."""
    body: str = answer.content.decode()
    return body


def form_url(case: Case) -> str:
    """The form of a case."""
    return reverse("matters:application", args=[case.pk])


def page_url(case: Case) -> str:
    """The page of a case."""
    return reverse("matters:case", args=[case.pk])


def sent(client: Client, case: Case, data: Mapping[str, Any], *, intent: str = "save", **headers: str) -> Any:
    """What a browser sends from the form of a case as it was opened."""
    case.refresh_from_db()
    told = {"saved_at": token_of(case), "token": "page-1", "intent": intent, **data}
    return client.post(form_url(case), told, headers=headers)
