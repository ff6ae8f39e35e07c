"""How a button of a case page is answered: done once, and where it is refused, what was typed is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from bianzhi.common.web import once
from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import FlowInstance, FlowTask
from bianzhi.workflow.web.dressing import url_of
from bianzhi.workflow.web.forms import OpinionForm
from bianzhi.workflow.web.panel import turn_of

AGAIN: Final = "这一步已经办过，没有重复办理。"
BUSY: Final = Objection("L2", "这份表单正在办理中。", next_step="请稍候刷新页面，查看办理结果。")
BAR: Final = "workflow/decision_bar.html"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: the form, and the key under which it is done once."""

    request: PageRequest
    form: OpinionForm
    key: str

    @property
    def who(self) -> dict[str, Any]:
        """The arguments every service of the engine takes."""
        return {"actor": self.request.user, "today": self.request.today}


Perform = Callable[[Sent], str]
"""Does the act and says in a sentence what was done; raises Refused."""


def answer(
    request: PageRequest,
    instance: FlowInstance,
    perform: Perform,
    task: FlowTask | None = None,
    *,
    is_keyed: bool = False,
) -> HttpResponse:
    """Do an act of a case once: to the case with a notice, or the form again with the reasons (422).

    An act the engine itself answers by its key (`is_keyed`) may be sent while its first sending is at work: it waits.
    """
    form = OpinionForm(request.POST, user=request.user)
    token = request.POST.get("token", "")[:40]
    back = case_url(instance)
    if once.done_at(request, token):
        return redirect_with_notice(request, back, AGAIN, level="info")
    if not form.is_valid():
        return refused(request, form, instance, task)
    if not is_keyed and not once.claim(request, token):
        form.add_objections([BUSY])
        return refused(request, form, instance, task)
    try:
        notice = perform(Sent(request, form, token))
    except Refused as refusal:
        once.release(request, token)
        form.add_objections(refusal)
        return refused(request, form, instance, task)
    except BaseException:
        once.release(request, token)
        raise
    once.remember(request, token, back)
    return redirect_with_notice(request, back, notice)


def case_url(instance: FlowInstance) -> str:
    """The page of a case: its subject's, else what people said about it."""
    return url_of(instance) or reverse("workflow:opinions", args=[instance.pk])


def refused(request: PageRequest, form: OpinionForm, instance: FlowInstance, task: FlowTask | None) -> HttpResponse:
    """The bar with the reasons and everything typed; a page of its own where scripts do not run."""
    fresh = FlowTask.objects.select_related("instance__version__definition", "token", "assignee")
    task = fresh.get(pk=task.pk) if task is not None else None
    turn = turn_of(request, task, form) if task is not None else None
    context = {"turn": turn, "form": form, "instance": instance, "back": case_url(instance)}
    template = BAR if request.htmx else "workflow/refused.html"
    return render(request, template, context, status=422)
