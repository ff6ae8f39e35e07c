"""问题台账: every problem with its rectification, and what may be done to one."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.common.web.lists.filters import Filter
from bianzhi.common.web.lookups import key_in
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Refused
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.personnel.web.filters import UnitFilter
from bianzhi.supervision.models import UNSETTLED, Problem, ProblemSeverity, ProblemSource, ProblemState
from bianzhi.supervision.selectors.locks import remaining_locks
from bianzhi.supervision.selectors.words import kind_label, order_state_on
from bianzhi.supervision.services.problems import change_lock, open_problem, void_problem
from bianzhi.supervision.web.forms import ProblemForm
from bianzhi.supervision.web.links import AREA, case_url, inspection_url, number_link, order_url, problem_url, unit_url


class ProblemList(ListPage):
    """Problems of the units within the user's scope."""

    key = "supervision.problems"
    title = "问题台账"
    noun = "个"
    columns: ClassVar[Sequence[Column]] = (
        Column("number", "问题编号", order="number", render=number_link(problem_url), width=14),
        Column("unit", "单位", "unit_name", link=unit_url, width=30),
        Column("kind", "问题类别", "kind_label", order="kind", width=26),
        Column("facts", "问题事实", width=50),
        Column("severity", "程度", "get_severity_display", kind="status", order="severity"),
        Column("source", "发现途径", "get_source_display", order="source", shown=False),
        Column("found_on", "发现日期", kind="date", order="found_on"),
        Column("locks", "限制申请", lambda row: "限制" if row.locks_unit and row.state in UNSETTLED else ""),
        Column(
            "order",
            "整改通知书",
            "order.number",
            render=lambda row: number_link(order_url)(row.order) if row.order else "—",
            width=24,
        ),
        Column("due_on", "整改期限", "order.due_on", kind="date", order="order__due_on"),
        Column("state", "状态", "state_word", kind="status", order="state"),
        Column("closed_on", "销号日期", kind="date", order="closed_on", shown=False),
    )
    filters: ClassVar[Sequence[Filter]] = (
        UnitFilter(key="unit", label="单位（含下级）"),
        ChoiceFilter(
            key="state",
            label="状态",
            choices=[("unsettled", "未销号"), *ProblemState.choices],
            narrow=lambda rows, value: rows.filter(state__in=UNSETTLED if value == "unsettled" else [value]),
        ),
        ChoiceFilter(key="kind", label="问题类别", choices=codes("problem_kind").choices(), narrow="kind"),
        ChoiceFilter(key="severity", label="程度", choices=ProblemSeverity.choices, narrow="severity", more=True),
        ChoiceFilter(key="source", label="发现途径", choices=ProblemSource.choices, narrow="source", more=True),
        DateRangeFilter(key="found", label="发现日期", field="found_on", more=True),
    )
    search_fields = ("number", "facts", "order__number")
    search_hint = "问题编号、事实、整改文号"
    ordering = ("-found_on", "-pk")
    export_permission = "reports.export"
    template = "supervision/problems.html"
    empty_title = "没有登记的问题"
    empty_text = "监督检查、监测预警、举报反映发现的问题登记在这里，整改核查后销号。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Names and words, in one query."""
        names = names_on({row.organization_id for row in rows}, self.request.as_of)
        for row in rows:
            row.unit_name = names.get(row.organization_id, "")
            row.kind_label = kind_label(row.kind)
            row.state_word = state_word(row, self.request.today)
        return rows


def state_word(problem: Problem, day: Any) -> str:
    """Where a problem stands; 整改逾期 when its unit is late."""
    if problem.order is not None and problem.state == ProblemState.RECTIFYING:
        return order_state_on(problem.order, day)
    return problem.get_state_display()


@page("supervision.view")
@require_safe
def problems(request: PageRequest) -> HttpResponseBase:
    """The ledger."""
    return ProblemList(request, Problem.objects.visible_to(request.user).select_related("order")).respond()


