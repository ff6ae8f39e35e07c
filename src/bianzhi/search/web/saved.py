"""Keeping a search under a name, and letting it go."""

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.characters import sound
from bianzhi.kernel.objections import Refused
from bianzhi.search.models import SavedSearch
from bianzhi.search.services.saved import forget_search, save_search
from bianzhi.search.web.pages import VIEW


@page(VIEW)
@require_POST
def save(request: PageRequest) -> HttpResponse:
    """Keep what the page asks for."""
    query, name = sound(request.POST.get("query", "")), sound(request.POST.get("name", ""))
    back = f"{reverse('search:results')}?{query}"
    try:
        saved = save_search(actor=request.user, name=name, query=query)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, f"已保存检索“{saved.name}”。")


@page(VIEW)
@require_POST
def forget(request: PageRequest, pk: int) -> HttpResponse:
    """Let one of the user's own go."""
    try:
        name = forget_search(actor=request.user, saved_id=pk)
    except SavedSearch.DoesNotExist as missing:
        raise Http404("没有这条检索，可能已经删除。") from missing
    return redirect_with_notice(request, "search:results", f"已删除检索“{name}”。")
