"""Users of the web kit's tests: a clerk of the establishment office, and somebody without any role."""

import pytest

from bianzhi.accounts.models import RoleGrant, User


@pytest.fixture
def own_urls(settings):
    settings.ROOT_URLCONF = "tests.common.web.urls"
    settings.LOGIN_URL = "/accounts/login/"


@pytest.fixture
def clerk(db):
    user = User.objects.create_user("clerk", None, display_name="李明辉", office="综合科")
    RoleGrant.objects.create(user=user, role="office_clerk")
    return user


@pytest.fixture
def nobody(db):
    return User.objects.create_user("nobody", None, display_name="王小明")


@pytest.fixture
def by_clerk(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def by_nobody(client, nobody):
    client.force_login(nobody)
    return client
