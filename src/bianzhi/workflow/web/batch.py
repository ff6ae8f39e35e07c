"""批量办理: one opinion for several tasks, each case in a transaction of its own; the answer says what came of each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lookups import key_in
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.characters import sound
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import FlowTask
from bianzhi.workflow.selectors import inbox
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.services.copying import mark_read
from bianzhi.workflow.services.deciding import decide
from bianzhi.workflow.services.urging import urge
from bianzhi.workflow.web.dressing import dress_tasks
from bianzhi.workflow.web.forms import OpinionForm
from bianzhi.workflow.web.inbox import HANDLE
from bianzhi.workflow.web.phrases import phrases
from bianzhi.workflow.web.reach import may_see

MOST: Final = 100
NOTHING: Final = "没有选择待办，或所选事项已经办过。"
NOTHING_LATE: Final = "没有选择事项，或所选事项已经办过。"
NOTHING_TO_READ: Final = "没有选择待阅，或所选事项已经阅过。"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one task."""

    task: Any
    words: str = ""
    objections: tuple[Objection, ...] = ()


@page(HANDLE)
@require_POST
def agree(request: PageRequest) -> HttpResponse:
    """First the tasks chosen and one opinion for all of them; then, confirmed, each is decided."""
    is_confirmed = "go" in request.POST
    form = OpinionForm(request.POST if is_confirmed else None, user=request.user)
    if is_confirmed and form.is_valid():
        results = [_try(partial(_agree, request, form.opinion), task) for task in _seen(request)]
        return _results(request, "批量同意", results, "workflow:todo")
    tasks = _chosen(request, inbox.todo(request.user, request.today))
    if not tasks:
        return redirect_with_notice(request, reverse("workflow:todo"), NOTHING, level="warning")
    context = {"tasks": dress_tasks(tasks, request.today), "form": form, "phrases": phrases(request.user)}
    return render(request, "workflow/batch.html", context, status=422 if is_confirmed else 200)


def _agree(request: PageRequest, text: str, task: FlowTask) -> str:
    key = f"{sound(request.POST.get('token', ''))[:32]}-{task.pk}"[:40]
    decision = decide(
        actor=request.user, task_id=task.pk, verdict="agree", text=text, today=request.today, request_key=key
    )
    if decision.repeated:
        return "已经办过，没有重复办理"
    word = process_of(decision.instance.version).node(task.node_id).agree_word
    return "已同意" if word == "同意" else f"已办理：{word}"


@page(HANDLE)
@require_POST
def read(request: PageRequest) -> HttpResponse:
    """Copies are marked as read at once: nothing is decided by it."""
    tasks = _chosen(request, inbox.to_read(request.user, request.today))
    if not tasks:
        return redirect_with_notice(request, reverse("workflow:to_read"), NOTHING_TO_READ, level="warning")

    def act(task: FlowTask) -> str:
        mark_read(actor=request.user, task_id=task.pk, today=request.today)
        return "已阅"

    results = [_try(act, task) for task in tasks]
    if all(result.words for result in results):
        return redirect_with_notice(request, reverse("workflow:to_read"), f"已阅 {len(results)} 件。")
    return _results(request, "批量已阅", results, "workflow:to_read")


@page(HANDLE)
@require_POST
def urge_late(request: PageRequest) -> HttpResponse:
    """Whoever has the late tasks is reminded at once; those reminded lately are named."""
    tasks = _chosen(request, inbox.supervised(request.user, request.today))
    if not tasks:
        return redirect_with_notice(request, reverse("workflow:supervised"), NOTHING_LATE, level="warning")

    def act(task: FlowTask) -> str:
        urge(actor=request.user, task_id=task.pk, text="", today=request.today)
        return "已催办"

    return _results(request, "批量催办", [_try(act, task) for task in tasks], "workflow:supervised")


def _keys(request: PageRequest) -> list[int]:
    found = (key_in(value) for value in request.POST.getlist("selected")[:MOST])
    return list(dict.fromkeys(key for key in found if key is not None))


def _chosen(request: PageRequest, rows: Any) -> list[FlowTask]:
    """The ticked tasks that still wait for the user."""
    return list(rows.filter(pk__in=_keys(request)))


def _seen(request: PageRequest) -> list[FlowTask]:
    """The ticked tasks of cases the user has to do with, also those somebody has decided meanwhile."""
    rows = FlowTask.objects.filter(pk__in=_keys(request)).order_by("pk")
    rows = rows.select_related("instance__version__definition", "instance__initiator", "assignee")
    return [task for task in rows if may_see(request, task.instance)]


def _try(act: Callable[[FlowTask], str], task: FlowTask) -> Result:
    try:
        return Result(task, act(task))
    except Refused as refusal:
        return Result(task, "", refusal.objections)


def _results(request: PageRequest, title: str, results: Iterable[Result], back: str) -> HttpResponse:
    listed = list(results)
    dress_tasks([result.task for result in listed], request.today)
    context = {
        "title": title,
        "done": [result for result in listed if result.words],
        "refused": [result for result in listed if not result.words],
        "back": reverse(back),
    }
    return render(request, "workflow/batch_done.html", context)
