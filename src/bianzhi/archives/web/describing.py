"""著录: the page where a person confirms what was read, beside the page it was read from, and files the item."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bianzhi.archives.models import Item, ItemState
from bianzhi.archives.selectors.items import waiting_items
from bianzhi.archives.services import filing
from bianzhi.archives.web.forms import CorrectionForm, DescriptionForm, initial_of
from bianzhi.archives.web.links import describe_url, item_url
from bianzhi.archives.web.suggestions import Suggestion, best, figures_on, suggestions_for, taken_by
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused

MANAGE = "archives.manage"


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def describe(request: PageRequest, pk: int) -> HttpResponse:
    """Confirm the description of a draft; with 归档 it is filed at once and the next one follows.

    否定 of a reading is sent with the form, so that what was typed is there again afterwards.
    """
    item = get_visible_or_404(Item, request.user, pk)
    if item.state != ItemState.DRAFT:
        return HttpResponseRedirect(item_url(item))
    if "set_aside" in request.POST:
        _set_aside(request, item, request.POST["set_aside"])
        typed = DescriptionForm(initial=request.POST.dict(), item=item, user=request.user)
        return _shown(request, item, typed, suggestions_for(item))
    suggestions = suggestions_for(item)
    form = DescriptionForm(request.POST or None, initial=_initial(item, suggestions), item=item, user=request.user)
    if request.method == "POST" and form.is_valid():
        answer = _confirm(request, item, form, taken_by(suggestions, form.data))
        if answer is not None:
            return answer
    return _shown(request, item, form, suggestions, status=422 if request.method == "POST" else 200)


def _shown(
    request: PageRequest,
    item: Item,
    form: DescriptionForm,
    suggestions: Mapping[str, list[Suggestion]],
    *,
    status: int = 200,
) -> HttpResponse:
    following = waiting_items(request.user).exclude(pk=item.pk).first()
    context = {
        "item": item,
        "form": form,
        "fields": [(bound, suggestions.get(bound.name, [])) for bound in form.visible_fields()],
        "figures": figures_on(item),
        "pages": list(item.pages.order_by("number")),
        "following": describe_url(following) if following else "",
        "waiting": waiting_items(request.user).count(),
    }
    return render(request, "archives/describe.html", context, status=status)


def _set_aside(request: PageRequest, item: Item, told: str) -> None:
    """State that a reading is wrong, and say so on the page that is shown next."""
    known = item.candidates.filter(pk=int(told)) if told.isascii() and told.isdigit() and len(told) < 19 else None
    if known is None or not known.exists():
        messages.error(request, "没有这条识别结果。")
        return
    try:
        found = filing.set_candidate_aside(actor=request.user, candidate_id=int(told))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已否定“{found.value}”，不再建议。著录尚未保存。")


def _initial(item: Item, suggestions: dict[str, Any]) -> dict[str, Any]:
    """What is known, else the best that was read; the name of the file is no title once one was read."""
    known = {name: value for name, value in initial_of(item).items() if value not in (None, "")}
    proposed = best(suggestions)
    if "title" in proposed and not item.candidates.filter(is_taken=True).exists():
        known.pop("title", None)
    return {**proposed, **known}


def _confirm(request: PageRequest, item: Item, form: DescriptionForm, taken: list[int]) -> HttpResponse | None:
    """Keep what the form states; file it where that was asked. None when an act was refused: the form says why."""
    try:
        filing.confirm(actor=request.user, item_id=item.pk, facts=form.facts(), taken=taken)
        if "file" not in request.POST:
            return redirect_with_notice(request, describe_url(item), "著录已保存，尚未归档。")
        filed = filing.file(actor=request.user, item_id=item.pk)
    except Refused as refusal:
        form.add_objections(refusal)
        return None
    notice = f"已归档，档号 {filed.code}。"
    following = waiting_items(request.user).first()
    if following is None:
        return redirect_with_notice(request, item_url(filed), notice + "待著录的已全部处理。")
    return redirect_with_notice(request, describe_url(following), notice)


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def correct(request: PageRequest, pk: int) -> HttpResponse:
    """Put right the description of a filed item; what it was before stays on record."""
    item = get_visible_or_404(Item, request.user, pk)
    if item.state == ItemState.DRAFT:
        return HttpResponseRedirect(describe_url(item))
    form = CorrectionForm(request.POST or None, initial=initial_of(item), item=item, user=request.user)
    if request.method == "POST" and form.is_valid():
        changes = form.facts()
        reason = changes.pop("reason")
        try:
            filing.correct(actor=request.user, item_id=item.pk, changes=changes, reason=reason)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, item_url(item), "著录已更正，更正前后都记入审计。")
    context = {"item": item, "form": form, "back": reverse("archives:item", args=[item.pk])}
    return render(request, "archives/correct.html", context, status=422 if request.method == "POST" else 200)
