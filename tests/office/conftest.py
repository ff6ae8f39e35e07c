"""The people of the office tests: who publishes, who reads, who looks after the system; and a small flow among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from bianzhi.accounts.models import User
from bianzhi.accounts.services.grants import grant_role
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.common.models import OutboxMessage
from bianzhi.organizations.models import Organization
from tests.accounts.people import CONSOLE, account, signed_in
from tests.cast import TODAY, Cast, assemble, make_unit
from tests.office.smtp_sink import Sink
from tests.workflow.engine import flows

DIST = Path(__file__).parents[2] / "src/bianzhi/common/static/dist/app.css"


@dataclass
class Staff:
    """Accounts by what they do; `education` is 教育局, which supervises `primary`."""

    cast: Cast
    education: Organization
    primary: Organization
    clerk: User
    deputy: User
    other_deputy: User
    director: User
    bureau_clerk: User
    bureau_head: User
    audit_clerk: User
    primary_clerk: User
    reviewer: User
    admin: User

    @property
    def everybody(self) -> set[int]:
        return {user.pk for user in vars(self).values() if isinstance(user, User)}


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages and jobs take today from the clock; the tests happen on TODAY."""
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """Limits and tokens of forms are kept in the cache, which a rollback does not reach."""
    cache.clear()


@pytest.fixture(autouse=True)
def domain() -> flows.Domain:
    flows.register_domain()
    flows.reset_domain()
    return flows.DOMAIN


@pytest.fixture
def staff(db: None) -> Staff:
    cast = assemble()
    facts: dict[str, Any] = {"actor": cast.office, "document": cast.document, "rank": "141"}
    education = make_unit(code="T005", name="测试区教育局", org_type="31", **facts)
    primary = make_unit(
        code="T006", name="测试区第二小学", org_type="80", institution_class="83", parent=education, **facts
    )
    reviewer = account("reviewer")
    grant_role(
        actor=CONSOLE,
        user_id=reviewer.pk,
        role="supervising_reviewer",
        organization_id=education.pk,
        includes_subtree=True,
    )
    return Staff(
        cast=cast,
        education=education,
        primary=primary,
        clerk=account("clerk", "office_clerk", display_name="李文静"),
        deputy=account("deputy", "office_deputy", display_name="陈国平"),
        other_deputy=account("deputy2", "office_deputy", display_name="高远"),
        director=account("director", "office_director", display_name="周明远"),
        bureau_clerk=account("bureau", "unit_clerk", organization_id=cast.bureau.pk, display_name="赵敏"),
        bureau_head=account("bureau-head", "unit_head", organization_id=cast.bureau.pk, display_name="钱进"),
        audit_clerk=account("audit", "unit_clerk", organization_id=cast.audit_office.pk, display_name="孙立"),
        primary_clerk=account("primary", "unit_clerk", organization_id=primary.pk, display_name="吴芳"),
        reviewer=User.objects.get(pk=reviewer.pk),
        admin=account("admin", "system_admin", display_name="系统管理员"),
    )


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server that keeps what it gets."""
    with Sink() as server:
        yield server


@pytest.fixture
def mail(sink: Sink, settings: Any) -> Sink:
    """The platform set up to send by the sink."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = 5
    settings.DEFAULT_FROM_EMAIL = "编制通 <bianzhi@example.gov.cn>"
    settings.SITE_URL = "https://bianzhi.example.gov.cn"
    return sink


def deliver() -> None:
    """Let the outbox be heard; what fails fails the test."""
    while deliver_waiting():
        pass  # what was heard may have made news of its own
    failed = OutboxMessage.objects.filter(delivered_at__isnull=True)
    assert not failed.exists(), list(failed.values_list("topic", "last_error"))


def client_of(user: User) -> Client:
    """A browser in which the user is logged in."""
    return signed_in(user)
