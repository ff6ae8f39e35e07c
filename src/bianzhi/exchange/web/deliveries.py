"""数据报送: what came, from whom, what was found in it, and the decision about what was held."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common import jobs
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.lists import ChoiceFilter, Column, ListPage, TextFilter
from bianzhi.common.web.lists.filters import Filter
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.exchange import files
from bianzhi.exchange.models import Delivery, DeliveryState, Source
from bianzhi.exchange.rules.periods import month_before
from bianzhi.exchange.selectors.deliveries import is_stuck
from bianzhi.exchange.selectors.freshness import freshness, months_back
from bianzhi.exchange.selectors.reach import reaches
from bianzhi.exchange.services.deliveries import decide_delivery, deliver, read_again, stop_reading
from bianzhi.exchange.services.opening import open_delivery
from bianzhi.exchange.web.delivery_forms import DecisionForm, DeliveryForm
from bianzhi.exchange.web.links import delivery_url
from bianzhi.intake import gate
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.reading.report import ReadingReport
from bianzhi.reconciliation.sources import DEPARTMENTS

SHOWN_UNITS = 20


def problem_count(delivery: Delivery) -> int | None:
    """Rows with a problem, all kinds together; None before it was read."""
    problems = delivery.report.get("problems")
    return sum(problem["count"] for problem in problems) if problems is not None else None


class DeliveryList(ListPage):
    """Deliveries, the newest first."""

    key = "exchange.deliveries"
    title = "数据报送"
    noun = "次"
    columns: ClassVar[Sequence[Column]] = (
        Column("file_name", "文件", link=delivery_url, order="file_name", width=30),
        Column("source", "数据来源", "source.name", order="source__name", width=20),
        Column("department", "部门", "source.get_department_display", order="source__department"),
        Column("period", "月份", kind="month", order="period"),
        Column("part", "部分", lambda row: f"{row.part}/{row.parts}" if row.parts > 1 else ""),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("rows", "行数", kind="number", order="rows"),
        Column("problems", "问题", problem_count, kind="number"),
        Column("signer", "报送人", order="signer", width=20),
        Column("received_at", "收到时间", kind="moment", order="received_at"),
        Column("sha256", "SHA-256", shown=False),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="department", label="部门", choices=DEPARTMENTS, narrow="source__department"),
        TextFilter(key="period", label="月份", narrow="period"),
        ChoiceFilter(key="state", label="状态", choices=DeliveryState.choices, narrow="state"),
    )
    search_fields = ("file_name", "source__name", "signer", "sha256")
    search_hint = "文件、来源、报送人、SHA-256"
    ordering = ("-pk",)
    template = "exchange/deliveries.html"
    empty_title = "还没有报送"
    empty_text = "各部门的名册上传、投放或由接口送到以后列在这里。"


def waiting_count(user: Any) -> int:
    """Held deliveries that wait for this user's decision."""
    if not user.can("exchange.decide"):
        return 0
    return Delivery.objects.visible_to(user).filter(state=DeliveryState.HELD).count()


@page("exchange.view")
@require_safe
def deliveries(request: PageRequest) -> HttpResponseBase:
    """The list."""
    rows = Delivery.objects.visible_to(request.user).select_related("source")
    return DeliveryList(request, rows).respond()


@page("exchange.view")
@require_safe
def calendar(request: PageRequest) -> HttpResponse:
    """Who has delivered for which month."""
    months = months_back(request.today)
    lines = freshness(request.user, request.today, months)
    context = {"months": months, "lines": lines, "late": _late(lines)}
    return render(request, "exchange/calendar.html", context)


def _late(lines: Sequence[tuple[Source, Sequence[Any]]]) -> int:
    return sum(1 for _, cells in lines for cell in cells if cell.state == "逾期未报")


