"""What the buttons of a task do: 同意、退回、撤回、转办、加签、减签、抄送、领取、放回、回避、阅知、催办."""

from functools import partial

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from bianzhi.common.web.access import PageRequest, page
from bianzhi.workflow.models import FlowTask
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.services import (
    copying,
    deciding,
    interventions,
    reassigning,
    returning,
    signers,
    urging,
    withdrawing,
)
from bianzhi.workflow.web.acting import AGAIN, Sent, answer
from bianzhi.workflow.web.inbox import HANDLE, VIEW
from bianzhi.workflow.web.reach import INTERVENE, task_or_404

VERDICTS = {"agree": "已同意", "disagree": "已提出不同意", "submit": "已提交"}


@page(HANDLE)
@require_POST
def decide(request: PageRequest, pk: int) -> HttpResponse:
    """同意、不同意 or 提交."""
    task = task_or_404(request, pk)
    return answer(request, task.instance, partial(_decide, task), task, is_keyed=True)


def _decide(task: FlowTask, sent: Sent) -> str:
    verdict = sent.request.POST.get("verdict", "")
    decision = deciding.decide(
        task_id=task.pk, verdict=verdict, text=sent.form.opinion, request_key=sent.key, **sent.who
    )
    if decision.repeated:
        return AGAIN
    ended = "" if decision.instance.is_live else f"，办件{decision.instance.get_status_display()}"
    remarks = "".join(f"提醒：{remark}" for remark in decision.remarks)
    said = "submit" if _is_report(task) else verdict
    return f"{VERDICTS[said]}“{task.node_name}”{ended}。{remarks}"


def _is_report(task: FlowTask) -> bool:
    return process_of(task.instance.version).node(task.node_id).is_report


@page(HANDLE)
@require_POST
def send_back(request: PageRequest, pk: int) -> HttpResponse:
    """退回 to a step done before."""
    task = task_or_404(request, pk)
    return answer(request, task.instance, partial(_send_back, task), task, is_keyed=True)


def _send_back(task: FlowTask, sent: Sent) -> str:
    target = sent.form.need("target", "没有选择退回到哪个环节。", "请先选择退回的环节。")
    way = sent.form.cleaned_data["way"] or "step"
    returning.return_task(
        task_id=task.pk, to_node=target, way=way, text=sent.form.opinion, request_key=sent.key, **sent.who
    )
    return f"“{task.node_name}”已退回。"


@page(HANDLE)
@require_POST
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """撤回 one's own last opinion."""
    task = task_or_404(request, pk)

    def perform(sent: Sent) -> str:
        withdrawing.withdraw(task_id=pk, text=sent.form.opinion, **sent.who)
        return f"已撤回对“{task.node_name}”的办理，请重新办理。"

    return answer(request, task.instance, perform, task)


@page(HANDLE)
@require_POST
def claim(request: PageRequest, pk: int) -> HttpResponse:
    """领取 a task of one's post."""
    task = task_or_404(request, pk)

    def perform(sent: Sent) -> str:
        reassigning.claim(task_id=pk, **sent.who)
        return f"已领取“{task.node_name}”，由您办理。"

    return answer(request, task.instance, perform, task)


@page(HANDLE)
@require_POST
def release(request: PageRequest, pk: int) -> HttpResponse:
    """放回 a task for colleagues."""
    task = task_or_404(request, pk)

    def perform(sent: Sent) -> str:
        reassigning.release(task_id=pk, **sent.who)
        return f"已放回“{task.node_name}”，同岗位的人都可以办理。"

    return answer(request, task.instance, perform, task)


@page(HANDLE)
@require_POST
def transfer(request: PageRequest, pk: int) -> HttpResponse:
    """转办 to somebody else."""
    task = task_or_404(request, pk)

    def perform(sent: Sent) -> str:
        person = sent.form.need("person", "没有选择转给谁。", "请先选择转办对象。")
        reassigning.transfer_task(task_id=pk, to_user_id=person.pk, text=sent.form.opinion, **sent.who)
        return f"“{task.node_name}”已转{person.display_name}办理。"

    return answer(request, task.instance, perform, task)


