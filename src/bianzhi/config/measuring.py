"""Measuring each request: how long, how much of it in the database; a very slow one is logged."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from bianzhi.common import metrics

log = logging.getLogger(__name__)

SLOW: Final = 5.0
"""Seconds after which a page is worth a line in the log."""

Handler = Callable[[HttpRequest], HttpResponseBase]


class _Waiting:
    """Adds up the statements of one request and the time they took."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.statements = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - begun
            self.statements += 1


def measured(get_response: Handler) -> Handler:
    """Middleware: counts by the name of the route, never by the address, which may name a person."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        waiting, begun = _Waiting(), time.perf_counter()
        with connection.execute_wrapper(waiting):
            response = get_response(request)
        _note(request, response, time.perf_counter() - begun, waiting)
        return response

    return middleware


def route_of(request: HttpRequest) -> str:
    """The name of the route as in `reverse()`; "static" for files, "unmatched" for an address nothing answers to."""
    match = request.resolver_match
    if match is not None:
        return match.view_name or "unnamed"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "unmatched"


def _note(request: HttpRequest, response: HttpResponseBase, seconds: float, waiting: _Waiting) -> None:
    route, method = route_of(request), request.method or ""
    known = method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "OTHER"
    metrics.REQUESTS.labels(route, known, str(response.status_code)).inc()
    metrics.REQUEST_SECONDS.labels(route).observe(seconds)
    metrics.DATABASE_SECONDS.labels(route).inc(waiting.seconds)
    metrics.DATABASE_QUERIES.labels(route).inc(waiting.statements)
    if seconds > SLOW:
        log.warning(
            "slow request: %s %s took %.1f s, %.1f s of it in %d statements",
            known,
            route,
            seconds,
            waiting.seconds,
            waiting.statements,
        )
