"""What the buttons of a whole case do: the applicant takes it back; the director ends, stops, resumes or moves it."""

from collections.abc import Mapping
from typing import Final

from bianzhi.workflow.models import FlowInstance
from bianzhi.workflow.services import interventions, withdrawing
from bianzhi.workflow.web.acting import Sent, send_copies
from bianzhi.workflow.web.buttons import Button
from bianzhi.workflow.web.inbox import VIEW
from bianzhi.workflow.web.reach import INTERVENE


def _withdraw(instance: FlowInstance, sent: Sent) -> str:
    withdrawing.withdraw_case(instance_id=instance.pk, **sent.words)
    return "已撤回申请。"


def _terminate(instance: FlowInstance, sent: Sent) -> str:
    interventions.terminate(instance_id=instance.pk, **sent.words)
    return "已终止办理。"


def _suspend(instance: FlowInstance, sent: Sent) -> str:
    interventions.suspend(instance_id=instance.pk, **sent.words)
    return "已挂起，时限暂停计算。"


def _resume(instance: FlowInstance, sent: Sent) -> str:
    interventions.resume(instance_id=instance.pk, **sent.words)
    return "已恢复办理，时限继续计算。"


def _move(instance: FlowInstance, sent: Sent) -> str:
    """`branch` is where the case stands, `target` the step it goes to."""
    node = sent.form.need("target", "没有选择调整到哪个环节。", "请先选择环节。")
    branch = sent.form.need("branch", "没有选择哪一个分支。", "请先选择正在办理的环节。")
    interventions.move_to(instance_id=instance.pk, token_id=branch, node_id=node, **sent.words)
    return "已调整环节。"


BUTTONS: Final[Mapping[str, Button[FlowInstance]]] = {
    "withdraw_case": Button(_withdraw, VIEW),
    "copy_case": Button(send_copies, VIEW),
    "terminate": Button(_terminate, INTERVENE),
    "suspend": Button(_suspend, INTERVENE),
    "resume": Button(_resume, INTERVENE),
    "move": Button(_move, INTERVENE),
}
"""By the name of their address."""