@page("supervision.view")
@require_safe
def problem(request: PageRequest, pk: int) -> HttpResponse:
    """One problem: the facts, the rectification, what may be done."""
    rows = Problem.objects.select_related("order", "inspection", "instance")
    found = get_visible_or_404(rows, request.user, pk)
    steps = list(found.order.steps.order_by("-pk")) if found.order else []
    context = {
        "problem": found,
        "state": state_word(found, request.today),
        "facts": _facts(request, found),
        "steps": steps,
        "is_open": found.state == ProblemState.OPEN,
        "is_unsettled": found.state in UNSETTLED,
    }
    return render(request, "supervision/problem.html", context)


def _facts(request: PageRequest, problem: Problem) -> list[tuple[Any, ...]]:
    names = names_on([problem.organization_id], request.as_of)
    order, check = problem.order, problem.inspection
    return [
        ("单位", names.get(problem.organization_id, ""), unit_url(problem)),
        ("问题类别", kind_label(problem.kind)),
        ("严重程度", problem.get_severity_display()),
        ("发现途径", problem.get_source_display()),
        ("发现日期", str(problem.found_on)),
        ("限制新申请", "销号前不受理（R13）" if problem.locks_unit else "不限制"),
        *([("检查记录", check.label, inspection_url(check))] if check else []),
        *([("所涉办件", problem.instance.title, case_url(problem.instance, request.user))] if problem.instance else []),
        ("整改通知书", order.number, order_url(order)) if order else ("整改通知书", "未签发"),
        *([("整改期限", str(order.due_on))] if order else []),
        *([("销号日期", str(problem.closed_on))] if problem.closed_on else []),
        *([("撤销登记原因", problem.void_reason)] if problem.void_reason else []),
    ]


@page("supervision.manage")
@require_http_methods(["GET", "POST"])
@at_present
def new_problem(request: PageRequest) -> HttpResponse:
    """Register a problem."""
    initial = {"found_on": request.today, "unit": key_in(request.GET.get("unit", ""))}
    form = ProblemForm(request.POST or None, user=request.user, initial=initial)

    def act() -> Problem:
        return open_problem(
            actor=request.user,
            today=request.today,
            organization_id=form.cleaned_data["unit"].pk,
            finding=form.finding(),
            source=ProblemSource(form.cleaned_data["source"]),
        )

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda found: Done(problem_url(found), f"已登记问题 {found.number}。"),
        title="登记问题",
        submit="登记问题",
        back=reverse("supervision:problems"),
        context={"area": AREA, "crumb": ("问题台账", reverse("supervision:problems")), "no_check": True},
    ).respond()


@page("supervision.manage")
@require_POST
def lock(request: PageRequest, pk: int) -> HttpResponse:
    """Say whether new applications of the unit wait for the problem; the opposite of what holds now."""
    found = get_object_or_404(Problem, pk=pk)
    locks = not found.locks_unit
    try:
        change_lock(actor=request.user, problem_id=found.pk, locks_unit=locks, reason=typed(request, "reason"))
    except Refused as refusal:
        return redirect_with_notice(request, problem_url(found), str(refusal), level="error")
    return redirect_with_notice(request, problem_url(found), _told_of_lock(found, request.today, locks=locks))


def _told_of_lock(problem: Problem, day: date, *, locks: bool) -> str:
    if locks:
        return f"已限制该单位新的申请（{problem.number}）。"
    remaining = remaining_locks(problem.organization_id, day)
    if remaining:
        return f"{problem.number} 不再限制该单位新的申请；{remaining}。"
    return f"已解除对该单位新申请的限制（{problem.number}）。"


@page("supervision.manage")
@require_POST
def void(request: PageRequest, pk: int) -> HttpResponse:
    """Take a mistaken entry back."""
    found = get_object_or_404(Problem, pk=pk)
    try:
        void_problem(actor=request.user, problem_id=found.pk, reason=typed(request, "reason"))
    except Refused as refusal:
        return redirect_with_notice(request, problem_url(found), str(refusal), level="error")
    return redirect_with_notice(request, problem_url(found), f"问题 {found.number} 的登记已撤销。")
