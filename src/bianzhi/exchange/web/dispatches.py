"""结果回送: what departments were told after registration, the difference lists, and what they answered."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from urllib.parse import quote

from django import forms
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST, require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.common.web.lookups import key_in
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.exchange import files, signing
from bianzhi.exchange.models import Dispatch, DispatchState, Run, RunState
from bianzhi.exchange.rules.dispatching import ACCEPTED, KINDS, REASON_LENGTH, REJECTED
from bianzhi.exchange.services.differences import RUN, give_back_differences
from bianzhi.exchange.services.dispatches import DELIVER, answer_dispatch, manifest_of
from bianzhi.exchange.services.packages import MEDIA_TYPES, file_name, open_dispatch, package_of
from bianzhi.kernel.masking import mask_id_number
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.sources import DEPARTMENTS

PACKAGE: Final = "package"
MANIFEST: Final = "manifest"
SHOWN_RUNS: Final = 12


def dispatch_url(dispatch: Any) -> str:
    """The page of a dispatch."""
    return reverse("exchange:dispatch", args=[dispatch.pk])


def waiting_count(user: Any) -> int:
    """The badge: what the departments have sent back and somebody must look at."""
    if not user.can("exchange.decide"):
        return 0
    return Dispatch.objects.visible_to(user).filter(state=DispatchState.REJECTED).count()


class DispatchList(ListPage):
    """What was given back to the sources the user may see."""

    key = "exchange.dispatches"
    title = "结果回送"
    noun = "份"
    template = "exchange/dispatches.html"
    columns = (
        Column("key", "标识", order="pk", link=dispatch_url, width=30),
        Column("kind", "种类", lambda row: KINDS.get(row.kind, row.kind), order="kind"),
        Column("department", "部门", "source.get_department_display", order="source__department"),
        Column("source", "数据来源", "source.name", order="source__name", width=20),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("created_at", "回送时间", kind="moment", order="created_at"),
        Column("sent_at", "送达时间", kind="moment", order="sent_at"),
        Column("answered_at", "回执时间", kind="moment", order="answered_at"),
        Column("answer", "回执说明", width=30),
    )
    filters = (
        ChoiceFilter(key="kind", label="种类", choices=KINDS.items(), narrow="kind"),
        ChoiceFilter(key="state", label="状态", choices=DispatchState.choices, narrow="state"),
        ChoiceFilter(key="department", label="部门", choices=DEPARTMENTS, narrow="source__department", more=True),
        DateRangeFilter(key="created", label="回送日期", field="created_at", is_moment=True, more=True),
    )
    search_fields = ("key", "source__name", "answer")
    search_hint = "标识、来源、回执说明"
    ordering = ("-pk",)
    export_permission = "reports.export"
    empty_title = "还没有回送"
    empty_text = "入编、调动、出编登记后，以及生成差异清单后，回送给各部门的内容列在这里。"


class AnswerForm(BaseForm):
    """What the department says of a dispatch, entered by its liaison."""

    outcome = forms.ChoiceField(
        label="回执", choices=[(ACCEPTED, "接受"), (REJECTED, "退回")], widget=forms.RadioSelect, initial=ACCEPTED
    )
    reason = forms.CharField(
        label="说明", required=False, max_length=REASON_LENGTH, widget=forms.Textarea, help_text="退回时必填"
    )


@page("exchange.view")
@require_safe
def dispatches(request: PageRequest) -> HttpResponseBase:
    """The list, and for those who run comparisons the way to difference lists."""
    rows = Dispatch.objects.visible_to(request.user).select_related("source")
    runs = Run.objects.filter(state=RunState.DONE).order_by("-pk")[:SHOWN_RUNS] if request.user.can(RUN) else ()
    return DispatchList(request, rows).respond({"runs": runs})


@page(RUN)
@require_POST
def differences_new(request: PageRequest) -> HttpResponse:
    """Give the differences of a run back to the departments."""
    back, run_id = reverse("exchange:dispatches"), key_in(request.POST.get("run", "")) or 0
    try:
        given = give_back_differences(actor=request.user, run_id=run_id)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    if not given:
        return redirect_with_notice(request, back, "这次核对没有需要回送的差异，没有生成清单。", level="info")
    names = "、".join(dispatch.source.name for dispatch in given)
    return redirect_with_notice(request, f"{back}?kind=DIFFERENCES", f"已生成 {len(given)} 份差异清单：{names}。")


@page("exchange.view")
@require_safe
def dispatch(request: PageRequest, pk: int) -> HttpResponse:
    """One dispatch: what it says, its signature, its files, the tries to push it, the answer."""
    return _show(request, _visible(request, pk), AnswerForm())


def _visible(request: PageRequest, pk: int) -> Dispatch:
    return get_visible_or_404(Dispatch.objects.select_related("source", "run"), request.user, pk)


def _show(request: PageRequest, found: Dispatch, form: AnswerForm, *, status: int = 200) -> HttpResponse:
    may_deliver = request.user.can(DELIVER)
    context = {
        "dispatch": found,
        "kind": KINDS.get(found.kind, found.kind),
        "facts": list(_facts(found)),
        "lines": list(_lines(found.payload)),
        "names": [*sorted(found.files), PACKAGE, MANIFEST] if found.files else [MANIFEST],
        "may_open": may_deliver or request.user.can("personnel.reveal"),
        "may_answer": may_deliver and found.state != DispatchState.ACKNOWLEDGED,
        "attempts": found.attempts.select_related("webhook").order_by("-pk"),
        "form": form,
        "key_id": signing.key_id(),
    }
    return render(request, "exchange/dispatch.html", context, status=status)


def _facts(found: Dispatch) -> Iterator[tuple[Any, ...]]:
    yield "数据来源", found.source.name
    yield "部门", found.source.get_department_display()
    yield "回送时间", _moment(found.created_at)
    yield "送达时间", _moment(found.sent_at)
    yield "回执时间", _moment(found.answered_at)
    yield "回执说明", found.answer
    if found.run is not None:
        yield "所据核对", str(found.run), reverse("exchange:run", args=[found.run.pk])


def _moment(moment: datetime | None) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


_LABELS: Final = {
    "number": "业务编号", "person": "人员", "name": "姓名", "id_number": "身份证号", "mode": "形式", "label": "名称",
    "code": "代码", "event_on": "发生日期", "effective_on": "生效日期", "document": "依据文号", "from": "转出",
    "to": "转入", "unit": "单位", "unit_code": "单位代码", "own_name": "贵方写法", "quota_type": "编制类型",
    "quota_label": "编制类型名称", "reverses": "冲正对象", "changes": "变更", "field": "字段", "old": "原值",
    "new": "新值", "period": "月份", "run": "核对", "findings": "差异项数", "rows": "行数", "columns": "列",
}  # fmt: skip
_UNSHOWN: Final = ("files",)


def _lines(told: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """The payload as pairs of words; ID numbers are masked: the whole of it is in the signed text."""
    hidden = told.get("field") == "id_number"
    for name, value in told.items():
        if name in _UNSHOWN or value is None:
            continue
        label = f"{above}{_LABELS.get(name, name)}"
        if isinstance(value, dict):
            yield from _lines(value, f"{label} ")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, each in enumerate(value, 1):
                yield from _lines(each, f"{label} {number} ")
        elif name == "id_number" or (hidden and name in ("old", "new")):
            yield label, mask_id_number(str(value))
        else:
            yield label, "、".join(map(str, value)) if isinstance(value, list) else str(value)


@page("exchange.view")
@require_POST
def dispatch_file(request: PageRequest, pk: int, name: str) -> HttpResponseBase:
    """A file of a dispatch; it holds complete ID numbers, so that opening it is recorded."""
    found = _visible(request, pk)
    if name not in {*found.files, MANIFEST, *([PACKAGE] if found.files else [])}:
        raise Http404("这份回送没有这个文件。")
    try:
        open_dispatch(actor=request.user, dispatch_id=found.pk, name=name)
        return _file(found, name)
    except Refused as refusal:
        return redirect_with_notice(request, dispatch_url(found), str(refusal), level="error")
    except OSError:
        notice = "文件已不在服务器上或已损坏，请联系系统管理员。"
        return redirect_with_notice(request, dispatch_url(found), notice, level="error")


def _file(found: Dispatch, name: str) -> FileResponse:
    title = f"{found.source.name}_{found.key.replace(':', '_')}"
    if name == PACKAGE:
        return _sent(BytesIO(package_of(found)), "application/zip", f"{title}.zip")
    if name == MANIFEST:
        return _sent(BytesIO(manifest_of(found)), "application/json", f"{title}_manifest.json")
    return _sent(files.open_file(found.files[name]), MEDIA_TYPES[name], f"{title}_{file_name(name)}")


def _sent(stream: Any, kind: str, name: str) -> FileResponse:
    response = FileResponse(stream, content_type=kind)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@page(DELIVER)
@require_POST
def dispatch_answer(request: PageRequest, pk: int) -> HttpResponse:
    """The liaison answers for the department."""
    found, form = _visible(request, pk), AnswerForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            answered = answer_dispatch(
                actor=request.user, dispatch_id=found.pk, outcome=told["outcome"], reason=told["reason"]
            )
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, dispatch_url(found), f"回执已登记：{answered.get_state_display()}。")
    return _show(request, found, form, status=422)
