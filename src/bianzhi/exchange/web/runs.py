"""数据核对: runs of the comparison, how one is started, and what one did with which inputs in which time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common import jobs
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, ListPage
from bianzhi.common.web.lists.filters import Filter
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.exchange.models import ChangeKind, Delivery, Run, RunState, Source
from bianzhi.exchange.rules.periods import month_before
from bianzhi.exchange.selectors.freshness import SourceMonth, freshness
from bianzhi.exchange.selectors.runs import counts_for, runs_for, sees_whole, stages
from bianzhi.exchange.services.runs import cancel_run, resume_run, start_run
from bianzhi.exchange.web import words
from bianzhi.exchange.web.forms import RunForm
from bianzhi.exchange.web.linking import rule_label
from bianzhi.exchange.web.links import AREA, changes_url, delivery_url, findings_url, run_url
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.reconciliation.sources import DEPARTMENTS

MONTHS_OFFERED = 6
CHANGES: Mapping[str, str] = {kind.value: str(kind.label) for kind in ChangeKind}
LANES = {"auto": "自动关联", "review": "待人工判断", "reject": "不关联"}
FINDING_LANES = {"accuse": "认定（须两人）", "review": "核实"}


class RunList(ListPage):
    """Runs, the newest first."""

    key = "exchange.runs"
    title = "数据核对"
    noun = "次"
    columns: ClassVar[Sequence[Column]] = (
        Column("run", "核对", str, link=run_url, order="pk", width=24),
        Column("period", "月份", kind="month", order="period"),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("records", "记录", lambda row: total(row.told.get("records")), kind="number"),
        Column("findings", "差异", lambda row: total(row.told.get("kinds")), kind="number"),
        Column("events", "变动", lambda row: total(row.told.get("events")), kind="number"),
        Column("seconds", "用时（秒）", lambda row: seconds(row.stages), kind="number"),
        Column("started_by", "提出人", lambda row: row.started_by.display_name if row.started_by else "系统"),
        Column("created_at", "提出时间", kind="moment", order="created_at"),
        Column("finished_at", "完成时间", kind="moment", order="finished_at", shown=False),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="state", label="状态", choices=RunState.choices, narrow="state"),
    )
    search_fields = ("period",)
    search_hint = "月份，如 2026-10"
    ordering = ("-pk",)
    template = "exchange/runs.html"
    empty_title = "还没有核对过"
    empty_text = "各部门报送当月名册后，在这里开始核对。"

    def prepare(self, rows: list[Any]) -> list[Any]:
        """Each run with what it counted as far as the reader may see it."""
        told = counts_for(self.request.user, rows)
        for row in rows:
            row.told = told[row.pk]
        return rows


def total(counts: Mapping[str, Any] | None) -> int | None:
    """The sum of counts; None where a run has none yet."""
    return sum(int(number) for number in counts.values()) if counts else None


def seconds(stages: Sequence[Mapping[str, Any]]) -> float | None:
    """How long the stages took, in seconds with one decimal."""
    return round(sum(float(stage.get("seconds") or 0) for stage in stages), 1) if stages else None


@page("exchange.view")
@require_safe
def runs(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return RunList(request, runs_for(request.user)).respond()


def periods_offered(today: date) -> list[str]:
    """The month that is usually compared first, then this one and those before."""
    usual = month_before(today)
    months = [f"{today:%Y-%m}", usual]
    while len(months) < MONTHS_OFFERED:
        year, month = (int(part) for part in months[-1].split("-"))
        months.append(f"{year}-{month - 1:02d}" if month > 1 else f"{year - 1}-12")
    return [usual, months[0], *months[2:]]


@page("exchange.run")
@require_http_methods(["GET", "POST"])
@at_present
def new_run(request: PageRequest) -> HttpResponse:
    """Start a comparison; what each department has delivered for each month stands beside."""
    periods = periods_offered(request.today)
    form = RunForm(request.POST or None, user=request.user, periods=periods, initial=_initial(request, periods))

    def act() -> Run:
        told = form.cleaned_data
        return start_run(
            actor=request.user, period=told["period"], today=request.today, allow_missing=told["allow_missing"]
        )

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda run: Done(run_url(run), f"已开始核对 {run.period}。"),
        title="开始核对",
        submit="开始核对",
        back=reverse("exchange:runs"),
        lead="核对在后台进行，可以离开本页。同一时间只能有一次核对。",
        context={
            "area": AREA,
            "crumb": ("数据核对", reverse("exchange:runs")),
            "above": "exchange/run_readiness.html",
            "periods": _readiness(request, periods),
            "departments": [label for _, label in DEPARTMENTS],
        },
    ).respond()


def _initial(request: PageRequest, periods: Sequence[str]) -> dict[str, Any]:
    asked = request.GET.get("period", "")
    return {"period": asked if asked in periods else periods[0]}


def _readiness(
    request: PageRequest, periods: Sequence[str]
) -> list[tuple[str, list[list[tuple[Source, SourceMonth]]]]]:
    """(month, the sources of each department as they stand): what is there to compare and what is missing."""
    lines = freshness(request.user, request.today, periods)
    return [
        (
            period,
            [
                [(source, cells[place]) for source, cells in lines if source.department == code]
                for code, _ in DEPARTMENTS
            ],
        )
        for place, period in enumerate(periods)
    ]


@page("exchange.view")
@require_safe
def run(request: PageRequest, pk: int) -> HttpResponse:
    """One run: how far it is, or what it did: stages, inputs, rules, versions, counts."""
    found = get_object_or_404(runs_for(request.user), pk=pk)
    is_open = found.state in (RunState.WAITING, RunState.RUNNING)
    may_run = request.user.can("exchange.run")
    context = {
        "run": found,
        "sees_whole": sees_whole(request.user),
        "job": jobs.latest(found.job) if found.job else None,
        "is_open": is_open,
        "may_cancel": is_open and may_run,
        "may_resume": found.state in (RunState.FAILED, RunState.CANCELLED) and may_run,
        "stages": stages(found),
        "stages_note": f"共 {seconds(found.stages)} 秒" if found.stages else "",
        "deliveries": _deliveries(request, found),
        "missing": _missing(found),
        "versions": sorted(found.inputs.get("versions", {}).items()),
        "pairs": _pairs(found),
        "groups": _counts(found.period, counts_for(request.user, [found])[found.pk]),
    }
    return render(request, "exchange/run.html", context)


def _deliveries(request: PageRequest, run: Run) -> list[tuple[Delivery, str]]:
    """The files of the reader's departments, each with its address."""
    rows = Delivery.objects.visible_to(request.user).filter(runs=run).select_related("source")
    return [(each, delivery_url(each)) for each in rows.order_by("source", "part")]


