"""督查: the plans, what each has drawn, and the papers of a plan."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.supervision.models import (
    Inspection,
    InspectionPlan,
    InspectionResult,
    PlanScope,
    PlanState,
    PlanSubject,
    Problem,
)
from bianzhi.supervision.selectors.words import kind_label
from bianzhi.supervision.services.inspecting import cancel_plan, close_plan, draw_plan
from bianzhi.supervision.web.forms import PlanForm, WordsForm
from bianzhi.supervision.web.links import AREA, inspection_url, number_link, plan_url, unit_url

CRUMB = ("督查检查", "supervision:plans")


def scope_words(plan: InspectionPlan) -> str:
    """全部, or the share drawn."""
    return "全部" if plan.scope == PlanScope.ALL else f"抽查 {plan.percent}%"


class PlanList(ListPage):
    """The plans the user may see."""

    key = "supervision.plans"
    title = "督查检查"
    noun = "个"
    columns = (
        Column("number", "方案编号", order="number", render=number_link(plan_url), width=24),
        Column("title", "方案名称", order="title", link=plan_url, width=40),
        Column("subject", "检查对象", "get_subject_display"),
        Column("scope", "范围", scope_words),
        Column("days", "检查时间", lambda row: f"{row.starts_on} 至 {row.ends_on}"),
        Column("drawn", "抽取", kind="number", order="drawn"),
        Column("checked", "已检查", kind="number", order="checked"),
        Column("found", "发现问题", kind="number", order="found"),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("drawn_on", "抽取日期", kind="date", order="drawn_on", shown=False),
    )
    filters = (
        ChoiceFilter(key="state", label="状态", choices=PlanState.choices, narrow="state"),
        ChoiceFilter(key="subject", label="检查对象", choices=PlanSubject.choices, narrow="subject"),
        DateRangeFilter(key="drawn", label="抽取日期", field="drawn_on", more=True),
    )
    search_fields = ("number", "title", "basis")
    search_hint = "方案编号、名称"
    ordering = ("-drawn_on", "-pk")
    export_permission = "reports.export"
    template = "supervision/plans.html"
    empty_title = "还没有检查方案"
    empty_text = "制定检查方案后，按种子抽取检查对象，逐个登记检查结果。"


class InspectionList(ListPage):
    """What one plan checks."""

    key = "supervision.inspections"
    title = "检查对象"
    noun = "个"
    columns = (
        Column("label", "检查对象", order="label", link=inspection_url, width=40),
        Column("unit", "单位", "unit_name", link=unit_url, width=30),
        Column("result", "检查结果", "get_result_display", kind="status", order="result"),
        Column("text", "检查情况", width=40),
        Column("problems", "问题", "found", kind="number", order="found"),
        Column("checked_on", "检查日期", kind="date", order="checked_on"),
        Column("checked_by", "检查人", "checked_by_name", order="checked_by_name"),
    )
    filters = (
        ChoiceFilter(
            key="result",
            label="检查结果",
            choices=[("pending", "待检查"), ("clean", "无问题"), ("problems", "有问题")],
            narrow=lambda rows, value: rows.filter(result="" if value == "pending" else value),
        ),
    )
    search_fields = ("label",)
    search_hint = "办件、单位名称"
    ordering = ("result", "pk")
    export_permission = "reports.export"
    template = "supervision/plan.html"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """The units' names, in one query."""
        names = names_on({row.organization_id for row in rows}, self.request.as_of)
        for row in rows:
            row.unit_name = names.get(row.organization_id, "")
        return rows


def visible_plans(user: Any) -> QuerySet[InspectionPlan]:
    """All plans for the office; for a unit's people those that have checked it."""
    if user.sees_everything():
        return InspectionPlan.objects.all()
    return InspectionPlan.objects.filter(pk__in=Inspection.objects.visible_to(user).values("plan_id"))


def counted_plans(user: Any) -> QuerySet[InspectionPlan]:
    """Those plans with the checks and problems of each that the user may see: how many are drawn, checked, found."""
    mine = Q(inspections__in=Inspection.objects.visible_to(user))
    found = Q(inspections__problems__in=Problem.objects.visible_to(user))
    return visible_plans(user).annotate(
        drawn=Count("inspections", filter=mine, distinct=True),
        checked=Count("inspections", filter=mine & Q(inspections__checked_on__isnull=False), distinct=True),
        found=Count("inspections__problems", filter=found, distinct=True),
    )


