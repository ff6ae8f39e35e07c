"""What every request gets: a number, one encoding, the day shown, and headers that keep pages out of shared caches."""

import codecs
import re
import uuid
from collections.abc import Callable
from typing import Final

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers

from bianzhi.common import tracing
from bianzhi.common.web import as_of

Handler = Callable[[HttpRequest], HttpResponseBase]
_REFERENCE: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
_IMPOSSIBLE_KEY: Final = re.compile(r"/\d{19,}/")
_LENGTH: Final = re.compile(r"-?[0-9]{1,15}")
_PERMISSIONS: Final = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"


def request_reference(get_response: Handler) -> Handler:
    """Give the request a number that the log, the error page and the answer share."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        offered = request.headers.get("X-Request-ID", "")
        reference = offered if _REFERENCE.fullmatch(offered) else uuid.uuid4().hex[:12]
        request.request_id = reference  # type: ignore[attr-defined]
        tracing.begin(reference)
        response = get_response(request)
        response.headers["X-Request-ID"] = reference
        return response

    return middleware


def sound_address(get_response: Handler) -> Handler:
    """Say of an address no row can have that there is nothing, before a database stumbles over it.

    A length that is no number is refused as well: whoever reads the form would stumble over it.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not is_sound(request.path, request.META.get("QUERY_STRING", "")):
            raise Http404("没有这条记录，请核对地址。")
        if not _LENGTH.fullmatch(request.META.get("CONTENT_LENGTH") or "0"):
            raise BadRequest("请求的长度写法不对。")
        return get_response(request)

    return middleware


def is_sound(path: str, query: str) -> bool:
    """Whether a row can have this address: keys are 64-bit numbers, and no text of PostgreSQL may hold a NUL."""
    return not _IMPOSSIBLE_KEY.search(path) and "%00" not in query


def one_encoding(get_response: Handler) -> Handler:
    """Refuse what is sent in another encoding than UTF-8: read as UTF-8 it would be garbled, and nobody would notice.

    The address is UTF-8 whatever the body is called, so that an answer can name it.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.encoding is not None and codecs.lookup(request.encoding).name != "utf-8":
            told = f"内容以 {request.encoding} 编码提交，本系统只接受 UTF-8 编码。请改用 UTF-8 重新提交。"
            request.encoding = "utf-8"
            raise BadRequest(told)
        return get_response(request)

    return middleware


def page_headers(get_response: Handler) -> Handler:
    """Keep pages with personal data out of every cache, and tell fragment and page apart where one is kept."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            patch_cache_control(response, no_store=True, private=True)
        return response

    return middleware


def day_shown(get_response: Handler) -> Handler:
    """Read `?date=`; a date nobody can read is answered with a page that says so, never with another day's figures."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        try:
            as_of.set_day(request)
        except as_of.BadDay as problem:
            context = {"problem": str(problem), "back": as_of.without_day(request)}
            return render(request, "errors/bad_day.html", context, status=400)
        return get_response(request)

    return middleware
