"""工作台: figures, trend, use by type, over and under, ages, activity; tasks and warnings at the side."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.accounts.web.changes import waiting_count
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.context import Shell
from bianzhi.disclosure.web.requests import waiting_count as exports_waiting
from bianzhi.exchange.selectors.findings import assigned_to
from bianzhi.office.selectors.notices import still_to_read
from bianzhi.reports.definitions.links import Links
from bianzhi.reports.models import StandingWarning
from bianzhi.reports.selectors.activity import Act, latest
from bianzhi.reports.selectors.overview import TREND_MONTHS, overview
from bianzhi.reports.selectors.tasks import tasks
from bianzhi.reports.selectors.units import Units
from bianzhi.reports.web import charts
from bianzhi.reports.web.kpis import kpis
from bianzhi.reports.web.scope import scope_label, scope_of, scope_today
from bianzhi.reports.web.tasks import change_lines, export_lines, finding_lines, flow_lines, register_lines
from bianzhi.reports.web.warnings import TONES, subject_url
from bianzhi.workflow.selectors.inbox import todo_count

TASKS_SHOWN, WARNINGS_SHOWN, NOTICES_SHOWN, ACTS_SHOWN = 8, 6, 5, 8
MOST_NOTICES = 99


@page("workbench.view")
@require_safe
def workbench(request: PageRequest) -> HttpResponse:
    """The start page of everybody: the user's own units, or the whole district; each panel asks its own permission."""
    context: dict[str, Any] = {"has_figures": request.user.can("reports.view")}
    if context["has_figures"]:
        context |= _figures(request)
    context |= _tasks(request, context.get("units"))
    context |= _notices(request) if request.user.can("notices.view") else {"notices": None}
    if request.user.can("warnings.view"):
        context |= _warnings(request)
    return render(request, "reports/workbench.html", context)


def _figures(request: PageRequest) -> dict[str, Any]:
    scope, links = scope_of(request), Links(request.as_of, request.today)
    months = _months(request)
    found = overview(scope, request.as_of, months=months)
    with_names = request.user.can("personnel.view")
    acts = latest(scope, request.as_of, found.units, limit=ACTS_SHOWN, with_names=with_names) if with_names else []
    return {
        "units": found.units,
        "scope_name": scope_label(scope, found.units, Shell(request).tenant),
        "kpis": kpis(found, links),
        "trend": charts.trend(found),
        "trend_choices": [(f"{each // 12} 年", str(each), each == months) for each in TREND_MONTHS],
        "months": months,
        "share": charts.share(found),
        "share_height": 26 * max(3, len(found.quotas.types())) + 10,
        "diverging": charts.diverging(found) if len(found.rows) > 1 else None,
        "by_type": list(charts.by_type(found, links)) if len(found.rows) <= 1 else [],
        "ages": charts.ages(found),
        "acts": [(act, _act_url(act, links)) for act in acts],
        "over_url": links.report("t10"),
        "people_url": links.report("t01"),
    }


def _months(request: PageRequest) -> int:
    text = request.GET.get("months", "")
    return int(text) if text in {str(each) for each in TREND_MONTHS} else TREND_MONTHS[0]


def _act_url(act: Act, links: Links) -> str:
    if act.movement_id is not None:
        return links.movement(act.movement_id)
    return links.entry(act.entry_id) if act.entry_id is not None else ""


def _tasks(request: PageRequest, units: Units | None) -> dict[str, Any]:
    """Tasks of cases first, then differences to look into, then those of the register, as far as the user sees each."""
    links = Links(request.today, request.today)
    sees_register, handles = request.user.can("personnel.view"), request.user.can("matters.handle")
    shown = units if units is not None and units.day == request.today else None
    due = tasks(scope_today(request), request.today, shown or Units.on(request.today)) if sees_register else []
    waiting = todo_count(request.user, request.today) if handles else 0
    flow = flow_lines(request, TASKS_SHOWN) if handles else []
    asked = request.user.can("exchange.findings")
    differences = finding_lines(request, TASKS_SHOWN) if asked else []
    confirms = request.user.can("accounts.confirm")
    second = change_lines(request, TASKS_SHOWN) if confirms else []
    leaving = export_lines(request, TASKS_SHOWN) if request.user.can("exports.approve") else []
    return {
        "has_tasks": sees_register or handles or asked or confirms,
        "lines": [*second, *leaving, *flow, *differences, *register_lines(due[:TASKS_SHOWN], links)][:TASKS_SHOWN],
        "task_count": waiting
        + (waiting_count(request.user) if second else 0)
        + (exports_waiting(request.user) if leaving else 0)
        + (assigned_to(request.user).count() if differences else 0)
        + len(due),
        "due_count": len(due),
    }


def _notices(request: PageRequest) -> dict[str, Any]:
    found = list(still_to_read(request.user)[: MOST_NOTICES + 1])
    more = len(found) > MOST_NOTICES
    return {
        "notices": found[:NOTICES_SHOWN],
        "notice_count": f"{MOST_NOTICES}+" if more else len(found),
    }


def _warnings(request: PageRequest) -> dict[str, Any]:
    links = Links(request.as_of, request.today)
    standing = StandingWarning.objects.visible_to(request.user).standing_on(request.as_of)
    shown = list(standing.most_pressing_first()[:WARNINGS_SHOWN])
    return {
        "warnings": [(warning, TONES[warning.level], subject_url(warning, links)) for warning in shown],
        "warning_count": standing.count(),
    }
