"""整改通知书: the list, one order with its steps, and its papers."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.web.filters import DayChoiceFilter, UnitFilter
from bianzhi.supervision.models import OrderState, RectificationOrder, RectificationStep, StepKind
from bianzhi.supervision.selectors.words import days_left, kind_label, order_state_on
from bianzhi.supervision.web.links import case_url, number_link, order_url, unit_url

TONES = {StepKind.REFUSED: "bad", StepKind.REOPENED: "bad", StepKind.CLOSED: "good", StepKind.ACCEPTED: "good"}

STEP_NUMBERS = {OrderState.ISSUED: 2, OrderState.REPORTED: 3, OrderState.VERIFIED: 4, OrderState.CLOSED: 5}
"""How far along 签发 · 整改 · 核查 · 销号 an order is."""


def _days(row: Any) -> SafeString | str:
    if row.left is None:
        return "—"
    tone = "bad" if row.left < 0 else "warn" if row.left <= 7 else "neutral"
    words = f"逾期 {-row.left} 天" if row.left < 0 else f"{row.left} 天"
    return format_html('<span class="tag tag-{}">{}</span>', tone, words)


class OrderList(ListPage):
    """Orders to the units within the user's scope."""

    key = "supervision.orders"
    title = "整改通知书"
    noun = "份"
    columns = (
        Column("number", "文书编号", order="number", render=number_link(order_url), width=24),
        Column("unit", "单位", "unit_name", link=unit_url, width=30),
        Column("problems", "问题", "covered", kind="number", order="covered"),
        Column("measures", "整改要求", width=50),
        Column("issued_on", "签发日期", kind="date", order="issued_on"),
        Column("due_on", "整改期限", kind="date", order="due_on"),
        Column("left", "剩余", "left", render=_days),
        Column("state", "状态", "state_word", kind="status", order="state"),
    )
    filters = (
        UnitFilter(key="unit", label="单位（含下级）"),
        ChoiceFilter(key="state", label="状态", choices=OrderState.choices, narrow="state"),
        DayChoiceFilter(
            key="late",
            label="是否逾期",
            choices=[("yes", "逾期未报")],
            by_day=lambda rows, value, day: rows.filter(state=OrderState.ISSUED, due_on__lt=day),
        ),
        DateRangeFilter(key="due", label="整改期限", field="due_on", more=True),
    )
    search_fields = ("number", "measures")
    search_hint = "文书编号、整改要求"
    ordering = ("-issued_on", "-pk")
    export_permission = "reports.export"
    template = "supervision/orders.html"
    empty_title = "没有整改通知书"
    empty_text = "在问题台账选择待整改的问题，签发整改通知书。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Names and words, in one query."""
        names = names_on({row.organization_id for row in rows}, self.request.as_of)
        for row in rows:
            row.unit_name = names.get(row.organization_id, "")
            row.left = days_left(row, self.request.today)
            row.state_word = order_state_on(row, self.request.today)
        return rows


@page("supervision.view")
@require_safe
def orders(request: PageRequest) -> HttpResponseBase:
    """The list."""
    rows = RectificationOrder.objects.visible_to(request.user).annotate(covered=Count("problems"))
    return OrderList(request, rows).respond()


@page("supervision.view")
@require_safe
def order(request: PageRequest, pk: int) -> HttpResponse:
    """One order: the problems, the steps, what comes next."""
    found = get_visible_or_404(RectificationOrder.objects.select_related("instance"), request.user, pk)
    steps = list(found.steps.select_related("reverses").order_by("pk"))
    context = {
        "order": found,
        "state": order_state_on(found, request.today),
        "facts": _facts(request, found),
        "problems": [(problem, kind_label(problem.kind)) for problem in found.problems.order_by("number")],
        "events": [_event(step) for step in reversed(steps)],
        "has_report": any(step.kind == StepKind.REPORTED for step in steps),
        "step_no": STEP_NUMBERS[OrderState(found.state)],
    }
    return render(request, "supervision/order.html", context)


def _facts(request: PageRequest, order: RectificationOrder) -> list[tuple[Any, ...]]:
    names = names_on([order.organization_id], request.as_of)
    left = days_left(order, request.today)
    words = "" if left is None else f"，还有 {left} 天" if left >= 0 else f"，已逾期 {-left} 天"
    return [
        ("单位", names.get(order.organization_id, ""), unit_url(order)),
        ("签发日期", str(order.issued_on)),
        ("整改期限", f"{order.due_on}{words}"),
        *([("原定期限", str(order.first_due_on))] if order.first_due_on != order.due_on else []),
        *([("所在办件", order.instance.title, case_url(order.instance, request.user))] if order.instance else []),
        ("整改要求", order.measures),
    ]


def _event(step: RectificationStep) -> dict[str, Any]:
    number = f" {step.number}" if step.number else ""
    until = f"（期限 {step.due_on}）" if step.due_on else ""
    return {
        "date": step.happened_on,
        "title": f"{step.get_kind_display()}{number}{until}　{step.by_name}",
        "text": step.text,
        "tone": TONES.get(StepKind(step.kind), ""),
    }


def _paper(request: PageRequest, pk: int, template: str, **context: Any) -> HttpResponse:
    found = get_visible_or_404(RectificationOrder, request.user, pk)
    names = names_on([found.organization_id], found.issued_on)
    problems = [(problem, kind_label(problem.kind)) for problem in found.problems.order_by("number")]
    locks = any(problem.locks_unit for problem, _ in problems)
    whole = {
        "order": found,
        "locks": locks,
        "unit_name": names.get(found.organization_id, ""),
        "problems": problems,
        **context,
    }
    return render(request, template, whole)


@page("supervision.view")
@require_safe
def notice(request: PageRequest, pk: int) -> HttpResponse:
    """《整改通知书》 for paper."""
    return _paper(request, pk, "supervision/notice_print.html")


@page("supervision.view")
@require_safe
def report_paper(request: PageRequest, pk: int) -> HttpResponse:
    """《整改情况报告》 as the unit sent it in last, for paper; Http404 before it did."""
    return _paper(request, pk, "supervision/report_print.html", step=_last(request, pk, StepKind.REPORTED))


@page("supervision.view")
@require_safe
def closing_paper(request: PageRequest, pk: int) -> HttpResponse:
    """《问题销号单》 for paper; Http404 while the order is not 销号."""
    accepted = _last(request, pk, StepKind.ACCEPTED)
    closed = _last(request, pk, StepKind.CLOSED)
    return _paper(request, pk, "supervision/closing_print.html", step=closed, verification=accepted)


def _last(request: PageRequest, pk: int, kind: StepKind) -> RectificationStep:
    found = get_visible_or_404(RectificationOrder, request.user, pk)
    step = found.steps.filter(kind=kind, reversed_by__isnull=True).order_by("-pk").first()
    if step is None:
        raise Http404("整改还没有走到这一步。")
    return step
