"""撤回: an opinion is taken back while nobody has seen what came of it; the applicant takes the case back."""

from copy import copy
from datetime import date
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.workflow.models import (
    CommandExecution,
    DeadlineState,
    FlowDeadline,
    FlowInstance,
    FlowTask,
    FlowToken,
    InstanceStatus,
    OpinionAction,
    TaskStatus,
    TokenState,
)
from bianzhi.workflow.selectors.called import callers
from bianzhi.workflow.selectors.standing import may_act
from bianzhi.workflow.services.act import OPEN_CLOCKS, TASK_FACTS, TOKEN_FACTS, CaseAct
from bianzhi.workflow.services.commands import undo, undo_everything
from bianzhi.workflow.services.interventions import INTERVENE
from bianzhi.workflow.services.locking import lock_instance, lock_task
from bianzhi.workflow.services.moving import finish_case
from bianzhi.workflow.services.seating import hand_on_added, start_limit


@unit_of_work
def withdraw(*, actor: Actor, task_id: int, text: str, today: date) -> FlowTask:
    """Take one's last opinion back: what it brought about is undone exactly, and the task is open again.

    Returns the new task. Raises Refused when it is not one's own opinion, or no longer one's to give (L1), somebody has
    opened or done what followed (L2), the case has ended or is suspended, or a command it ran cannot be undone (L7).
    """
    task, instance = lock_task(task_id)
    refuse_if(objections_to_withdrawing(actor, task, today))
    act = CaseAct.on(instance, actor=actor, today=today)
    undo(act, CommandExecution.objects.filter(pk__in=task.journal.get("executions", [])).order_by("-pk"))
    _undo_journal(act, task.journal)
    act.set_task(task, status=TaskStatus.WITHDRAWN, stands=False)
    act.opine(OpinionAction.WITHDRAW, task=task, text=text)
    again = _open_again(act, task)
    act.find_stage()
    act.finish("workflow.withdrawn", withdrawn=task.pk)
    return again


def objections_to_withdrawing(by: Actor, task: FlowTask, today: date) -> list[Objection]:
    """Why an opinion cannot be taken back; also asked before the button is shown."""
    if task.done_by_id != by.pk or task.status != TaskStatus.DONE or task.kind == "copy":
        return [Objection("L1", "只能撤回本人刚办理的意见。", next_step="需要更正的，请下一环节退回。")]
    if not task.instance.is_live or not (task.stands or task.pk in task.journal.get("gone_over", [])):
        return [Objection("L2", "办件已经结束或已退回，不能撤回。", next_step="需要更正的，请办理更正业务。")]
    if any(each.status == InstanceStatus.SUSPENDED for each in (task.instance, *callers(task.instance))):
        return [Objection("L2", "办件已挂起，不能撤回。", next_step="请等待恢复，或联系编办。")]
    if task.journal.get("undone"):
        return [Objection("L7", "该意见已使生效的业务撤销，不能撤回。", next_step="请由当前环节继续办理。")]
    if task.journal.get("called"):
        return [Objection("L2", "已转入下级流程，不能撤回。", next_step="请由下一环节退回。")]
    return _objections_to_hands(by, task, today) or _objections_from_successors(task)


def _objections_to_hands(by: Actor, task: FlowTask, today: date) -> list[Objection]:
    """Whoever takes an opinion back is asked it again, so they must still be the one to give it; or to skip it."""
    if task.verdict == "skip" and by.can(INTERVENE):
        return []
    again = copy(task)
    again.assignee_id = task.done_for_id or task.done_by_id
    if may_act(by, again, today, task.done_for_id).ok:
        return []
    message = f"您已不再办理“{task.node_name}”，不能撤回。"
    return [Objection("L1", message, next_step="需要更正的，请下一环节退回。")]


def _objections_from_successors(task: FlowTask) -> list[Objection]:
    journal = task.journal
    successors = FlowTask.objects.filter(pk__in=journal.get("new_tasks", []))
    for each in successors:
        untouched = each.status in (TaskStatus.TODO, TaskStatus.QUEUED) and each.opened_at is None
        added_since = each.added.filter(pk__gt=max(journal["new_tasks"])).exists()
        if not untouched or each.transferred_from_id is not None or added_since:
            message = f"“{each.node_name}”已打开或办理，不能撤回。"
            return [Objection("L2", message, next_step="需要更正的，请联系该环节退回。")]
    if not _case_is_where_it_was_left(task):
        return [Objection("L2", "办件已继续流转，不能撤回。", next_step="请由当前环节退回。")]
    left = journal.get("left", {})
    others = FlowTask.objects.filter(pk__in=[*left]).exclude(pk=task.pk)
    if any(each.status != left[str(each.pk)] or _opened_since(each, task) for each in others):
        return [Objection("L2", "下一位办理人已打开或办理，不能撤回。", next_step="请联系其退回。")]
    return []


