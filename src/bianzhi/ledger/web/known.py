"""`?known=`: what was recorded by a day. With it a page shows the figures as the office knew them then."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.as_of import BadDay, day_query, parse_day

PARAMETER: Final = "known"


def known_day(request: HttpRequest) -> date | None:
    """The day up to whose end entries count, None without the parameter; raises BadDay when it cannot be read."""
    text = request.GET.get(PARAMETER, "").strip()
    return parse_day(text) if text else None


def with_known(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give the view `known=`; a day nobody can read is answered with a page that says so, never with other figures."""

    @wraps(view)
    def reading(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            known = known_day(request)
        except BadDay as problem:
            context = {"problem": str(problem), "back": without_known(request)}
            return render(request, "errors/bad_day.html", context, status=400)
        return view(request, *args, known=known, **kwargs)

    return reading


def keep_days(request: HttpRequest, url: str) -> str:
    """The address with the shown day and the day of knowledge kept."""
    query = dict(day_query(request))
    if request.GET.get(PARAMETER):
        query[PARAMETER] = request.GET[PARAMETER]
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}" if query else url


def without_known(request: HttpRequest) -> str:
    """This page with everything that is recorded today."""
    query = request.GET.copy()
    query.pop(PARAMETER, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def known_context(request: HttpRequest, known: date | None) -> dict[str, Any]:
    """What the templates need to say by what knowledge the page speaks, and how to leave it."""
    return {"known": known, "without_known": without_known(request)}
