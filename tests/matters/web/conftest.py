"""The people of the cases at their browsers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.matters.models import Case
from bianzhi.matters.services.drafting import token_of
from tests.cast import TODAY
from tests.matters.people import People

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
