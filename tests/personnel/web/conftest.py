"""Users of the personnel pages: office clerk, director, the clerk of one unit, and somebody without a role."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.organizations.models import Organization
from tests.cast import TODAY, Cast, assemble
from tests.direct import WHY

DIST = Path(__file__).parents[3] / "src/bianzhi/common/static/dist/app.css"


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages take today from the clock; the tests happen on TODAY."""
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())


@pytest.fixture(autouse=True)
def no_act_in_progress() -> None:
    """Tokens of acts are kept in the cache, which a test's rollback does not reach."""
    cache.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    return assemble()


def _client(username: str, role: str = "", organization: Organization | None = None) -> Client:
    user = User.objects.create_user(username, None, display_name=username)
    if role:
        RoleGrant.objects.create(
            user=user, role=role, organization_id=organization.pk if organization else None, includes_subtree=False
        )
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office(cast: Cast) -> Client:
    """A clerk of the establishment office."""
    return _client("office", "office_clerk")


@pytest.fixture
def director(cast: Cast) -> Client:
    """The director of the establishment office, who may override."""
    return _client("director", "office_director")


@pytest.fixture
def of_bureau(cast: Cast) -> Client:
    """The clerk of 财政局: sees its own people only."""
    return _client("bureau", "unit_clerk", cast.bureau)


@pytest.fixture
def outsider(cast: Cast) -> Client:
    """Somebody with an account and no role."""
    return _client("outsider")


@pytest.fixture
def desk(page: Page, live_server: Any, office: Client, console_errors: list[str]) -> Page:
    """The office clerk at the desk. A refusal (422) is written to the console by the browser itself."""
    if not DIST.exists():
        pytest.skip("assets are not built")
    session = {"name": "sessionid", "value": office.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])  # type: ignore[list-item]
    page.set_default_timeout(15_000)
    return page


def text_of(answer: Any) -> str:
    """The page as text."""
    body: str = answer.content.decode()
    return body


def rows_of(page: str) -> str:
    """The rows of the table on a page; nothing when the list is empty."""
    return page.split("<tbody>", 1)[1].split("</tbody>", 1)[0] if "<tbody>" in page else ""


def posted(client: Client, url: str, data: Mapping[str, Any], **headers: str) -> Any:
    """Send a form as a browser without JavaScript does."""
    sent = {name: value for name, value in {**WHY, **data}.items() if value is not None}
    return client.post(url, sent, headers=headers)
