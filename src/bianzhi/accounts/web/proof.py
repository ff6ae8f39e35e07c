"""The checks every way in shares: whose password it is, failures counted and on record, who may not be let in now."""

import threading
from typing import Any, Final

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from bianzhi.accounts.models import User
from bianzhi.accounts.services import failed_logins
from bianzhi.common.web.forms import BaseForm

AT_THE_DOOR: Final = 6
"""Passwords that are checked, or wait to be, at once in one process: of eight threads two are left for pages."""
_door = threading.BoundedSemaphore(AT_THE_DOOR)


class TooBusy(Exception):
    """So many passwords are being checked that another one would keep pages waiting. The message is for people."""

    def __init__(self) -> None:
        super().__init__("现在登录的人较多，请几秒后再试。")


class PasswordForm(BaseForm):
    """The own password, before the account's ways in are changed."""

    password = forms.CharField(label="当前密码", max_length=200, strip=False, widget=forms.PasswordInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs["autocomplete"] = "current-password"


def address_of(request: HttpRequest) -> str:
    """The network address the request comes from, through the trusted proxy."""
    return str(getattr(request, "axes_ip_address", None) or request.META.get("REMOTE_ADDR", ""))


@sensitive_variables("password")
def whose(request: HttpRequest, username: str, password: str) -> User | None:
    """Whose account and password these are; counted failures are recorded. Raises TooBusy.

    Checking a password is slow on purpose; who waits for it holds a thread of the server, so not all may wait.
    """
    if not _door.acquire(blocking=False):
        raise TooBusy
    try:
        return _checked(request, username, password)
    finally:
        _door.release()


@sensitive_variables("password")
def _checked(request: HttpRequest, username: str, password: str) -> User | None:
    # Attempts during a lock are not recorded: they would let anybody grow the record without end.
    was_locked = is_locked(request, username)
    user = authenticate(request, username=username, password=password)
    if isinstance(user, User):
        return user
    if not was_locked:
        locked = bool(getattr(request, "axes_locked_out", False))
        failed_logins.note_failure(username=username, address=address_of(request), locked=locked)
    return None


def knows_password(request: HttpRequest, form: BaseForm) -> bool:
    """Whether the form holds the own password; where not, the form says so."""
    return proved(request, form, "password") is not None


def proved(request: HttpRequest, form: BaseForm, field: str) -> User | None:
    """The account of the request, if the field of the form holds its password; where not, the form says so."""
    try:
        user = whose(request, request.user.get_username(), form.cleaned_data[field])
    except TooBusy as busy:
        form.add_error(None, str(busy))
        return None
    if user is None:
        form.add_error(field, f"{form.fields[field].label}不正确。")
    return user


def is_locked(request: HttpRequest, username: str) -> bool:
    """Whether this name or this address has failed too often of late."""
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def count_failure(request: HttpRequest, name: str) -> None:
    """Count a failure of another kind than a wrong password against this name and this address."""
    user_login_failed.send(sender=__name__, credentials={"username": name}, request=request)


def may_enter(request: HttpRequest, user: User | None) -> bool:
    """Whether an account that was proved otherwise than by password is open, and not locked after failures."""
    return user is not None and user.is_active and not is_locked(request, user.username)
