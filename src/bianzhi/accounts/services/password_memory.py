"""Passwords an account has had, and how old the present one is (by the settings of the installation)."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.kernel.objections import Objection, Refused


def refuse_used_before(user: User, password: str) -> None:
    """Raise Refused when the password is among the last ones of the account (PASSWORD_HISTORY)."""
    kept = user.former_passwords.values_list("encoded", flat=True)[: settings.PASSWORD_HISTORY]
    if any(check_password(password, encoded) for encoded in kept):
        message = f"新密码与最近 {settings.PASSWORD_HISTORY} 个用过的密码之一相同。"
        raise Refused([Objection("S19", message, next_step="请换一个没有用过的密码。")])


def is_expired(user: User) -> bool:
    """Whether the password is older than the installation allows (PASSWORD_DAYS; 0 for no limit)."""
    days = settings.PASSWORD_DAYS
    return bool(days) and user.password_set_at + timedelta(days=days) < timezone.now()
