"""数据共享总览: who has delivered this month, what the last run found, what waits for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.exchange.models import AliasState, ChangeState, FindingState, ReviewState, Run, RunState
from bianzhi.exchange.rules.periods import month_before
from bianzhi.exchange.selectors.aliases import aliases_for
from bianzhi.exchange.selectors.board import Board, board
from bianzhi.exchange.selectors.changes import changes_for
from bianzhi.exchange.selectors.freshness import freshness
from bianzhi.exchange.selectors.reviews import reviews_for
from bianzhi.exchange.selectors.runs import counts_for, runs_for
from bianzhi.exchange.web import charts, words
from bianzhi.exchange.web.links import aliases_url, changes_url, findings_url, reviews_url, run_url
from bianzhi.exchange.web.runs import total
from bianzhi.reconciliation.sources import DEPARTMENTS


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure, leading to the rows it counts."""

    label: str
    value: int
    unit: str
    url: str
    left: str
    right: str
    tone: str = ""


@page("exchange.view")
@require_safe
def overview(request: PageRequest) -> HttpResponse:
    """The month that is compared now: the one before today's."""
    period = month_before(request.today)
    found = board(request.user, request.today)
    counts = found.by_kind_and_department
    picture = charts.by_kind(counts)
    runs = runs_for(request.user)
    context = {
        "period": period,
        "lines": [(source, cells[0]) for source, cells in freshness(request.user, request.today, [period])],
        "figures": _figures(request, found),
        "last": (last := runs.filter(state=RunState.DONE).first()),
        "last_facts": _last_facts(request, last),
        "current": runs.filter(state__in=(RunState.WAITING, RunState.RUNNING)).first(),
        "picture": picture,
        "picture_height": charts.height_of(picture),
        "matrix": _matrix(counts),
        "departments": DEPARTMENTS,
        "sums": [_sum(counts, code) for code, _ in DEPARTMENTS],
        "ages": charts.ages(found.by_age),
        "age_lines": [
            (label, found.by_age[first], findings_url(age=band, state="unsettled"))
            for band, (label, first, _) in words.AGES.items()
        ],
    }
    return render(request, "exchange/overview.html", context)


def _figures(request: PageRequest, found: Board) -> list[Figure]:
    """Findings, those that wait for a second person, pairs, names of units, changes."""
    user = request.user
    states = found.by_state
    pairs, aliases, changes = reviews_for(user), aliases_for(user), changes_for(user)
    open_ = states.get(FindingState.OPEN, 0)
    candidates = changes.filter(state=ChangeState.CANDIDATE).count()
    waiting = changes.filter(state=ChangeState.WAITING).count()
    proposed = states.get(FindingState.PROPOSED, 0)
    return [
        Figure(
            "未了结差异", found.total, "项", findings_url(state="unsettled"),
            f"待核 {open_:,}", f"核实中 {states.get(FindingState.ASSIGNED, 0):,}",
        ),
        Figure(
            "待复核", proposed, "项", findings_url(state="proposed"),
            f"已认定 {states.get(FindingState.CONFIRMED, 0):,}", f"已消除 {states.get(FindingState.CLOSED, 0):,}",
        ),
        Figure(
            "疑似同一人", pairs.filter(state=ReviewState.OPEN).count(), "对", reviews_url(state="open"),
            "待判断", f"已判断 {pairs.filter(state__in=(ReviewState.SAME, ReviewState.DIFFERENT)).count():,}",
        ),
        Figure(
            "单位别名", aliases.filter(state=AliasState.PROPOSED).count(), "条", aliases_url(state="proposed"),
            "待确认", f"已确认 {aliases.filter(state=AliasState.APPROVED).count():,}",
        ),
        Figure(
            "变动待登记", candidates, "项", changes_url(state="candidate"), f"待核 {waiting:,}",
            f"办理中 {changes.filter(state=ChangeState.CASE).count():,}",
        ),
    ]  # fmt: skip


def _last_facts(request: PageRequest, last: Run | None) -> list[tuple[Any, ...]]:
    if last is None:
        return []
    counts = counts_for(request.user, [last])[last.pk]
    at = localtime(last.finished_at).strftime("%Y-%m-%d %H:%M") if last.finished_at else "—"
    return [
        ("核对", str(last), run_url(last)),
        ("完成时间", at),
        ("比较的记录", f"{total(counts.get('records')) or 0:,} 行"),
        ("发现差异", f"{total(counts.get('kinds')) or 0:,} 项", findings_url(period=last.period)),
        ("识别变动", f"{total(counts.get('events')) or 0:,} 项", changes_url(period=last.period)),
    ]


def _matrix(counts: Mapping[tuple[str, str], int]) -> list[tuple[str, list[tuple[int, str]], int, str]]:
    """(class, (number, address) of each department, sum, address) of every class that occurs."""
    found = []
    for kind in charts.kinds_of(counts):
        cells = [
            (counts.get((kind, code), 0), findings_url(kind=kind, owner=code, state="unsettled"))
            for code, _ in DEPARTMENTS
        ]
        total_url = findings_url(kind=kind, state="unsettled")
        found.append((words.kind_label(kind), cells, sum(number for number, _ in cells), total_url))
    return found


def _sum(counts: Mapping[tuple[str, str], int], owner: str) -> tuple[int, str]:
    number = sum(value for (_, code), value in counts.items() if code == owner)
    return number, findings_url(owner=owner, state="unsettled")