@page(HANDLE)
@require_POST
def recuse(request: PageRequest, pk: int) -> HttpResponse:
    """申请回避."""
    task = task_or_404(request, pk)

    def perform(sent: Sent) -> str:
        reassigning.recuse(task_id=pk, text=sent.form.opinion, **sent.who)
        return f"已回避“{task.node_name}”，由同岗位的其他人办理。"

    return answer(request, task.instance, perform, task)


@page(HANDLE)
@require_POST
def add_signer(request: PageRequest, pk: int) -> HttpResponse:
    """加签 one more person."""
    task = task_or_404(request, pk)

    def perform(sent: Sent) -> str:
        person = sent.form.need("added", "没有选择加签人。", "请先选择加签人。")
        position = sent.form.cleaned_data["position"] or "before"
        signers.add_signer(task_id=pk, user_id=person.pk, position=position, text=sent.form.opinion, **sent.who)
        return f"已加签{person.display_name}。"

    return answer(request, task.instance, perform, task)


@page(HANDLE)
@require_POST
def remove_signer(request: PageRequest, pk: int) -> HttpResponse:
    """减签: `signer` is the task of whom one had added."""
    task = task_or_404(request, pk)

    def perform(sent: Sent) -> str:
        signer = task_or_404(request, sent.form.need("signer", "没有选择减去谁。", "请先选择要减去的加签人。"))
        signers.remove_signer(task_id=signer.pk, text=sent.form.opinion, **sent.who)
        return f"已减去加签人{signer.assignee.display_name if signer.assignee else ''}。"

    return answer(request, task.instance, perform, task)


@page(HANDLE)
@require_POST
def copy(request: PageRequest, pk: int) -> HttpResponse:
    """抄送 the case of a task."""
    task = task_or_404(request, pk)

    def perform(sent: Sent) -> str:
        people = sent.form.cleaned_data["copies"]
        copying.copy_to(
            instance_id=task.instance_id, user_ids=[each.pk for each in people], text=sent.form.opinion, **sent.who
        )
        return f"已抄送{'、'.join(each.display_name for each in people)}。"

    return answer(request, task.instance, perform, task)


@page(HANDLE)
@require_POST
def read(request: PageRequest, pk: int) -> HttpResponse:
    """已阅 of a copy."""
    task = task_or_404(request, pk)

    def perform(sent: Sent) -> str:
        copying.mark_read(task_id=pk, **sent.who)
        return "已阅。"

    return answer(request, task.instance, perform, task)


@page(VIEW)
@require_POST
def urge(request: PageRequest, pk: int) -> HttpResponse:
    """催办 whoever has the task."""
    task = task_or_404(request, pk)

    def perform(sent: Sent) -> str:
        urging.urge(task_id=pk, text=sent.form.opinion, **sent.who)
        return f"已催办“{task.node_name}”。"

    return answer(request, task.instance, perform, task)


@page(HANDLE)
@require_POST
def skip(request: PageRequest, pk: int) -> HttpResponse:
    """跳过 a task, where the step allows it or the director does."""
    task = task_or_404(request, pk)

    def perform(sent: Sent) -> str:
        interventions.skip(task_id=pk, text=sent.form.opinion, **sent.who)
        return f"已跳过“{task.node_name}”。"

    return answer(request, task.instance, perform, task)


@page(INTERVENE)
@require_POST
def reassign(request: PageRequest, pk: int) -> HttpResponse:
    """改派 a task."""
    task = task_or_404(request, pk)

    def perform(sent: Sent) -> str:
        person = sent.form.need("person", "没有选择改派给谁。", "请先选择改派对象。")
        interventions.reassign(task_id=pk, to_user_id=person.pk, text=sent.form.opinion, **sent.who)
        return f"“{task.node_name}”已改派{person.display_name}办理。"

    return answer(request, task.instance, perform, task)
