"""Saved views of lists: a user's own names for filters, columns and order."""

from urllib.parse import urlsplit

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST

from bianzhi.common.models import SavedView
from bianzhi.common.web.access import PageRequest, signed_in_page
from bianzhi.common.web.lists import ListPage
from bianzhi.common.web.redirects import address_within, redirect_with_notice
from bianzhi.kernel.characters import sound
from bianzhi.kernel.masking import mask_numbers

NAME_LENGTH = 40
QUERY_LENGTH = 4000


@signed_in_page
@require_POST
def save_view(request: PageRequest) -> HttpResponse:
    """Keep the list's present query under a name; the same name is overwritten."""
    back = _back(request)
    name = mask_numbers(" ".join(sound(request.POST.get("name", "")).split()))
    list_key, query = request.POST.get("list_key", ""), sound(request.POST.get("query", ""))
    if not name or len(name) > NAME_LENGTH:
        return redirect_with_notice(request, back, f"视图名称应为 1 至 {NAME_LENGTH} 个字，未保存。", level="error")
    if list_key not in _keys_below(ListPage):
        return redirect_with_notice(request, back, "没有这个列表，未保存。请刷新页面后再试。", level="error")
    if len(query) > QUERY_LENGTH:
        return redirect_with_notice(request, back, "筛选条件过长，未保存。请减少条件后再试。", level="error")
    SavedView.objects.update_or_create(
        user=request.user, list_key=list_key, name=name, defaults={"query": query.lstrip("?")}
    )
    return redirect_with_notice(request, back, f"已保存视图“{name}”。")


@signed_in_page
@require_POST
def delete_view(request: PageRequest, pk: int) -> HttpResponse:
    """Forget one of the user's own views."""
    view = SavedView.objects.filter(pk=pk, user=request.user).first()
    if view is None:
        raise Http404("没有这个视图，可能已经删除。")
    name = view.name
    view.delete()
    return redirect_with_notice(request, _back(request), f"已删除视图“{name}”。")


def _keys_below(kind: type[ListPage]) -> set[str]:
    """The keys of every list that is declared."""
    own = {kind.key} if "key" in vars(kind) else set()
    return own.union(*(_keys_below(each) for each in kind.__subclasses__()))


def _back(request: PageRequest) -> str:
    """The list the form was on; never an address outside this site."""
    parts = urlsplit(address_within(request, request.POST.get("next", "")))
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path
