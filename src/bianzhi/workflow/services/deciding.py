"""同意、不同意、提交: one opinion, and everything it brings about, in one transaction."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.kernel.files import Upload
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.workflow import registries
from bianzhi.workflow.models import FlowInstance, FlowTask, OpinionAction, TaskKind, TaskStatus
from bianzhi.workflow.rules.profile import Node
from bianzhi.workflow.services.act import CaseAct
from bianzhi.workflow.services.authority import (
    earlier_answer,
    objections_to_deciding,
    require_open,
    require_standing,
)
from bianzhi.workflow.services.locking import lock_task
from bianzhi.workflow.services.settling import settle
from bianzhi.workflow.services.signed_papers import put_on, taken

VERDICTS: Final = {
    "agree": OpinionAction.AGREE,
    "disagree": OpinionAction.DISAGREE,
    "submit": OpinionAction.SUBMIT,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """The task as it was decided; `repeated` when the same form was sent before, `remarks` what was let through."""

    task: FlowTask
    instance: FlowInstance
    remarks: tuple[Objection, ...] = ()
    repeated: bool = False


@unit_of_work
def decide(
    *,
    actor: Actor,
    task_id: int,
    verdict: str,
    text: str,
    today: date,
    request_key: str = "",
    paper: Upload | None = None,
    on_behalf_of: int | None = None,
) -> Decision:
    """Give an opinion on a task; when the step is through, the case goes on and its commands are carried out.

    `on_behalf_of` says for whom a delegate decides, where several have delegated the task.
    `paper` is the scan of what they wrote by hand.
    The same form sent twice (`request_key`) finds its own answer. Raises Refused when somebody was quicker (L2), the
    task is not the actor's (L1), R25 stands against it, the domain objects, or a command refuses: then the case is
    where it was.
    """
    task, instance = lock_task(task_id)
    if (earlier := earlier_answer(request_key, actor)) is not None:
        return Decision(earlier.task or task, earlier.instance, repeated=True)
    require_open(task, instance)
    standing = require_standing(actor, task, today, on_behalf_of)
    act = CaseAct.on(instance, actor=actor, today=today, standing=standing)
    node = act.process.node(task.node_id)
    handler = registries.handler_of(instance.subject_kind)
    remarks = refuse_if(
        [
            *_objections_to_verdict(task, node, verdict, text),
            *objections_to_deciding(actor, standing, task, node),
            *handler.before_decision(task, verdict, actor=actor, today=today),
        ]
    )
    scan = taken(paper, act)
    act.finish_task(task, TaskStatus.DONE, verdict)
    opinion = act.opine(
        VERDICTS[verdict], task=task, text=text, request_key=request_key, attachment=scan.get("sha256", "")
    )
    put_on(act, opinion, scan)
    settle(act, task, act.know(task.token), node)
    act.finish("workflow.decided", task=task, verdict=verdict, node=node.id)
    return Decision(task, instance, tuple(remarks))


def _allowed(node: Node) -> set[str]:
    """What may be said at a step: whoever reports what was done has nothing to refuse."""
    if node.submit:
        return {"submit"}
    return {"agree"} if node.is_report else {"agree", "disagree"}


def _objections_to_verdict(task: FlowTask, node: Node, verdict: str, text: str) -> list[Objection]:
    if task.kind == TaskKind.COPY:
        raise Refused([Objection("L4", "传阅件只需阅知，不需要表态。", next_step="请点“已阅”。")])
    if verdict not in _allowed(node):
        return [Objection("L4", f"“{task.node_name}”环节不能这样办理。", next_step="请刷新页面后重新选择。")]
    if verdict == "disagree" and not text.strip():
        message = f"{node.verdicts.disagree}须写明理由。"
        return [Objection("L4", message, next_step="请填写意见后再提交。")]
    return []
