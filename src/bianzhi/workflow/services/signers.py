"""加签、减签: a signer asks somebody more before, after or beside themselves; or takes that back."""

from datetime import date
from typing import Final

from bianzhi.accounts.models import User
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.workflow.models import FlowTask, OpinionAction, TaskKind, TaskStatus
from bianzhi.workflow.rules.profile import Action
from bianzhi.workflow.selectors.standing import Standing
from bianzhi.workflow.services.act import OPEN_TASKS, CaseAct
from bianzhi.workflow.services.authority import (
    objections_to_deciding,
    require_open,
    require_part,
    require_running,
    require_standing,
)
from bianzhi.workflow.services.locking import lock_task
from bianzhi.workflow.services.seating import make_task
from bianzhi.workflow.services.settling import settle

KINDS: Final = {
    "before": TaskKind.ADDED_BEFORE,
    "after": TaskKind.ADDED_AFTER,
    "beside": TaskKind.ADDED_BESIDE,
}


@unit_of_work
def add_signer(
    *,
    actor: Actor,
    task_id: int,
    user_id: int,
    position: str,
    text: str,
    today: date,
    on_behalf_of: int | None = None,
) -> FlowTask:
    """加签: ask one more person. "before": they first, then the signer; "after": once the signer has decided; "beside":
    at once, with a vote of their own. In 会签 (全部同意) every added opinion counts.

    Returns the new task. Raises Refused when the step allows none, or the person is already asked or may not decide.
    """
    task, instance = lock_task(task_id)
    require_open(task, instance)
    standing = require_standing(actor, task, today, on_behalf_of)
    act = CaseAct.on(instance, actor=actor, today=today, standing=standing)
    node = act.process.node(task.node_id)
    if Action.ADD not in node.actions or node.submit or task.kind == TaskKind.COPY or position not in KINDS:
        raise Refused([Objection("L8", f"“{node.name}”环节不允许加签。", next_step="可改用抄送征求意见。")])
    person = User.objects.filter(pk=user_id, is_active=True).first()
    if person is None:
        raise Refused([Objection("L5", "所选的人不存在或账号已停用。", next_step="请重新选择。")])
    refuse_if(_objections_to_signer(task, person, actor))
    refuse_if(objections_to_deciding(person, Standing(ok=True), task, node))
    kind = KINDS[position]
    added = make_task(
        act,
        act.know(task.token),
        node,
        status=TaskStatus.QUEUED if kind == TaskKind.ADDED_AFTER else TaskStatus.TODO,
        kind=kind,
        position=task.position,
        assignee_id=person.pk,
        added_by_id=task.pk,
    )
    if kind == TaskKind.ADDED_BEFORE:
        act.set_task(task, status=TaskStatus.QUEUED)
    act.opine(OpinionAction.ADD, task=task, text=f"{kind.label}：{person.display_name}。{text}")
    act.finish("workflow.signer_added", added=added.pk, signer=person.pk, position=position)
    return added


def _objections_to_signer(task: FlowTask, person: User, actor: Actor) -> list[Objection]:
    if person.pk == actor.pk:
        return [Objection("L5", "不能加签自己。", next_step="请选择其他人。")]
    of_pass = task.token.tasks.filter(node_id=task.node_id, pass_no=task.pass_no, stands=True)
    asked = of_pass.filter(assignee=person, status__in=(*OPEN_TASKS, TaskStatus.DONE))
    if asked.exclude(kind=TaskKind.COPY).exists():
        return [Objection("L5", f"{person.display_name}已在本环节办理人之中。", next_step="请选择其他人。")]
    return []


@unit_of_work
def remove_signer(*, actor: Actor, task_id: int, text: str, today: date) -> FlowTask:
    """减签: take back somebody one has added who has not answered yet. Raises Refused for others' tasks (L1)."""
    task, instance = lock_task(task_id)
    signer = task.added_by
    if signer is None or task.kind not in KINDS.values():
        raise Refused([Objection("L8", "只能减去加签的人。", next_step="会签成员请联系编办调整。")])
    if task.status not in OPEN_TASKS:
        require_open(task, instance)
    require_running(instance)
    _require_adder(actor, signer, today)
    act = CaseAct.on(instance, actor=actor, today=today)
    node = act.process.node(task.node_id)
    if Action.REMOVE not in node.actions:
        raise Refused([Objection("L8", f"“{node.name}”环节不允许减签。", next_step="请等待其办理，或催办。")])
    waits_elsewhere = task.status == TaskStatus.PAUSED
    act.cancel_tasks([task])
    act.opine(
        OpinionAction.REMOVE, task=task, text=text or f"减签：{task.assignee.display_name if task.assignee else ''}"
    )
    if not waits_elsewhere:
        settle(act, task, act.know(task.token), node)
    act.finish("workflow.signer_removed", removed=task.pk)
    return task


def _require_adder(actor: Actor, signer: FlowTask, today: date) -> None:
    if signer.done_by_id == actor.pk:
        return
    signer.instance = FlowTask.objects.select_related("instance__version__definition").get(pk=signer.pk).instance
    require_part(actor, signer, today)