def _missing(run: Run) -> list[str]:
    """Departments the run went without."""
    there = run.inputs.get("departments", [])
    return [label for code, label in DEPARTMENTS if code not in there]


def _pairs(run: Run) -> list[tuple[Any, ...]]:
    return [
        ("月份", run.period),
        ("提出人", run.started_by.display_name if run.started_by else "系统（按月自动）"),
        ("提出时间", _moment(run.created_at)),
        ("完成时间", _moment(run.finished_at)),
        ("与之比较的上次核对", str(run.previous), run_url(run.previous)) if run.previous else ("上次核对", "没有"),
        ("计算引擎", run.engine),
    ]


def _moment(at: datetime | None) -> str:
    return localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def _counts(period: str, counts: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, int, str]]]]:
    """(heading, (label, number, address) of each line) of what a run counted; headings without lines are left out."""
    found = [
        (
            heading,
            [(counted.label(key), number, counted.url(key, period)) for key, number in _items(counts, counted.name)],
        )
        for heading, counted in COUNTED.items()
    ]
    return [(heading, lines) for heading, lines in found if lines]


def _items(counts: Mapping[str, Any], name: str) -> list[tuple[str, int]]:
    """The counts under a name, the largest first."""
    found = counts.get(name) or {}
    return sorted(((key, int(number)) for key, number in found.items()), key=lambda pair: (-pair[1], pair[0]))


def _nowhere(key: str, period: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Counted:
    """One kind of counts of a run: its name there, what its keys are called, and where their rows are."""

    name: str
    label: Callable[[str], str]
    url: Callable[[str, str], str] = _nowhere


COUNTED: Mapping[str, Counted] = {
    "各部门记录": Counted("records", lambda code: words.DEPARTMENT_NAMES.get(code, code)),
    "人员关联": Counted("links", lambda lane: LANES.get(lane, lane)),
    "差异": Counted("kinds", words.kind_label, lambda kind, period: findings_url(kind=kind, period=period)),
    "差异的处理": Counted(
        "lanes", lambda lane: FINDING_LANES.get(lane, lane), lambda lane, period: findings_url(lane=lane, period=period)
    ),
    "变动": Counted(
        "events", lambda kind: CHANGES.get(kind, kind), lambda kind, period: changes_url(kind=kind, period=period)
    ),
    "关联所据规则": Counted("rules", rule_label),
}


@page("exchange.run")
@require_POST
def cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Stop a run that waits or works."""
    found = get_object_or_404(runs_for(request.user), pk=pk)
    try:
        cancel_run(actor=request.user, run_id=found.pk)
    except Refused as refusal:
        return redirect_with_notice(request, run_url(found), str(refusal), level="error")
    return redirect_with_notice(request, run_url(found), "已取消核对，没有写入任何结果；可以继续。")


@page("exchange.run")
@require_POST
def resume(request: PageRequest, pk: int) -> HttpResponse:
    """Take a run up again where it stopped."""
    found = get_object_or_404(runs_for(request.user), pk=pk)
    try:
        resume_run(actor=request.user, run_id=found.pk)
    except Refused as refusal:
        return redirect_with_notice(request, run_url(found), str(refusal), level="error")
    return redirect_with_notice(request, run_url(found), "已继续核对，做完的阶段不再重算。")
