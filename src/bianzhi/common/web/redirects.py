"""Answers that many views give: go on with a notice, or show the page or its fragment."""

from typing import Any, Literal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from bianzhi.common.web.access import PageRequest

Level = Literal["success", "info", "warning", "error"]
_LEVELS: dict[str, int] = {
    "success": messages.SUCCESS,
    "info": messages.INFO,
    "warning": messages.WARNING,
    "error": messages.ERROR,
}


def redirect_with_notice(request: PageRequest, to: Any, notice: str, *, level: Level = "success") -> HttpResponse:
    """Go to a page (an address, a URL name or an object with `get_absolute_url`) and say there what was done."""
    messages.add_message(request, _LEVELS[level], notice)
    url = resolve_url(to)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def address_within(request: HttpRequest, wanted: str) -> str:
    """The address a form or a link asks to go on to, if it is one of this site, from the root; "" for any other text.

    A word without a slash would be taken for the name of a route, and a route of that name there is none.
    """
    hosts = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=hosts, require_https=request.is_secure())
    return wanted if safe and wanted.startswith(("/", "http://", "https://")) else ""


def render_partial(
    request: PageRequest, template: str, partial: str, context: dict[str, Any], *, invalid: bool = False
) -> HttpResponse:
    """The page, or only its named partial when htmx asks; `invalid` answers 422 so that the form is swapped in."""
    name = f"{template}#{partial}" if request.htmx and not request.htmx.history_restore_request else template
    return render(request, name, context, status=422 if invalid else 200)
