"""鉴定与销毁: what is due, drawing up, deciding as the second person, carrying out, the printed register."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.archives.models import Appraisal, AppraisalState, Item, Retention
from bianzhi.archives.selectors.items import with_unit_names
from bianzhi.archives.selectors.keeping import due_items
from bianzhi.archives.services.appraisals import (
    Proposal,
    carry_out_appraisal,
    decide_appraisal,
    draft_appraisal,
    submit_appraisal,
)
from bianzhi.archives.web.acting import FormPage, done_or_told
from bianzhi.archives.web.keeping_forms import AppraisalForm, DecisionForm
from bianzhi.archives.web.links import item_url
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import BulkAction, ChoiceFilter, Column, ListPage
from bianzhi.common.web.lists.filters import Filter
from bianzhi.common.web.lookups import key_in
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused

READ = "archives.read"
MANAGE = "archives.manage"


def appraisal_url(appraisal: Appraisal) -> str:
    """The page of an appraisal."""
    return reverse("archives:appraisal", args=[appraisal.pk])


class DueList(ListPage):
    """Items whose term is over."""

    key = "archives.due"
    title = "到期档案"
    noun = "件"
    columns: ClassVar[Sequence[Column]] = (
        Column("code", "档号", order="code", link=item_url, width=32),
        Column("title", "题名", order="title", width=50),
        Column("unit", "所属单位", "unit_name", width=24),
        Column("year", "年度", order="year"),
        Column("retention", "保管期限", "get_retention_display", order="retention"),
        Column("page_count", "页数", kind="number", order="page_count"),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="retention", label="保管期限", choices=Retention.choices, narrow="retention"),
    )
    search_fields = ("code", "title")
    search_hint = "档号、题名"
    ordering = ("code",)
    bulk_actions = (BulkAction("拟制鉴定", "archives:appraisal_new", MANAGE, "clipboard-check"),)
    export_permission = "reports.export"
    template = "archives/due.html"
    empty_title = "没有到期的档案"
    empty_text = "保管期限自归档年度次年 1 月 1 日起算，届满的列在这里。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        return with_unit_names(rows)


class AppraisalList(ListPage):
    """Appraisals."""

    key = "archives.appraisals"
    title = "鉴定销毁"
    noun = "项"
    columns: ClassVar[Sequence[Column]] = (
        Column("title", "鉴定名称", order="title", link=appraisal_url, width=40),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("proposed_by", "提出人", "proposed_by.display_name"),
        Column("proposed_at", "提出时间", kind="moment", order="proposed_at"),
        Column("decided_by", "审批人", "decided_by.display_name"),
        Column("decided_at", "审批时间", kind="moment", order="decided_at"),
        Column("carried_out_at", "执行时间", kind="moment", order="carried_out_at"),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="state", label="状态", choices=AppraisalState.choices, narrow="state"),
    )
    search_fields = ("title",)
    search_hint = "鉴定名称"
    ordering = ("-pk",)
    template = "archives/appraisals.html"
    empty_title = "没有鉴定"
    empty_text = "从“到期档案”中勾选，拟制鉴定。"


@page(READ)
@require_safe
def due(request: PageRequest) -> HttpResponseBase:
    """What is due."""
    return DueList(request, due_items(request.user, request.today)).respond()


@page(READ)
@require_safe
def appraisals(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return AppraisalList(request, Appraisal.objects.select_related("proposed_by", "decided_by")).respond()


@page(MANAGE)
@require_POST
def appraisal_new(request: PageRequest) -> HttpResponse:
    """The form for the chosen items, and drawing it up when it is filled in."""
    keys = [key for text in request.POST.getlist("selected") if (key := key_in(text)) is not None]
    items = list(due_items(request.user, request.today).filter(pk__in=keys))
    if not items:
        return redirect_with_notice(request, reverse("archives:due"), "没有勾选任何一件。", level="warning")
    is_filled = "title" in request.POST
    form = AppraisalForm(request.POST if is_filled else None)
    if is_filled and form.is_valid():
        said = form.cleaned_data
        proposals = [
            Proposal(item_id=item.pk, outcome=said["outcome"], new_retention=said["new_retention"], note=said["note"])
            for item in items
        ]
        return _drafted(request, form, items, proposals)
    return _new(request, form, items, is_filled=is_filled)


def _drafted(
    request: PageRequest, form: AppraisalForm, items: list[Item], proposals: Sequence[Proposal]
) -> HttpResponse:
    said = form.cleaned_data
    try:
        made = draft_appraisal(
            actor=request.user, today=request.today, title=said["title"], reason=said["reason"], proposals=proposals
        )
    except Refused as refusal:
        form.add_objections(refusal)
        return _new(request, form, items, is_filled=True)
    return redirect_with_notice(request, appraisal_url(made), "已拟制，请核对后提交审批。")


def _new(request: PageRequest, form: AppraisalForm, items: list[Item], *, is_filled: bool) -> HttpResponse:
    context = {"form": form, "items": items, "back": reverse("archives:due")}
    return render(request, "archives/appraisal_new.html", context, status=422 if is_filled else 200)


@page(READ)
@require_safe
def appraisal(request: PageRequest, pk: int) -> HttpResponse:
    """One appraisal: what is proposed, who says what, what can be done with it now."""
    found = _appraisal(pk)
    user, state = request.user, found.state
    context = {
        "appraisal": found,
        "lines": [(line, item_url(line.item)) for line in found.lines.select_related("item")],
        "may_submit": state == AppraisalState.DRAFT and user.can(MANAGE),
        "may_decide": state == AppraisalState.SUBMITTED and user.can("archives.appraise"),
        "may_carry_out": state == AppraisalState.APPROVED and user.can(MANAGE),
    }
    return render(request, "archives/appraisal.html", context)


@page(MANAGE)
@require_POST
def appraisal_submit(request: PageRequest, pk: int) -> HttpResponse:
    """Send it to the second person."""
    found = _appraisal(pk)
    return done_or_told(
        request,
        lambda: submit_appraisal(actor=request.user, appraisal_id=found.pk),
        appraisal_url(found),
        "已提交，等待第二人审批。",
    )


@page("archives.appraise")
@require_http_methods(["GET", "POST"])
def appraisal_decide(request: PageRequest, pk: int) -> HttpResponse:
    """The second person's word."""
    found = _appraisal(pk)
    form = DecisionForm(request.POST or None)

    def act() -> tuple[str, str]:
        approves = form.cleaned_data["verdict"] == "yes"
        decide_appraisal(actor=request.user, appraisal_id=found.pk, approves=approves, text=form.cleaned_data["text"])
        return appraisal_url(found), "已批准，可以执行。" if approves else "已退回，不予批准。"

    title, back = f"审批“{found.title}”", appraisal_url(found)
    return FormPage(request=request, form=form, act=act, title=title, submit="提交审批", back=back).respond()


@page(MANAGE)
@require_POST
def appraisal_carry_out(request: PageRequest, pk: int) -> HttpResponse:
    """Do what was approved."""
    found = _appraisal(pk)
    return done_or_told(
        request,
        lambda: carry_out_appraisal(actor=request.user, today=request.today, appraisal_id=found.pk),
        appraisal_url(found),
        "已执行。目录、档号和利用记录永久保留。",
    )


@page(READ)
@require_safe
def appraisal_print(request: PageRequest, pk: int) -> HttpResponse:
    """销毁清册 or 续存清单 for paper."""
    found = _appraisal(pk)
    context = {"appraisal": found, "lines": found.lines.select_related("item")}
    return render(request, "archives/appraisal_print.html", context)


def _appraisal(pk: int) -> Appraisal:
    return get_object_or_404(Appraisal.objects.select_related("proposed_by", "decided_by"), pk=pk)
