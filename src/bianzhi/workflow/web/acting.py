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
from bianzhi.kernel.characters import sound
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import FlowInstance, FlowTask
from bianzhi.workflow.services.copying import copy_to
from bianzhi.workflow.web.dressing import url_of
from bianzhi.workflow.web.forms import OpinionForm
from bianzhi.workflow.web.panel import turn_of

AGAIN: Final = "这一步已经办过，没有重复办理。"
BUSY: Final = Objection("L2", "这份表单正在办理中。", next_step="请稍候刷新页面，查看办理结果。")
NO_PAPER: Final = Objection(
    "L4", "手写签批件只随表态或退回的意见提交，这项操作不带附件。", next_step="请去掉所选文件，或先表态。"
)
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

    @property
    def words(self) -> dict[str, Any]:
        """Those, and what was written."""
        return {**self.who, "text": self.form.opinion}

    @property
    def signed(self) -> dict[str, Any]:
        """The same for acts that bear a name: for whom a delegate of several does it."""
        return {**self.words, "on_behalf_of": self.form.cleaned_data["on_behalf_of"]}


Perform = Callable[[Sent], str]
"""Does the act and says in a sentence what was done; raises Refused."""


def answer(
    request: PageRequest,
    instance: FlowInstance,
    perform: Perform,
    task: FlowTask | None = None,
    *,
    is_keyed: bool = False,
    takes_paper: bool = False,
) -> HttpResponse:
    """Do an act of a case once: to the case with a notice, or the form again with the reasons (422).

    An act the engine itself answers by its key (`is_keyed`) may be sent while its first sending is at work: it waits.
    A scan sent with an act that keeps none is refused rather than lost.
    """
    form = OpinionForm(request.POST, request.FILES, user=request.user)
    token = sound(request.POST.get("token", ""))[:40]
    back = case_url(instance)
    if once.done_at(request, token):
        return redirect_with_notice(request, back, AGAIN, level="info")
    if not form.is_valid():
        return refused(request, form, instance, task)
    if request.FILES and not takes_paper:
        form.add_objections([NO_PAPER])
        return refused(request, form, instance, task)
    if not is_keyed and not once.claim(request, token):
        form.add_objections([BUSY])
        return refused(request, form, instance, task)
    with once.acting(request, token) as led_to:
        try:
            notice = perform(Sent(request, form, token))
        except Refused as refusal:
            form.add_objections(refusal)
            return refused(request, form, instance, task)
        led_to(back)
    return redirect_with_notice(request, back, notice)


def send_copies(instance: FlowInstance, sent: Sent) -> str:
    """抄送 the case, from a task or from the case itself."""
    people = sent.form.cleaned_data["copies"]
    copy_to(instance_id=instance.pk, user_ids=[each.pk for each in people], **sent.words)
    return f"已抄送{'、'.join(each.display_name for each in people)}。"


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