def _opened_since(each: FlowTask, task: FlowTask) -> bool:
    return each.opened_at is not None and task.done_at is not None and each.opened_at > task.done_at


def _case_is_where_it_was_left(task: FlowTask) -> bool:
    """Whether the tokens stand where the act put them; one it did not move still waits at the step, in its pass."""
    after = task.journal.get("after", {})
    tokens = FlowToken.objects.filter(pk__in=[*after])
    if str(task.token_id) not in after:
        here = FlowToken.objects.filter(pk=task.token_id, state=TokenState.ACTIVE)
        if not here.filter(node_id=task.node_id, pass_no=task.pass_no).exists():
            return False
    return all([getattr(each, name) for name in TOKEN_FACTS] == after[str(each.pk)] for each in tokens)


def _undo_journal(act: CaseAct, journal: dict[str, Any]) -> None:
    """Put every row the act changed back, and cancel every row it made."""
    act.cancel_tasks(list(FlowTask.objects.filter(pk__in=journal.get("new_tasks", []))))
    for token in FlowToken.objects.filter(pk__in=journal.get("new_tokens", [])):
        act.set_token(act.know(token), state=TokenState.CANCELLED)
    for key, before in journal.get("tokens", {}).items():
        act.set_token(act.token(int(key)), **dict(zip(TOKEN_FACTS, before, strict=True)))
    for key, before in journal.get("tasks", {}).items():
        act.set_task(FlowTask.objects.get(pk=int(key)), **dict(zip(TASK_FACTS, before, strict=True)))
    for key, adder in journal.get("handed_on", {}).items():
        act.set_task(FlowTask.objects.get(pk=int(key)), added_by_id=adder)
    new_clocks = FlowDeadline.objects.filter(pk__in=journal.get("new_clocks", []), state__in=OPEN_CLOCKS)
    act.stop_clocks(list(new_clocks), DeadlineState.CANCELLED)
    for key, state in journal.get("clocks", {}).items():
        act.stop_clocks(list(FlowDeadline.objects.filter(pk=int(key))), DeadlineState(state))
    for name, before in journal.get("outcomes", {}).items():
        act.instance.facts.pop(name, None)
        if before is not None:
            act.instance.facts[name] = before


def _open_again(act: CaseAct, task: FlowTask) -> FlowTask:
    """The same task once more, for whoever withdrew it."""
    FlowDeadline.objects.filter(task=task, state__in=OPEN_CLOCKS).update(state=DeadlineState.CANCELLED)
    again = act.new_task(
        token_id=task.token_id,
        node_id=task.node_id,
        node_name=task.node_name,
        stage=task.stage,
        pass_no=task.pass_no,
        position=task.position,
        kind=task.kind,
        status=TaskStatus.TODO,
        assignee_id=task.done_for_id or task.done_by_id,
        pool_role=task.pool_role,
        pool_unit_id=task.pool_unit_id,
        added_by_id=task.added_by_id,
    )
    hand_on_added(act, task, again)
    start_limit(act, again, act.process.node(task.node_id))
    return again


@unit_of_work
def withdraw_case(*, actor: Actor, instance_id: int, text: str, today: date) -> FlowInstance:
    """The applicant takes the whole case back. What it carried out is undone, or the withdrawal is refused (L7)."""
    instance = lock_instance(instance_id)
    if instance.initiator_id != actor.pk:
        raise Refused([Objection("L1", "只有申请人可以撤回申请。", next_step="需要终止的，请联系编办。")])
    if not instance.is_live or instance.parent_token_id is not None:
        message = f"这个办件已经结束（{instance.get_status_display()}），不能撤回。"
        raise Refused([Objection("L2", message, next_step="需要更正的，请办理更正业务。")])
    if not text.strip():
        raise Refused([Objection("L4", "撤回申请须写明原因。", next_step="请填写原因后再提交。")])
    act = CaseAct.on(instance, actor=actor, today=today)
    undo_everything(act)
    act.opine(OpinionAction.WITHDRAW, text=text)
    finish_case(act, InstanceStatus.WITHDRAWN)
    act.finish("workflow.withdrawn", case=True)
    return instance
