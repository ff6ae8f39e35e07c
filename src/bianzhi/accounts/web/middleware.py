"""Holds a user with a one-time password at the page where it is changed."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

GetResponse = Callable[[HttpRequest], HttpResponse]
OPEN = ("accounts:password_change", "accounts:logout", "healthz")


def first_password(get_response: GetResponse) -> GetResponse:
    """Middleware: until the password is changed, every page leads to the page that changes it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.must_change_password and request.path not in map(reverse, OPEN):
            return redirect("accounts:password_change")
        return get_response(request)

    return middleware
