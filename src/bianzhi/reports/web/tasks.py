"""待我处理: flow tasks first, then what the register itself asks for; and the page of the latter."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.accounts.models import AccountChange
from bianzhi.accounts.web.changes import change_url
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.tones import Tone
from bianzhi.disclosure.models import ExportRequest
from bianzhi.disclosure.web.requests import request_url
from bianzhi.exchange.selectors.findings import assigned_to
from bianzhi.exchange.web.links import finding_url
from bianzhi.exchange.web.words import kind_label
from bianzhi.reports.definitions.links import Links
from bianzhi.reports.selectors.tasks import Task, clock_words, tasks
from bianzhi.reports.selectors.units import Units
from bianzhi.reports.web.scope import scope_today
from bianzhi.workflow.selectors import inbox
from bianzhi.workflow.web.dressing import dress_tasks

SOON: Final = 7


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list, wherever it comes from."""

    kind: str
    tone: Tone
    title: str
    note: str
    when: str
    url: str
    is_late: bool = False


def task_url(task: Task, links: Links) -> str:
    """Where the task is done: at the approval or at the person."""
    if task.approval_id is not None:
        return links.approval(task.approval_id)
    return links.person(task.person_id) if task.person_id is not None else links.unit(task.organization_id)


def register_lines(found: Iterable[Task], links: Links) -> list[Line]:
    """Tasks of the register: exits, retirements, approvals running out."""
    return [
        Line(task.kind, _tone(task), task.title, task.note, task.when, task_url(task, links), task.is_late)
        for task in found
    ]


def _tone(task: Task) -> Tone:
    if task.is_late:
        return Tone.BAD
    return Tone.WARN if task.days_left <= SOON else Tone.INFO


def flow_lines(request: PageRequest, limit: int) -> list[Line]:
    """The most pressing tasks of cases that wait for the user; a number of queries that does not depend on theirs."""
    rows = list(inbox.todo(request.user, request.today)[:limit])
    return [_flow_line(row) for row in dress_tasks(rows, request.today)] if rows else []


def _flow_line(row: Any) -> Line:
    note = " · ".join(part for part in (row.node_name, row.unit_name) if part)
    late = row.left is not None and row.left.tone == Tone.BAD
    tone = Tone(row.left.tone) if row.left is not None and row.left.tone != Tone.NEUTRAL else Tone.INFO
    return Line("办件", tone, row.instance.title, note, row.left.words if row.left else "", row.url, late)


def finding_lines(request: PageRequest, limit: int) -> list[Line]:
    """Differences the user was asked to look into; one query."""
    lines = []
    for row in assigned_to(request.user)[:limit]:
        left = ((row.due_on or request.today) - request.today).days
        tone = Tone.BAD if left < 0 else Tone.WARN if left <= SOON else Tone.INFO
        title = f"{row.person_name or row.unit} {kind_label(row.kind)}"
        lines.append(Line("差异核实", tone, title, row.unit, clock_words(left), finding_url(row), left < 0))
    return lines


def change_lines(request: PageRequest, limit: int) -> list[Line]:
    """Changes of accounts that wait for the user as the second person; one query."""
    waiting = AccountChange.objects.waiting_for(request.user).select_related("account").order_by("pk")
    return [
        Line(
            "账号复核",
            Tone.WARN,
            f"{row.account.display_name} {row.summary()}",
            f"{row.proposer_name}提出",
            "已生效，事后复核" if row.is_urgent else "",
            change_url(row),
        )
        for row in waiting[:limit]
    ]


def export_lines(request: PageRequest, limit: int) -> list[Line]:
    """Requests for exports that wait for the user's decision; one query."""
    waiting = ExportRequest.objects.waiting_for(request.user).select_related("requested_by").order_by("pk")
    return [
        Line(
            "导出审批",
            Tone.WARN,
            f"{row.title}（{row.rows} 条）",
            f"{row.requested_by.display_name} · {row.purpose}",
            "",
            request_url(row),
        )
        for row in waiting[:limit]
    ]


@page("personnel.view")
@require_safe
def task_list(request: PageRequest) -> HttpResponse:
    """What the register asks for, the most pressing first; as of today, whatever day other pages show."""
    links = Links(request.today, request.today)
    found = tasks(scope_today(request), request.today, Units.on(request.today))
    return render(request, "reports/tasks.html", {"lines": register_lines(found, links)})
