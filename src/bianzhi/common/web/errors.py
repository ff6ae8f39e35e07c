"""The pages for what went wrong: they say what happened, whom to ask and how to go on."""

import logging
import sys
from typing import Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from bianzhi.common.web.access import MissingPermission, OutOfSight, PermissionNote, describe
from bianzhi.common.web.context import PRODUCT

log = logging.getLogger(__name__)


UNREADABLE: Final = "内容可能太大、项目太多或没有传完。请返回上一页，核对后重新提交。"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: why what was sent can't be read; rendered without the page frame, which would read it again."""
    told = str(exception) if isinstance(exception, BadRequest) else ""
    return _bare(request, "errors/400.html", status=400, reason=told or UNREADABLE)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: which permission is missing and who grants it."""
    note: PermissionNote | None = None
    if isinstance(exception, MissingPermission):
        note = describe(exception.permission)
    context = {"reason": str(exception), "note": note}
    return render(request, "errors/403.html", context, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: offers the search. That something is there, out of sight, is noted on the request and not told."""
    request.is_out_of_sight = isinstance(exception, OutOfSight)  # type: ignore[attr-defined]
    detail = str(exception.args[0]) if exception.args and isinstance(exception.args[0], str) else ""
    return render(request, "errors/404.html", {"detail": detail}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a reference number for the administrator; rendered without the database and without the page frame."""
    reference = getattr(request, "request_id", "")
    log.error("page failed, reference %s: %s %s", reference, request.method, request.path, exc_info=sys.exc_info())
    return _bare(request, "errors/500.html", status=500)


def _bare(request: HttpRequest, template: str, *, status: int, **facts: str) -> HttpResponse:
    context = {
        "reference": getattr(request, "request_id", ""),
        "product": PRODUCT,
        "is_fragment": request.headers.get("HX-Request") == "true",
        **facts,
    }
    return HttpResponse(loader.render_to_string(template, context), status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of an outdated form (`CSRF_FAILURE_VIEW`): what to do is to load the page again."""
    return render(request, "errors/csrf.html", status=403)
