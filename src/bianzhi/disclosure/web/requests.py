"""导出申请: what may leave only with approval, asked for, decided, and fetched."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page, signed_in_page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.lists import ChoiceFilter, Column, ListPage
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.common.web.releasing import TYPES, Wanted, attachment
from bianzhi.disclosure.models import ExportRequest, RequestState
from bianzhi.disclosure.rules import purposes
from bianzhi.disclosure.services import requests
from bianzhi.disclosure.storage import FILES
from bianzhi.disclosure.web.gates import MeasuringGate, why_held_back
from bianzhi.disclosure.web.held_back import path_of
from bianzhi.disclosure.web.replaying import NotAnExport, replay
from bianzhi.kernel.objections import Refused

APPROVE = requests.APPROVE


def request_url(request: ExportRequest) -> str:
    """The page of a request."""
    return reverse("disclosure:request", args=[request.pk])


def waiting_count(user: Any) -> int:
    """The badge of the menu: requests that wait for this user."""
    return ExportRequest.objects.waiting_for(user).count()


class RequestList(ListPage):
    """Requests: the own, and all of them for who approves."""

    key = "disclosure.requests"
    title = "导出申请"
    noun = "项"
    of_persons = False
    columns = (
        Column("number", "申请编号", link=request_url),
        Column("title", "名称", order="title"),
        Column("rows", "申请条数", kind="number", order="rows"),
        Column("clear", "明文显示", "clear_words"),
        Column("purpose", "用途", width=30),
        Column("requested_by", "申请人", "requested_by.display_name", order="requested_by__display_name"),
        Column("requested_at", "申请时间", kind="moment", order="requested_at"),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("decided_by", "审批人", "decided_by.display_name"),
        Column("fetched", "已下载", lambda row: f"{row.fetched}/{row.uses}"),
        Column("expires_at", "有效期至", kind="moment", order="expires_at"),
    )
    filters = (ChoiceFilter(key="state", label="状态", choices=RequestState.choices, narrow="state"),)
    search_fields: ClassVar = ("number", "title", "requested_by__display_name")
    search_hint = "编号、名称、申请人"
    ordering = ("-pk",)
    empty_title = "没有导出申请"
    empty_text = "导出的人数超过上限或包含完整身份证号时，系统会引导您在此申请。"


class AskForm(BaseForm):
    """What for, and how often."""

    purpose = forms.ChoiceField(label="用途", choices=[("", "请选择"), *purposes.choices()])
    note = forms.CharField(label="具体事项", max_length=80, help_text="办件编号、来文文号、会议名称等，供审批人核对")
    uses = forms.IntegerField(label="需要下载几次", min_value=1, max_value=requests.MOST_USES, initial=1)


@signed_in_page
@require_safe
def request_list(request: PageRequest) -> HttpResponseBase:
    """The list."""
    rows = ExportRequest.objects.visible_to(request.user).select_related("requested_by", "decided_by")
    return RequestList(request, rows).respond()


@signed_in_page
@require_http_methods(["GET", "POST"])
def ask(request: PageRequest) -> HttpResponseBase:
    """Ask for an export the gate held back (`path`): what it holds is looked up again, within the asker's rights."""
    held = request.POST.get("path", "") or request.GET.get("path", "")
    path, wanted = _measured(request, held)
    why = why_held_back(request.user, wanted)
    if not why:
        return redirect(path)
    form = AskForm(request.POST or None, initial={"uses": 1})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        purpose = requests.Purpose(said["purpose"], said["note"], said["uses"])
        try:
            made = requests.ask(actor=request.user, path=path, wanted=wanted, why=why, purpose=purpose)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, request_url(made), "已提交，批准后在此下载。")
    context = {"form": form, "held": held, "pairs": _wanted_pairs(wanted), "why": why}
    return render(request, "disclosure/ask.html", context, status=422 if request.method == "POST" else 200)


@signed_in_page
@require_safe
def request_page(request: PageRequest, pk: int) -> HttpResponse:
    """One request, with what the reader may do about it."""
    found = get_visible_or_404(ExportRequest, request.user, pk)
    is_own = found.requested_by_id == request.user.pk
    waits = found.state == RequestState.PENDING
    context = {
        "found": found,
        "pairs": [*_pairs(found), *_job_pair(found, own=is_own)],
        "may_decide": waits and not is_own and request.user.can(APPROVE),
        "may_withdraw": waits and is_own,
        "may_fetch": is_own and found.state == RequestState.READY,
        "left": found.uses - found.fetched,
    }
    return render(request, "disclosure/request.html", context)


