"""What the buttons of a task do: 同意、退回、撤回、转办、加签、减签、抄送、领取、放回、回避、阅知、催办."""

from collections.abc import Mapping
from typing import Final

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
from bianzhi.workflow.web.acting import AGAIN, Sent, send_copies
from bianzhi.workflow.web.buttons import Button
from bianzhi.workflow.web.inbox import VIEW
from bianzhi.workflow.web.reach import INTERVENE, task_or_404

USUAL: Final = {"提交": "已提交", "同意": "已同意", "不同意": "已提出不同意"}


def _decide(task: FlowTask, sent: Sent) -> str:
    verdict = sent.request.POST.get("verdict", "")
    decision = deciding.decide(
        task_id=task.pk, verdict=verdict, request_key=sent.key, paper=sent.form.upload, **sent.signed
    )
    if decision.repeated:
        return AGAIN
    ended = "" if decision.instance.is_live else f"，办件{decision.instance.get_status_display()}"
    remarks = "".join(f"提醒：{remark}" for remark in decision.remarks)
    return f"{_decided(task, verdict)}{ended}。{remarks}"


def _decided(task: FlowTask, verdict: str) -> str:
    """已同意“受理”; where a step has words of its own: “督查”已办理：无问题."""
    word = process_of(task.instance.version).node(task.node_id).word_of(verdict)
    return f"{USUAL[word]}“{task.node_name}”" if word in USUAL else f"“{task.node_name}”已办理：{word}"


def _send_back(task: FlowTask, sent: Sent) -> str:
    target = sent.form.need("target", "没有选择退回到哪个环节。", "请先选择退回的环节。")
    way = sent.form.cleaned_data["way"] or "step"
    returning.return_task(
        task_id=task.pk, to_node=target, way=way, request_key=sent.key, paper=sent.form.upload, **sent.signed
    )
    return f"“{task.node_name}”已退回。"


def _withdraw(task: FlowTask, sent: Sent) -> str:
    withdrawing.withdraw(task_id=task.pk, **sent.words)
    return f"已撤回对“{task.node_name}”的办理，请重新办理。"


def _claim(task: FlowTask, sent: Sent) -> str:
    reassigning.claim(task_id=task.pk, **sent.who)
    return f"已领取“{task.node_name}”，由您办理。"


def _release(task: FlowTask, sent: Sent) -> str:
    reassigning.release(task_id=task.pk, **sent.who)
    return f"已放回“{task.node_name}”，同岗位的人都可以办理。"


def _transfer(task: FlowTask, sent: Sent) -> str:
    person = sent.form.need("person", "没有选择转给谁。", "请先选择转办对象。")
    reassigning.transfer_task(task_id=task.pk, to_user_id=person.pk, **sent.signed)
    return f"“{task.node_name}”已转{person.display_name}办理。"


def _recuse(task: FlowTask, sent: Sent) -> str:
    reassigning.recuse(task_id=task.pk, **sent.signed)
    return f"已回避“{task.node_name}”，由同岗位的其他人办理。"


def _add_signer(task: FlowTask, sent: Sent) -> str:
    person = sent.form.need("added", "没有选择加签人。", "请先选择加签人。")
    position = sent.form.cleaned_data["position"] or "before"
    signers.add_signer(task_id=task.pk, user_id=person.pk, position=position, **sent.signed)
    return f"已加签{person.display_name}。"


def _remove_signer(task: FlowTask, sent: Sent) -> str:
    """`signer` is the task of whom one had added."""
    chosen = sent.form.need("signer", "没有选择减去谁。", "请先选择要减去的加签人。")
    signer = task_or_404(sent.request, chosen)
    signers.remove_signer(task_id=signer.pk, **sent.words)
    return f"已减去加签人{signer.assignee.display_name if signer.assignee else ''}。"


def _copy(task: FlowTask, sent: Sent) -> str:
    return send_copies(task.instance, sent)


def _read(task: FlowTask, sent: Sent) -> str:
    copying.mark_read(task_id=task.pk, **sent.who)
    return "已阅。"


def _urge(task: FlowTask, sent: Sent) -> str:
    urging.urge(task_id=task.pk, **sent.words)
    return f"已催办“{task.node_name}”。"


def _skip(task: FlowTask, sent: Sent) -> str:
    interventions.skip(task_id=task.pk, **sent.words)
    return f"已跳过“{task.node_name}”。"


def _reassign(task: FlowTask, sent: Sent) -> str:
    person = sent.form.need("person", "没有选择改派给谁。", "请先选择改派对象。")
    interventions.reassign(task_id=task.pk, to_user_id=person.pk, **sent.words)
    return f"“{task.node_name}”已改派{person.display_name}办理。"


BUTTONS: Final[Mapping[str, Button[FlowTask]]] = {
    "decide": Button(_decide, is_keyed=True, takes_paper=True),
    "return": Button(_send_back, is_keyed=True, takes_paper=True),
    "withdraw": Button(_withdraw),
    "claim": Button(_claim),
    "release": Button(_release),
    "transfer": Button(_transfer),
    "recuse": Button(_recuse),
    "add_signer": Button(_add_signer),
    "remove_signer": Button(_remove_signer),
    "copy": Button(_copy),
    "read": Button(_read),
    "urge": Button(_urge, VIEW),
    "skip": Button(_skip),
    "reassign": Button(_reassign, INTERVENE),
}
"""By the name of their address."""
