"""Every answer below /api/ in the shape of the interface, whichever part of the platform gave it."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from bianzhi.exchange.api import problems

FOOT: Final = "/api/"
DOCS: Final = "/docs/"
KEPT: Final = ("Allow", "Retry-After", "WWW-Authenticate", "X-Request-ID")


def interface_answers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Turn error pages into problems; nothing of the interface is kept by a cache."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not request.path.startswith(FOOT) or request.path.endswith(DOCS):
            return response
        if response.status_code >= 400 and isinstance(response, HttpResponse) and not problems.is_problem(response):
            headers = {name: response.headers[name] for name in KEPT if name in response.headers}
            response = problems.plain(request, response.status_code, headers=headers)
        response.headers["Cache-Control"] = "no-store"
        return response

    return middleware
