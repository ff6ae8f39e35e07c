"""委托办理: whom the reader lets decide in their stead, and who has let the reader."""

from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.forms import DayField, LookupField
from bianzhi.common.web.once import TokenForm
from bianzhi.common.web.redirects import redirect_with_notice, render_partial
from bianzhi.common.web.saving import Done, saved
from bianzhi.workflow.models import Delegation, FlowDefinition
from bianzhi.workflow.selectors.definitions import published
from bianzhi.workflow.services.delegations import delegate, end_delegation
from bianzhi.workflow.web.inbox import HANDLE
from bianzhi.workflow.web.people import LOOKUP

SHOWN = 50


class DelegationForm(TokenForm):
    """To whom, which matters, from when until when, why."""

    wide = ("flows", "reason")
    delegate = LookupField(LOOKUP, label="受托人", help_text="委托期间可以代您办理待办，意见上写明“代您办理”")
    valid_from = DayField(label="委托起")
    valid_until = DayField(label="委托止", help_text="含当日，到期自动终止")
    flows = forms.MultipleChoiceField(
        label="委托的事项", required=False, help_text="一项都不选即全部事项", widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label="事由", max_length=200, help_text="如出差、休假、学习")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["flows"].choices = list(published().order_by("key").values_list("key", "title"))  # type: ignore[attr-defined]


@page(HANDLE)
@require_http_methods(["GET", "POST"])
def delegations(request: PageRequest) -> HttpResponse:
    """The reader's delegations given and held, and the form for another."""
    form = DelegationForm(request.POST or None, user=request.user, initial={"valid_from": request.today})
    here = reverse("workflow:delegations")
    answer = saved(request, form, partial(_delegated, request, form, here), twice="这项委托已经登记，没有重复登记。")
    if answer is not None:
        return answer
    context = {"form": form, "given": _rows(request, "delegator"), "held": _rows(request, "delegate")}
    return render_partial(request, "workflow/delegations.html", "form", context, invalid=request.method == "POST")


def _delegated(request: PageRequest, form: DelegationForm, here: str) -> Done:
    wanted = form.cleaned_data
    delegate(
        actor=request.user,
        delegator_id=request.user.pk,
        delegate_id=wanted["delegate"].pk,
        flows=wanted["flows"],
        valid_from=wanted["valid_from"],
        valid_until=wanted["valid_until"],
        reason=wanted["reason"],
        today=request.today,
    )
    return Done(here, f"已委托{wanted['delegate'].display_name}。")


@page(HANDLE)
@require_POST
def end(request: PageRequest, pk: int) -> HttpResponse:
    """End a delegation early, by whoever gave or holds it."""
    own = Delegation.objects.filter(Q(delegator=request.user) | Q(delegate=request.user))
    row = get_object_or_404(own, pk=pk)
    end_delegation(actor=request.user, delegation_id=row.pk, today=request.today)
    return redirect_with_notice(request, reverse("workflow:delegations"), "委托已终止。")


def _rows(request: PageRequest, side: str) -> list[Any]:
    rows = Delegation.objects.filter(**{side: request.user}).select_related("delegator", "delegate")
    titles = dict(FlowDefinition.objects.values_list("key", "title"))
    found: list[Any] = list(rows[:SHOWN])
    for row in found:
        row.flow_names = "、".join(titles.get(key, key) for key in row.flows) or "全部事项"
        row.word = _word(row, request.today)
        row.may_end = row.ended_at is None and row.valid_until >= request.today
    return found


def _word(row: Delegation, today: date) -> str:
    if row.ended_at is not None:
        return "已终止"
    if row.valid_until < today:
        return "已到期"
    return "未开始" if row.valid_from > today else "有效"
