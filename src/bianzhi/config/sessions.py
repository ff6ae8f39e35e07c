"""Limits on a session: so many minutes without a request, and so many hours in all."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

STARTED = "session_started"
SEEN = "session_seen"
WRITE_EVERY = 60
"""Seconds between two notes of the last request: noting each one would make every page view a database write."""

GetResponse = Callable[[HttpRequest], HttpResponse]


def session_limits(get_response: GetResponse) -> GetResponse:
    """Middleware that ends a session which idled, or lived, longer than the settings allow."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            _end_or_note(request, now=time.time())
        return get_response(request)

    return middleware


def _end_or_note(request: HttpRequest, *, now: float) -> None:
    started = request.session.setdefault(STARTED, now)
    seen = request.session.setdefault(SEEN, now)
    if now - seen > settings.SESSION_IDLE_SECONDS or now - started > settings.SESSION_COOKIE_AGE:
        logout(request)
    elif now - seen > WRITE_EVERY:
        request.session[SEEN] = now
