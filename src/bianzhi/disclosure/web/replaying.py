"""Asking a page of the site again, in somebody's name, to learn what it would export or to have it made."""

from io import BytesIO
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpResponseBase
from django.urls import resolve
from django.utils.encoding import iri_to_uri
from django_htmx.middleware import HtmxDetails

from bianzhi.accounts.models import User
from bianzhi.common.web import as_of
from bianzhi.common.web.middleware import is_sound
from bianzhi.common.web.releasing import Gate

LONGEST = 4_000


class NotAnExport(Exception):
    """The address leads to no page that exports a table."""


def replay(path: str, *, user: User, gate: Gate) -> HttpResponseBase:
    """The answer of a page to its GET, with `gate` deciding what leaves it. Raises Http404, PermissionDenied as it.

    `path` is one that exports (`held_back.path_of`, or that of a request): the page runs without session and
    middleware. Raises NotAnExport for an address of another site, or without an export in its question.
    """
    parts = _parts(path)
    query = iri_to_uri(parts.query)
    if not is_sound(parts.path, query):
        raise NotAnExport
    request: Any = WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": parts.path.encode().decode("iso-8859-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.input": BytesIO(),
            "wsgi.url_scheme": "http",
        }
    )
    if not request.GET.get("export"):
        raise NotAnExport
    request.user, request.export_gate, request.request_id = user, gate, "export"
    request.htmx = HtmxDetails(request)
    match = resolve(parts.path)
    request.resolver_match = match
    try:
        as_of.set_day(request)
    except as_of.BadDay as error:
        raise Http404 from error
    answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return answer


def _parts(path: str) -> SplitResult:
    try:
        parts = urlsplit(path)
    except ValueError as error:
        raise NotAnExport from error
    if len(path) > LONGEST or parts.scheme or parts.netloc or not parts.path.startswith("/"):
        raise NotAnExport
    return parts