@page("exchange.deliver")
@require_http_methods(["GET", "POST"])
def delivery_new(request: PageRequest) -> HttpResponse:
    """Deliver a file for a source and a month."""
    sources = [source for source in Source.objects.filter(is_active=True) if reaches(request.user, source)]
    initial = {"period": request.GET.get("period") or month_before(request.today), "source": request.GET.get("source")}
    form = DeliveryForm(
        request.POST or None,
        request.FILES or None,
        sources=sources,
        months=months_back(request.today, 12),
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        try:
            delivery = _deliver(request, form.cleaned_data)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return _delivered(request, delivery)
    context = {"form": form, "sources": sources}
    return render(request, "exchange/delivery_form.html", context, status=422 if request.method == "POST" else 200)


def _deliver(request: PageRequest, told: Mapping[str, Any]) -> Delivery:
    file = told["file"]
    on_disk = getattr(file, "temporary_file_path", None)
    data = Path(on_disk()) if on_disk else file.read()
    gate.look_at(data, file.name, gate.Wanted.TABLES, actor=request.user)
    return deliver(
        actor=request.user,
        source_id=int(told["source"]),
        period=told["period"],
        file_name=file.name,
        data=data,
        part=told["part"],
        parts=told["parts"],
        signer=told["signer"],
    )


def _delivered(request: PageRequest, delivery: Delivery) -> HttpResponse:
    if not delivery.is_repeated:
        return redirect_with_notice(request, delivery_url(delivery), "已收到，正在后台读取。")
    state = delivery.get_state_display()
    notice = f"这个文件 {moment(delivery.received_at)} 已经报送过，没有重复登记；现在的状态：{state}。"
    if delivery.state == DeliveryState.SUPERSEDED:
        notice += "核对以后来报送的文件为准；确需以这一份为准的，请在文件中注明“更正”后另存，再报送。"
    return redirect_with_notice(request, delivery_url(delivery), notice, level="info")


@page("exchange.view")
@require_safe
def delivery(request: PageRequest, pk: int) -> HttpResponse:
    """One delivery: what was found, what was held and decided, by what digests it is known."""
    found = get_visible_or_404(Delivery, request.user, pk)
    return _show(request, found)


def _show(request: PageRequest, found: Delivery, form: DecisionForm | None = None) -> HttpResponse:
    user = request.user
    job = jobs.latest(found.job) if found.job else None
    stuck = is_stuck(found)
    is_open = found.state in (DeliveryState.RECEIVED, DeliveryState.READING) and not stuck
    may_deliver = user.can("exchange.deliver") and reaches(user, found.source)
    context = {
        "delivery": found,
        "report": (report := _report(found)),
        "units": report.units[:SHOWN_UNITS] if report else (),
        "losses": [(unit, before, after, before - after) for unit, before, after in found.report.get("losses", ())],
        "is_open": is_open,
        "job": job,
        "is_held": found.state == DeliveryState.HELD,
        "may_decide": found.state == DeliveryState.HELD and user.can("exchange.decide"),
        "may_stop": is_open and may_deliver,
        "may_read_again": may_deliver and (stuck or _is_unreadable(found)),
        "may_open": may_deliver or user.can("personnel.reveal"),
        "form": form or DecisionForm(),
        "pairs": _pairs(found),
        "runs": found.runs.order_by("-pk")[:5],
    }
    return render(request, "exchange/delivery.html", context, status=422 if form else 200)


def moment(when: datetime | None) -> str:
    """A moment by the clock on the wall; "" for none."""
    return f"{localtime(when):%Y-%m-%d %H:%M}" if when else ""


def _report(found: Delivery) -> ReadingReport | None:
    if "rows" not in found.report:
        return None
    return ReadingReport.from_json({key: value for key, value in found.report.items() if key != "losses"})


def _is_unreadable(found: Delivery) -> bool:
    return found.state == DeliveryState.REJECTED and found.decided_at is None


def _pairs(found: Delivery) -> list[tuple[Any, ...]]:
    receiver = found.received_by.display_name if found.received_by else "系统接收"
    return [
        ("数据来源", found.source.name),
        ("部门", found.source.get_department_display()),
        ("月份", found.period),
        ("部分", f"第 {found.part} 部分，共 {found.parts} 部分" if found.parts > 1 else "整份"),
        ("报送人", found.signer),
        ("经手", receiver),
        ("收到时间", moment(found.received_at)),
        ("大小", f"{found.size:,} 字节"),
        ("数据契约", f"第 {found.contract.version} 版" if found.contract else ""),
        ("确认人", found.decided_by.display_name if found.decided_by else ""),
        ("确认时间", moment(found.decided_at)),
    ]


@page("exchange.decide")
@require_POST
def delivery_decide(request: PageRequest, pk: int) -> HttpResponse:
    """Accept or reject a held delivery."""
    found = get_visible_or_404(Delivery, request.user, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form)
    accept_it = form.cleaned_data["verdict"] == "accept"
    try:
        decided = decide_delivery(
            actor=request.user, delivery_id=found.pk, accept_it=accept_it, reason=form.cleaned_data["reason"]
        )
    except Refused as refusal:
        form.add_objections(refusal)
        return _show(request, found, form)
    return redirect_with_notice(request, delivery_url(decided), f"已处理：{decided.get_state_display()}。")


@page("exchange.deliver")
@require_POST
def delivery_again(request: PageRequest, pk: int) -> HttpResponse:
    """Have a delivery read once more."""
    found = get_visible_or_404(Delivery, request.user, pk)
    try:
        again = read_again(actor=request.user, delivery_id=found.pk)
    except Refused as refusal:
        return redirect_with_notice(request, delivery_url(found), str(refusal), level="error")
    if again.job_id == found.job_id:
        notice = f"没有重新读取：该报送现在的状态是“{again.get_state_display()}”。"
        return redirect_with_notice(request, delivery_url(found), notice, level="info")
    return redirect_with_notice(request, delivery_url(found), "正在后台重新读取。")


@page("exchange.deliver")
@require_POST
def delivery_stop(request: PageRequest, pk: int) -> HttpResponse:
    """Stop the reading of a delivery."""
    found = get_visible_or_404(Delivery, request.user, pk)
    try:
        stop_reading(actor=request.user, delivery_id=found.pk)
    except Refused as refusal:
        return redirect_with_notice(request, delivery_url(found), str(refusal), level="error")
    return redirect_with_notice(
        request, delivery_url(found), "已要求停止读取，文件仍保留，可以重新读取。", level="info"
    )


@page("exchange.view")
@require_POST
def delivery_file(request: PageRequest, pk: int) -> HttpResponseBase:
    """The file as it came; it holds complete ID numbers, so that opening it is recorded."""
    found = get_visible_or_404(Delivery, request.user, pk)
    try:
        open_delivery(actor=request.user, delivery_id=found.pk)
    except Refused as refusal:
        return redirect_with_notice(request, delivery_url(found), str(refusal), level="error")
    try:
        stream = files.open_file(found.sha256)
    except OSError:
        notice = "文件已不在服务器上或已损坏，请联系系统管理员。"
        return redirect_with_notice(request, delivery_url(found), notice, level="error")
    response = FileResponse(stream, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.file_name)}"
    return response
