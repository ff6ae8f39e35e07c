"""数据来源: which systems deliver, how, under which contract."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.lists import ChoiceFilter, Column, ListPage
from bianzhi.common.web.lists.filters import Filter
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.exchange.models import Delivery, Source, Transport
from bianzhi.exchange.rules.periods import month_before
from bianzhi.exchange.selectors.contracts import draft_of, in_force
from bianzhi.exchange.selectors.reach import reaches
from bianzhi.exchange.services.pulling import dropbox_of, request_pull
from bianzhi.exchange.services.sources import change_source, register_source
from bianzhi.exchange.web.contract_words import contract_rows
from bianzhi.exchange.web.source_forms import SCHEDULES, SETTINGS, SourceForm
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.sources import DEPARTMENTS

PULLED = (Transport.DATABASE, Transport.REGISTER)


def source_url(source: Source) -> str:
    """The page of a source."""
    return reverse("exchange:source", args=[source.pk])


class SourceList(ListPage):
    """Every source the user sees."""

    key = "exchange.sources"
    title = "数据来源"
    noun = "个"
    columns: ClassVar[Sequence[Column]] = (
        Column("name", "来源", link=source_url, order="name", width=28),
        Column("department", "部门", "get_department_display", order="department"),
        Column("transport", "报送方式", "get_transport_display", order="transport"),
        Column("due_day", "报送日", lambda row: f"次月 {row.due_day} 日", order="due_day"),
        Column("breaker", "熔断比例", lambda row: f"{row.breaker_percent}%", order="breaker_percent"),
        Column("state", "状态", lambda row: "启用" if row.is_active else "停用", kind="status", order="is_active"),
        Column("code", "代码", order="code"),
        Column("created_at", "登记时间", kind="moment", order="created_at"),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="department", label="部门", choices=DEPARTMENTS, narrow="department"),
        ChoiceFilter(key="transport", label="报送方式", choices=Transport.choices, narrow="transport"),
    )
    search_fields = ("name", "code")
    search_hint = "名称、代码"
    template = "exchange/sources.html"
    empty_title = "还没有数据来源"
    empty_text = "登记组织部、人社局、财政局和编办各自的系统或表格，部门的数据就有了去处。"


@page("exchange.sources")
@require_safe
def sources(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return SourceList(request, Source.objects.visible_to(request.user)).respond()


@page("exchange.sources")
@require_safe
def source(request: PageRequest, pk: int) -> HttpResponse:
    """One source: how it delivers, its contract and versions, what came last."""
    found = get_visible_or_404(Source, request.user, pk)
    user = request.user
    recent = Delivery.objects.visible_to(user).filter(source=found).defer("report")
    context = {
        "source": found,
        "pairs": _pairs(found),
        "contract": (contract := in_force(found)),
        "rows": contract_rows(contract.schema) if contract else [],
        "contract_note": f"第 {contract.version} 版" if contract else "",
        "draft": draft_of(found),
        "versions": found.contracts.select_related("published_by").order_by("-version"),
        "deliveries": recent[:10],
        "may_configure": user.can("exchange.configure"),
        "may_deliver": found.is_active and user.can("exchange.deliver") and reaches(user, found),
        "is_pulled": found.transport in PULLED,
        "period": month_before(request.today),
    }
    return render(request, "exchange/source.html", context)


def _pairs(found: Source) -> list[tuple[str, Any]]:
    settings = found.settings
    pairs: list[tuple[str, Any]] = [
        ("部门", found.get_department_display()),
        ("代码", found.code),
        ("报送方式", found.get_transport_display()),
        ("报送日", f"次月 {found.due_day} 日前"),
        ("熔断比例", f"一个单位减少超过 {found.breaker_percent}% 即暂缓"),
        ("状态", "启用" if found.is_active else "停用"),
    ]
    if found.transport == Transport.FOLDER:
        pairs.append(("投放文件夹", str(dropbox_of(found))))
    if found.transport in PULLED:
        pairs.append(("自动抽取", dict(SCHEDULES).get(settings.get("schedule", ""), "")))
    if found.transport == Transport.DATABASE:
        pairs += [
            ("数据库地址", settings.get("url")),
            ("口令所在的环境变量", settings.get("password_env") or "不需要口令"),
        ]
    return pairs


@page("exchange.configure")
@require_http_methods(["GET", "POST"])
def source_new(request: PageRequest) -> HttpResponse:
    """Register a source."""
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = register_source(actor=request.user, **form.changes())
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            notice = f"已登记“{made.name}”，并按部门通用格式建立了数据契约。"
            return redirect_with_notice(request, source_url(made), notice)
    return _form(request, form, "登记数据来源", reverse("exchange:sources"))


@page("exchange.configure")
@require_http_methods(["GET", "POST"])
def source_edit(request: PageRequest, pk: int) -> HttpResponse:
    """Change a source."""
    found = get_visible_or_404(Source, request.user, pk)
    form = SourceForm(request.POST or None, source=found)
    if request.method == "POST" and form.is_valid():
        changes = form.changes()
        changes["settings"] = {**_kept_settings(found), **changes["settings"]}
        try:
            change_source(actor=request.user, source_id=found.pk, changes=changes)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, source_url(found), "已保存。")
    return _form(request, form, f"设置“{found.name}”", source_url(found))


@page("exchange.deliver")
@require_POST
def source_pull(request: PageRequest, pk: int) -> HttpResponse:
    """Pull the data of the month before now, in the background."""
    found = get_visible_or_404(Source, request.user, pk)
    period = request.POST.get("period") or month_before(request.today)
    try:
        job = request_pull(actor=request.user, source_id=found.pk, period=period)
    except Refused as refusal:
        return redirect_with_notice(request, source_url(found), str(refusal), level="error")
    return redirect_with_notice(request, reverse("common:job", args=[job.pk]), f"正在后台抽取 {period} 的数据。")


def _form(request: PageRequest, form: SourceForm, title: str, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": back}
    return render(request, "exchange/source_form.html", context, status=422 if request.method == "POST" else 200)


def _kept_settings(found: Source) -> dict[str, Any]:
    """Settings no form shows."""
    return {key: value for key, value in found.settings.items() if key not in SETTINGS}
