"""单位别名: what departments call units, learned from the people they share; an official approves or corrects it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import BulkAction, ChoiceFilter, Column, ListPage
from bianzhi.common.web.lists.filters import Filter
from bianzhi.common.web.lookups import key_in
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.exchange.models import AliasState, UnitAlias
from bianzhi.exchange.selectors.aliases import aliases_for
from bianzhi.exchange.services.aliases import decide_aliases, name_unit
from bianzhi.exchange.web.forms import AliasForm
from bianzhi.exchange.web.links import AREA, aliases_url, unit_page
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.reconciliation.sources import DEPARTMENTS

SURE = 0.95
ENOUGH = 5


def _is_sure(rows: Any, value: str) -> Any:
    sure = {"share__gte": SURE, "support__gte": ENOUGH}
    return rows.filter(**sure) if value == "yes" else rows.exclude(**sure)


class AliasList(ListPage):
    """Proposals first, those that rest on the most people on top."""

    key = "exchange.aliases"
    title = "单位别名"
    noun = "条"
    columns: ClassVar[Sequence[Column]] = (
        Column("source", "部门", "get_source_display", order="source"),
        Column("text", "部门写法", order="text", width=30),
        Column("unit", "编办名称", order="unit", link=lambda row: unit_page(row.organization_id), width=30),
        Column("support", "共同人数", kind="number", order="support"),
        Column("share", "占比", lambda row: f"{row.share:.1%}", kind="number", order="share"),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("decided_by", "确认人", "decided_by.display_name"),
        Column("decided_at", "确认时间", kind="moment", order="decided_at", shown=False),
        Column("last_run", "最近月份", "last_run.period", order="last_run__period", shown=False),
        Column(
            "correct", "更正", lambda row: "另指单位", link=lambda row: reverse("exchange:alias_unit", args=[row.pk]),
            exportable=False, permission="exchange.decide",
        ),
    )  # fmt: skip
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="state", label="状态", choices=AliasState.choices, narrow="state"),
        ChoiceFilter(key="source", label="部门", choices=DEPARTMENTS, narrow="source"),
        ChoiceFilter(
            key="sure",
            label="依据",
            choices=[("yes", f"充分（{ENOUGH} 人以上且占 {SURE:.0%} 以上）"), ("no", "不充分")],
            narrow=_is_sure,
        ),
    )
    search_fields = ("text", "unit")
    search_hint = "部门写法、编办名称"
    ordering = ("-waits", "-support", "text")
    bulk_actions = (
        BulkAction("确认", "exchange:aliases_approve", "exchange.decide", "check"),
        BulkAction("不采用", "exchange:aliases_reject", "exchange.decide", "x"),
    )
    export_permission = "reports.export"
    template = "exchange/aliases.html"
    empty_title = "没有单位别名"
    empty_text = "部门所写的单位名称与编办登记不一致时，核对后按共同人员推定所指单位，列在这里待确认。"


@page("exchange.view")
@require_safe
def aliases(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return AliasList(request, aliases_for(request.user).select_related("last_run")).respond()


@page("exchange.decide")
@require_POST
def approve(request: PageRequest) -> HttpResponse:
    """The chosen writings stand for the units proposed."""
    return _decide(request, approve=True)


@page("exchange.decide")
@require_POST
def reject(request: PageRequest) -> HttpResponse:
    """The chosen writings do not stand for the units proposed."""
    return _decide(request, approve=False)


def _decide(request: PageRequest, *, approve: bool) -> HttpResponse:
    keys = [key for text in request.POST.getlist("selected") if (key := key_in(text)) is not None]
    mine = list(aliases_for(request.user).filter(pk__in=keys).values_list("pk", flat=True))
    back = aliases_url(state=AliasState.PROPOSED.value)
    if not mine:
        return redirect_with_notice(request, back, "没有勾选任何一条。", level="warning")
    try:
        decide_aliases(actor=request.user, alias_ids=mine, approve=approve)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    words = "已确认" if approve else "不采用"
    return redirect_with_notice(request, back, f"{words} {len(mine)} 条，下次核对起照此处理。")


@page("exchange.decide")
@require_http_methods(["GET", "POST"])
@at_present
def choose_unit(request: PageRequest, pk: int) -> HttpResponse:
    """Say which unit of the register a writing stands for, where the proposal is wrong."""
    alias = get_object_or_404(aliases_for(request.user), pk=pk)
    form = AliasForm(request.POST or None, user=request.user, initial={"unit": alias.organization_id})

    def act() -> UnitAlias:
        unit = form.cleaned_data["unit"]
        return name_unit(actor=request.user, alias_id=alias.pk, organization_id=unit.pk)

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda right: Done(aliases_url(), f"“{right.text}”即“{right.unit}”，下次核对起照此处理。"),
        title=f"指定单位　{alias.text}",
        submit="指定单位",
        back=aliases_url(state=AliasState.PROPOSED.value),
        facts=[
            ("部门", alias.get_source_display()),
            ("部门写法", alias.text),
            ("推定单位", alias.unit, unit_page(alias.organization_id)),
            ("共同人数", f"{alias.support} 人，占 {alias.share:.1%}"),
            ("状态", alias.get_state_display()),
        ],
        context={"area": AREA, "crumb": ("单位别名", reverse("exchange:aliases")), "no_check": True},
    ).respond()


def waiting_count(user: Any) -> int:
    """The badge of the menu: proposals that wait for somebody who may approve them."""
    return aliases_for(user).filter(state=AliasState.PROPOSED).count() if user.can("exchange.decide") else 0
