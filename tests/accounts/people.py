"""Accounts with roles, built as the platform builds them."""

from __future__ import annotations

from typing import Any

from django.test import Client

from bianzhi.accounts.models import User
from bianzhi.accounts.services.grants import grant_role
from bianzhi.accounts.services.users import change_own_password, create_user, hashed_password
from bianzhi.audit.actors import System

CONSOLE = System("测试")
PASSWORD = "violet-moon-73"


def account(username: str, *roles: str, organization_id: int | None = None, **fields: Any) -> User:
    """An account that may log in at once, with these roles."""
    fields = {"display_name": f"人员{username}", "password": PASSWORD, "must_change": False, **fields}
    user = create_user(actor=CONSOLE, username=username, **fields)
    for role in roles:
        grant_role(actor=CONSOLE, user_id=user.pk, role=role, organization_id=organization_id)
    return User.objects.get(pk=user.pk)


def change_password(user: User, old: str, new: str) -> User:
    """The owner changes the password, as the page does after the old one was shown."""
    owner = User.objects.get(pk=user.pk)
    return change_own_password(user=owner, hashed=hashed_password(owner, old=old, new=new))


def signed_in(user: User) -> Client:
    """A browser in which the user is logged in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
