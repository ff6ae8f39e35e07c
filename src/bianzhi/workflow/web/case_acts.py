"""What the buttons of a whole case do: the applicant takes it back; the director ends, stops, resumes or moves it."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from bianzhi.common.web.access import PageRequest, page
from bianzhi.workflow.services import copying, interventions, withdrawing
from bianzhi.workflow.web.acting import Sent, answer
from bianzhi.workflow.web.inbox import VIEW
from bianzhi.workflow.web.reach import INTERVENE, case_or_404


@page(VIEW)
@require_POST
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """The applicant takes the case back."""
    instance = case_or_404(request, pk)

    def perform(sent: Sent) -> str:
        withdrawing.withdraw_case(instance_id=pk, text=sent.form.opinion, **sent.who)
        return "已撤回申请。"

    return answer(request, instance, perform)


@page(VIEW)
@require_POST
def copy(request: PageRequest, pk: int) -> HttpResponse:
    """抄送 a case one may see, without having a task of it."""
    instance = case_or_404(request, pk)

    def perform(sent: Sent) -> str:
        people = sent.form.cleaned_data["copies"]
        copying.copy_to(instance_id=pk, user_ids=[each.pk for each in people], text=sent.form.opinion, **sent.who)
        return f"已抄送{'、'.join(each.display_name for each in people)}。"

    return answer(request, instance, perform)


@page(INTERVENE)
@require_POST
def terminate(request: PageRequest, pk: int) -> HttpResponse:
    """终止."""
    instance = case_or_404(request, pk)

    def perform(sent: Sent) -> str:
        interventions.terminate(instance_id=pk, text=sent.form.opinion, **sent.who)
        return "已终止办理。"

    return answer(request, instance, perform)


@page(INTERVENE)
@require_POST
def suspend(request: PageRequest, pk: int) -> HttpResponse:
    """挂起."""
    instance = case_or_404(request, pk)

    def perform(sent: Sent) -> str:
        interventions.suspend(instance_id=pk, text=sent.form.opinion, **sent.who)
        return "已挂起，时限暂停计算。"

    return answer(request, instance, perform)


@page(INTERVENE)
@require_POST
def resume(request: PageRequest, pk: int) -> HttpResponse:
    """恢复."""
    instance = case_or_404(request, pk)

    def perform(sent: Sent) -> str:
        interventions.resume(instance_id=pk, text=sent.form.opinion, **sent.who)
        return "已恢复办理，时限继续计算。"

    return answer(request, instance, perform)


@page(INTERVENE)
@require_POST
def move(request: PageRequest, pk: int) -> HttpResponse:
    """调整环节: `branch` is where the case stands, `target` the step it goes to."""
    instance = case_or_404(request, pk)

    def perform(sent: Sent) -> str:
        node = sent.form.need("target", "没有选择调整到哪个环节。", "请先选择环节。")
        branch = sent.form.need("branch", "没有选择哪一个分支。", "请先选择正在办理的环节。")
        interventions.move_to(instance_id=pk, token_id=branch, node_id=node, text=sent.form.opinion, **sent.who)
        return "已调整环节。"

    return answer(request, instance, perform)
