"""The standing cast, and users who see the district, one unit, or nothing of it."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.organizations.models import Organization
from tests.cast import TODAY, Cast, assemble
from tests.matters.conftest import matters, people

__all__ = ["matters", "people"]


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())
    return TODAY


@pytest.fixture
def cast(db: None, today: date) -> Cast:
    return assemble()


def user_with(role: str, organization: Organization | None = None) -> User:
    """A user with one role, for one unit or for the whole district."""
    user = User.objects.create(username=f"{role}-{User.objects.count()}", display_name="测试用户")
    RoleGrant.objects.create(user=user, role=role, organization_id=organization.pk if organization else None)
    return user


def signed_in(user: User) -> Client:
    """A browser with the user logged in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def office(cast: Cast) -> Client:
    """The establishment office: sees and does everything."""
    return signed_in(user_with("office_clerk"))


@pytest.fixture
def bureau_clerk(cast: Cast) -> Client:
    """A clerk of 财政局, who sees that unit only."""
    return signed_in(user_with("unit_clerk", cast.bureau))
