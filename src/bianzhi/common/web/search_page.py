"""The page behind the search box of the top bar."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, signed_in_page
from bianzhi.common.web.search import search


@signed_in_page
@require_safe
def search_page(request: PageRequest) -> HttpResponse:
    """What the user may see of units, persons, documents and whatever else apps have registered."""
    text = request.GET.get("q", "").strip()[:100]
    groups = search(request.user, text)
    context = {"text": text, "groups": groups, "total": sum(len(group.results) for group in groups)}
    return render(request, "common/search.html", context)
