"""The page behind the search box of the top bar, and what the box offers while something is typed."""

import logging
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page, signed_in_page
from bianzhi.common.web.search import search
from bianzhi.fulltext.backend import EngineDown, IndexMissing
from bianzhi.search import sources
from bianzhi.search.jobs.changes import ask_for_index
from bianzhi.search.models import SavedSearch
from bianzhi.search.selectors.searching import find, suggest
from bianzhi.search.web import showing
from bianzhi.search.web.asking import Asked

log = logging.getLogger(__name__)

VIEW = "search.view"


@signed_in_page
@require_safe
def results(request: PageRequest) -> HttpResponse:
    """What is found in everything the platform keeps, within what the user may see.

    Below it what the apps find by name and number; for users without the full-text search only that.
    """
    asked = Asked.read(request.GET)
    is_plain = not asked.is_narrowed and asked.page == 1
    groups = search(request.user, asked.text[:100]) if asked.text and is_plain else []
    context: dict[str, Any] = {"asked": asked, "text": asked.text, "groups": groups, "global_search": asked.text}
    if request.user.can(VIEW):
        context |= _full_text(request, asked)
    return render(request, "search/results.html", context)


@page(VIEW)
@require_safe
def suggestions(request: PageRequest) -> HttpResponse:
    """Titles that go on as what is typed begins, as JSON for the box of the top bar."""
    try:
        offered = suggest(request.user, request.GET.get("q", "")[:60])
    except (IndexMissing, EngineDown):
        offered = []
    found = [
        {"title": one.title, "note": one.subtitle, "kind": sources.source(one.kind).label, "url": one.url}
        for one in offered
    ]
    return JsonResponse({"suggestions": found})


def _full_text(request: PageRequest, asked: Asked) -> dict[str, Any]:
    context: dict[str, Any] = {
        "searches": True,
        "saved": SavedSearch.objects.visible_to(request.user),
        "fuzzy_url": f"?{asked.query(fuzzy='' if asked.is_fuzzy else '1')}",
        "plain_url": f"?{asked.query(**dict.fromkeys(asked.filters, ''))}",
        "orders": [
            (label, f"?{asked.query(order=order)}", asked.order == (order or "score"))
            for order, label in (("", "相关度"), ("newest", "由新到旧"), ("oldest", "由旧到新"))
        ],
    }
    if not asked.text and not asked.is_narrowed:
        return context
    try:
        found = find(request.user, asked.wish)
    except IndexMissing:
        ask_for_index()
        return {**context, "is_missing": True}
    except EngineDown as error:
        log.warning("the search engine does not answer: %s", error)
        return {**context, "is_down": True}
    return context | {
        "found": found,
        "rows": showing.rows(found, asked),
        "narrowings": showing.narrowings(found, asked),
        "pages": showing.page_links(found, asked),
        "query": asked.query(),
    }
