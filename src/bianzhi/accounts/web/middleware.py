"""Holds a user at the page where a one-time password is changed, or the second factor enrolled, before any other."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.accounts.services.factor_duty import has_factor, must_have_factor
from bianzhi.accounts.services.password_memory import is_expired
from bianzhi.accounts.web.leaving import sign_out

GetResponse = Callable[[HttpRequest], HttpResponse]
PASSED = "second_factor_passed"
"""In the session of who has shown a second factor."""
OPEN = ("accounts:password_change", "accounts:logout", "healthz", "readyz", "metrics")
WITHOUT_FACTOR = (
    *OPEN,
    "accounts:second_factor_enrol",
    "accounts:passkeys",
    "accounts:passkey_question",
    "accounts:passkey_add",
)


def first_password(get_response: GetResponse) -> GetResponse:
    """Middleware: until a one-time or expired password is changed, every page leads to the page that changes it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and _must_change(user) and request.path not in map(reverse, OPEN):
            return redirect("accounts:password_change")
        return get_response(request)

    return middleware


def _must_change(user: User) -> bool:
    return user.must_change_password or is_expired(user)


def second_factor_first(get_response: GetResponse) -> GetResponse:
    """Middleware: who administers or approves enrols a second factor before any other page opens.

    A session that was opened by the password alone ends where a factor was enrolled elsewhere: it may be a thief's.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and not request.session.get(PASSED) and must_have_factor(user):
            if has_factor(user):
                sign_out(request, user)
            elif request.path not in map(reverse, WITHOUT_FACTOR):
                return redirect("accounts:second_factor_enrol")
        return get_response(request)

    return middleware
