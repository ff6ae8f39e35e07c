"""领取、放回、转办、申请回避: who has the task in hand changes, what is asked does not."""

from collections.abc import Callable
from datetime import date

from bianzhi.accounts.models import User
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.workflow.models import FlowTask, OpinionAction, TaskKind
from bianzhi.workflow.rules.profile import Action
from bianzhi.workflow.selectors.standing import Standing, holds
from bianzhi.workflow.services.act import CaseAct
from bianzhi.workflow.services.authority import (
    objections_to_deciding,
    require_open,
    require_part,
    require_standing,
)
from bianzhi.workflow.services.locking import lock_task


@unit_of_work
def claim(*, actor: Actor, task_id: int, today: date) -> FlowTask:
    """Take a task of one's role out of the pool, so that colleagues see somebody is at it. Twice is once."""
    task, act = _opened(actor, task_id, today)
    if task.assignee_id == actor.pk:
        return task
    if not task.pool_role or not act.standing.is_own:
        raise Refused([Objection("L1", "这项任务是指定到人的，不需要领取。", next_step="请直接办理或转办。")])
    act.set_task(task, assignee_id=actor.pk)
    act.finish("workflow.claimed", claimed=task.pk)
    return task


@unit_of_work
def release(*, actor: Actor, task_id: int, today: date) -> FlowTask:
    """Put a task back for the colleagues of one's role."""
    task, act = _opened(actor, task_id, today)
    if not task.pool_role or task.assignee_id is None:
        raise Refused([Objection("L1", "这项任务是指定到人的，不能放回。", next_step="请使用转办。")])
    act.set_task(task, assignee_id=None)
    act.finish("workflow.released", released=task.pk)
    return task


@unit_of_work
def transfer_task(
    *, actor: Actor, task_id: int, to_user_id: int, text: str, today: date, on_behalf_of: int | None = None
) -> FlowTask:
    """转办: hand a task and the responsibility for it to somebody else who holds the step's role, where it has one.

    Raises Refused when the step allows none, the person does not hold the role, or may not decide this case (R25).
    """
    task, act = _opened(actor, task_id, today, require_standing, on_behalf_of)
    node = act.process.node(task.node_id)
    if Action.TRANSFER not in node.actions or node.submit:
        raise Refused([Objection("L8", f"“{node.name}”环节不允许转办。", next_step="请直接办理，或退回。")])
    person = fit_person(task, to_user_id, today)
    refuse_if(objections_to_deciding(person, Standing(ok=True), task, node))
    hand_over(act, task, person)
    act.opine(OpinionAction.TRANSFER, task=task, text=f"转{person.display_name}办理。{text}")
    act.finish("workflow.transferred", transferred=task.pk, to=person.pk)
    return task


@unit_of_work
def recuse(*, actor: Actor, task_id: int, text: str, today: date, on_behalf_of: int | None = None) -> FlowTask:
    """申请回避: step back from a case; the task is free for colleagues of the role, who are asked instead."""
    task, act = _opened(actor, task_id, today, require_standing, on_behalf_of)
    if not task.pool_role:
        raise Refused([Objection("L1", "这项任务是指定到人的，回避请转办他人。", next_step="请使用转办。")])
    if not text.strip():
        raise Refused([Objection("L4", "申请回避须说明理由。", next_step="请填写理由后再提交。")])
    recused = {*act.instance.facts.get("recused", []), actor.pk}
    act.instance.facts["recused"] = sorted(pk for pk in recused if pk is not None)
    act.set_task(task, assignee_id=None)
    act.opine(OpinionAction.RECUSE, task=task, text=text)
    act.finish("workflow.recused", recused=task.pk)
    return task


def _opened(
    actor: Actor,
    task_id: int,
    today: date,
    require: Callable[[Actor, FlowTask, date, int | None], Standing] = require_part,
    on_behalf_of: int | None = None,
) -> tuple[FlowTask, CaseAct]:
    task, instance = lock_task(task_id)
    require_open(task, instance)
    if task.kind == TaskKind.COPY:
        raise Refused([Objection("L4", "传阅件只需阅知。", next_step="请点“已阅”。")])
    standing = require(actor, task, today, on_behalf_of)
    return task, CaseAct.on(instance, actor=actor, today=today, standing=standing)


def fit_person(task: FlowTask, user_id: int, today: date) -> User:
    """The person a task goes to; Refused when unknown, or without the role the step asks for."""
    person = User.objects.filter(pk=user_id, is_active=True).first()
    if person is None:
        raise Refused([Objection("L5", "所选的人不存在或账号已停用。", next_step="请重新选择。")])
    if task.pool_role and not holds(person, task.pool_role, task.pool_unit_id, today):
        message = f"{person.display_name}没有担任“{task.node_name}”环节要求的岗位。"
        raise Refused([Objection("L5", message, next_step="请选择担任该岗位的人，或请安全管理员先授予角色。")])
    return person


def hand_over(act: CaseAct, task: FlowTask, person: User) -> None:
    """Put the task into a person's hands; they have not opened it yet."""
    act.set_task(task, assignee_id=person.pk, transferred_from_id=act.actor.pk, opened_at=None)