@page("supervision.view")
@require_safe
def plans(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return PlanList(request, counted_plans(request.user)).respond()


@page("supervision.view")
@require_safe
def plan(request: PageRequest, pk: int) -> HttpResponseBase:
    """One plan with what it checks."""
    found = get_object_or_404(visible_plans(request.user).select_related("definition"), pk=pk)
    rows = Inspection.objects.visible_to(request.user).filter(plan=found).annotate(found=Count("problems"))
    context = {"plan": found, "facts": _facts(found, request.user), "is_open": found.state == PlanState.DRAWN}
    return InspectionList(request, rows).respond(context)


def _facts(plan: InspectionPlan, user: Any) -> list[tuple[str, str]]:
    """What a plan says of itself; out of how many it was drawn is the office's to know."""
    what = plan.get_subject_display()
    if plan.subject == PlanSubject.CASES:
        matter = plan.definition.title if plan.definition else "全部事项"
        what = f"{plan.period_from} 至 {plan.period_until} 办结的{matter}"
    among = f"，从 {len(plan.candidates)} 个中抽取" if user.sees_everything() else ""
    facts = [
        ("检查依据", plan.basis),
        ("检查对象", what),
        ("检查范围", f"{scope_words(plan)}{among}"),
        ("检查时间", f"{plan.starts_on} 至 {plan.ends_on}"),
        ("抽取日期", str(plan.drawn_on)),
        ("抽样种子", plan.seed),
    ]
    if plan.closed_on is not None:
        facts += [("结束日期", str(plan.closed_on)), ("检查结论", plan.conclusion)]
    return facts


@page("supervision.manage")
@require_http_methods(["GET", "POST"])
@at_present
def new_plan(request: PageRequest) -> HttpResponse:
    """Write a plan and draw."""
    form = PlanForm(request.POST or None, user=request.user, initial={"starts_on": request.today})
    return ActPage(
        request=request,
        form=form,
        act=lambda: draw_plan(actor=request.user, today=request.today, order=form.order()),
        done=lambda plan: Done(
            plan_url(plan), f"已制定方案 {plan.number}，抽取 {plan.inspections.count()} 个检查对象。"
        ),
        title="制定检查方案",
        submit="制定方案并抽取",
        back=reverse("supervision:plans"),
        lead="抽样由种子和比例决定，抽取范围和种子随方案保存，任何人都可以重现；方案制定后不能改写，有误的取消后另行制定。",
        context={"area": AREA, "crumb": (CRUMB[0], reverse(CRUMB[1]))},
    ).respond()


def _ending(request: PageRequest, pk: int, act: Any, title: str, called: str, notice: str) -> HttpResponse:
    found = get_object_or_404(InspectionPlan, pk=pk)
    form = WordsForm(request.POST or None, user=request.user, called=called)
    return ActPage(
        request=request,
        form=form,
        act=lambda: act(form.cleaned_data["text"]),
        done=lambda plan: Done(plan_url(plan), f"方案 {plan.number} {notice}。"),
        title=f"{title}　{found.number}",
        submit=title,
        back=plan_url(found),
        facts=_facts(found, request.user),
        context={"area": AREA, "crumb": (found.number, plan_url(found)), "no_check": True},
    ).respond()


@page("supervision.manage")
@require_http_methods(["GET", "POST"])
@at_present
def close(request: PageRequest, pk: int) -> HttpResponse:
    """End a plan with its conclusion."""

    def act(words: str) -> Any:
        return close_plan(actor=request.user, today=request.today, plan_id=pk, conclusion=words)

    return _ending(request, pk, act, "结束方案", "检查结论", "已完成")


@page("supervision.manage")
@require_http_methods(["GET", "POST"])
@at_present
def cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Give a plan up."""

    def act(words: str) -> Any:
        return cancel_plan(actor=request.user, today=request.today, plan_id=pk, reason=words)

    return _ending(request, pk, act, "取消方案", "取消原因", "已取消")


@page("supervision.view")
@require_safe
def plan_print(request: PageRequest, pk: int) -> HttpResponse:
    """《检查方案》 with everything drawn, for paper."""
    found = get_object_or_404(visible_plans(request.user).select_related("definition"), pk=pk)
    checks = list(Inspection.objects.visible_to(request.user).filter(plan=found).order_by("pk"))
    names = names_on({check.organization_id for check in checks}, request.as_of)
    rows = [(check.label, names.get(check.organization_id, ""), _result(check)) for check in checks]
    facts = _facts(found, request.user)
    return render(request, "supervision/plan_print.html", {"plan": found, "facts": facts, "rows": rows})


def _result(check: Inspection) -> str:
    return InspectionResult(check.result).label


@page("supervision.view")
@require_safe
def problem_list_print(request: PageRequest, pk: int) -> HttpResponse:
    """《问题清单》 of a plan, for paper."""
    found = get_object_or_404(visible_plans(request.user), pk=pk)
    rows = list(
        Problem.objects.visible_to(request.user)
        .filter(inspection__plan=found)
        .select_related("order")
        .order_by("number")
    )
    names = names_on({row.organization_id for row in rows}, request.as_of)
    lines = [(row, names.get(row.organization_id, ""), kind_label(row.kind)) for row in rows]
    return render(request, "supervision/problem_list_print.html", {"plan": found, "lines": lines})