@page(APPROVE)
@require_POST
def approve(request: PageRequest, pk: int) -> HttpResponse:
    """Approve another's request."""
    return _done(
        request,
        pk,
        lambda: requests.approve(actor=request.user, request_id=pk, note=typed(request, "note")),
        "已批准，正在生成文件。",
    )


@page(APPROVE)
@require_POST
def reject(request: PageRequest, pk: int) -> HttpResponse:
    """Refuse another's request."""
    return _done(
        request,
        pk,
        lambda: requests.reject(actor=request.user, request_id=pk, reason=typed(request, "reason")),
        "已退回申请人。",
    )


@signed_in_page
@require_POST
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take the own request back."""
    return _done(request, pk, lambda: requests.withdraw(actor=request.user, request_id=pk), "已撤回。")


@signed_in_page
@require_POST
def fetch(request: PageRequest, pk: int) -> HttpResponseBase:
    """The file of the own request, after the download was counted."""
    found = get_visible_or_404(ExportRequest, request.user, pk)
    try:
        counted = requests.fetch(actor=request.user, request_id=pk)
        stream = FILES.open(counted.digest)
    except Refused as refusal:
        return redirect_with_notice(request, request_url(found), str(refusal), level="error")
    except OSError as error:
        raise Http404("文件已不在服务器上，请重新申请。") from error
    return attachment(stream, counted.file_name, TYPES[counted.format])


def _measured(request: PageRequest, held: str) -> tuple[str, Wanted]:
    gate = MeasuringGate()
    try:
        path = path_of(held)
        replay(path, user=request.user, gate=gate)
    except NotAnExport as error:
        raise Http404("没有可以导出的内容。") from error
    if gate.wanted is None:
        raise Http404("没有可以导出的内容。")
    return path, gate.wanted


def _wanted_pairs(wanted: Wanted) -> list[tuple[str, Any]]:
    clear = "、".join(sorted(each.label for each in wanted.classes))
    return [
        ("名称", wanted.title),
        ("格式", wanted.format.upper()),
        ("条数", f"{wanted.rows:,}"),
        ("明文显示", clear or "无"),
        ("条件", "；".join(wanted.conditions) or "无"),
        ("列", "、".join(wanted.columns)),
    ]


def _pairs(found: ExportRequest) -> list[tuple[str, Any]]:
    return [
        ("申请编号", found.number),
        ("名称", found.title),
        ("格式", found.format.upper()),
        ("申请条数", f"{found.rows:,}（批准后最多 {found.most:,}）"),
        ("明文显示", found.clear_words()),
        ("条件", "；".join(found.conditions) or "无"),
        ("列", "、".join(found.columns)),
        ("须审批的原因", found.why),
        ("用途", found.purpose),
        ("申请人", f"{found.requested_by}"),
        ("申请时间", _moment(found.requested_at)),
        ("状态", found.get_state_display()),
        ("审批人", found.decided_by.display_name if found.decided_by else ""),
        ("审批意见", found.note),
        ("实际条数", f"{found.written:,}" if found.digest else ""),
        ("已下载", f"{found.fetched}/{found.uses} 次"),
        ("有效期至", _moment(found.expires_at)),
        ("未生成的原因", found.problem),
    ]


def _job_pair(found: ExportRequest, *, own: bool) -> list[tuple[str, str, str]]:
    """How far the making of the file is; its page belongs to who asked."""
    if found.state != RequestState.APPROVED or found.job is None:
        return []
    return [("生成任务", found.job.get_state_display(), reverse("common:job", args=[found.job.pk]) if own else "")]


def _moment(value: Any) -> str:
    return localtime(value).strftime("%Y-%m-%d %H:%M") if value else ""


def _done(request: PageRequest, pk: int, act: Callable[[], object], notice: str) -> HttpResponse:
    back = request_url(get_visible_or_404(ExportRequest, request.user, pk))
    try:
        act()
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, notice)
