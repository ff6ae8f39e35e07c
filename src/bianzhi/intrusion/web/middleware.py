"""What requests of people leave: a line in the reading files; and what they are told when there are too many."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from bianzhi.intrusion import reading_files
from bianzhi.intrusion.rules.reading_log import (
    DENIED,
    FRAGMENT,
    FRAGMENTS_TO_A_PAGE,
    NOT_THERE,
    OUT_OF_SIGHT,
    PAGE,
    Reading,
)

Handler = Callable[[HttpRequest], HttpResponseBase]
MINUTE: Final = 60
TOO_MANY: Final = 429
LOOKED_AT: Final = 200
_REFUSED: Final = {403: DENIED, 404: NOT_THERE}


def reads(get_response: Handler) -> Handler:
    """Middleware: hold whoever opens pages faster than a person can, and write down what is opened."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        user: Any = getattr(request, "user", None)
        if user is None or not user.is_authenticated or request.method not in ("GET", "HEAD"):
            return get_response(request)
        now = time.time()
        limit = _limit_of(request)
        if limit and _nth_of_the_minute(request, user.pk, now) > limit:
            return _held(request, limit, now)
        response = get_response(request)
        _write_down(request, response, int(user.pk), int(now))
        return response

    return middleware


def _limit_of(request: HttpRequest) -> int:
    return reading_files.limit() * (FRAGMENTS_TO_A_PAGE if _asks_for_fragment(request) else 1)


def _nth_of_the_minute(request: HttpRequest, user_id: int, now: float) -> int:
    kind = FRAGMENT if _asks_for_fragment(request) else PAGE
    key = f"intrusion.reads.{kind}.{user_id}.{int(now) // MINUTE}"
    cache.add(key, 0, 2 * MINUTE)
    try:
        return int(cache.incr(key))
    except ValueError:  # dropped between the two calls
        return 1


def _held(request: HttpRequest, limit: int, now: float) -> HttpResponseBase:
    wait = MINUTE - int(now) % MINUTE
    response = render(request, "intrusion/too_many.html", {"limit": limit, "wait": wait}, status=TOO_MANY)
    response.headers["Retry-After"] = str(wait)
    return response


def _write_down(request: HttpRequest, response: HttpResponseBase, user_id: int, now: int) -> None:
    match = request.resolver_match
    if match is None or not match.view_name:
        return
    way = _way(request, response)
    if way:
        reading_files.append(Reading(now, user_id, match.view_name, _record(match.kwargs), way))


def _way(request: HttpRequest, response: HttpResponseBase) -> str:
    status = response.status_code
    if status in _REFUSED:
        return OUT_OF_SIGHT if getattr(request, "is_out_of_sight", False) else _REFUSED[status]
    if status == 200:
        return FRAGMENT if _asks_for_fragment(request) and not _is_whole(response) else PAGE
    return ""


def _asks_for_fragment(request: HttpRequest) -> bool:
    """What the browser says; anybody can say it, so fragments have a limit of their own and count for pages."""
    return request.headers.get("HX-Request") == "true"


def _is_whole(response: HttpResponseBase) -> bool:
    content = getattr(response, "content", b"")
    return content[:LOOKED_AT].lstrip().lower().startswith(b"<!doctype html")


def _record(arguments: Mapping[str, object]) -> str:
    return ",".join(str(value) for value in arguments.values())
