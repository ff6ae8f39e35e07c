"""Clocks of cases: reminders up their ladder, timers that let a case go on, days that do not count."""

from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox, working_days
from bianzhi.workflow import registries
from bianzhi.workflow.models import (
    DeadlineKind,
    DeadlineState,
    FlowDeadline,
    FlowInstance,
    InstanceStatus,
    OpinionAction,
    TaskKind,
    TaskStatus,
    TokenState,
)
from bianzhi.workflow.rules.profile import Node
from bianzhi.workflow.selectors.called import called_below
from bianzhi.workflow.selectors.clocks import due_by, is_news, step_on
from bianzhi.workflow.selectors.standing import holds
from bianzhi.workflow.services.act import OPEN_CLOCKS, OPEN_TASKS, CaseAct
from bianzhi.workflow.services.locking import lock_instance, lock_task
from bianzhi.workflow.services.moving import enter, leave


@unit_of_work
def fire(*, actor: Actor, deadline_id: int, today: date) -> bool:
    """Let a timer that has run out do what it is for: end a wait, or take its boundary's way. False when it did before.

    Raises Refused when what follows refuses; the timer then stays.
    """
    instance, clock = _locked(deadline_id)
    if clock.state != DeadlineState.RUNNING or instance.status != InstanceStatus.RUNNING or clock.due_on >= today:
        return False
    act = CaseAct.on(instance, actor=actor, today=today)
    node = act.process.node(clock.node_id)
    act.stop_clocks([clock], DeadlineState.FIRED)
    act.opine(OpinionAction.TIMER, node=node, text=f"{clock.days} 个工作日期满（{clock.due_on}）")
    if clock.kind == DeadlineKind.WAIT:
        act.set_token(act.know(clock.token), state=TokenState.ACTIVE)
        leave(act, clock.token)
    else:
        _take_boundary(act, clock, node)
    act.finish("workflow.timer_fired", node=node.id)
    return True


def _take_boundary(act: CaseAct, clock: FlowDeadline, node: Node) -> None:
    """An interrupting timer ends the step and takes its own way; another one sends a token of its own beside it."""
    token = act.know(clock.token)
    target = node.outgoing[0].target
    if not node.interrupting:
        enter(act, act.new_token(node_id=node.id), target)
        return
    open_tasks = token.tasks.filter(node_id=node.attached_to, status__in=OPEN_TASKS).exclude(kind=TaskKind.COPY)
    act.cancel_tasks(list(open_tasks))
    act.set_token(token, resume_node="", resume_task_id=None)
    enter(act, token, target)


@unit_of_work
def remind(*, actor: Actor, deadline_id: int, today: date) -> bool:
    """Tell that a limit has reached a step of the ladder: 提醒, 到期, 超期, 黄牌, 红牌. False when it was told."""
    instance, clock = _locked(deadline_id)
    step = step_on(clock, today, working_days.load(today))
    counts = clock.state == DeadlineState.RUNNING and instance.status == InstanceStatus.RUNNING
    if not counts or not is_news(clock, step, today):
        return False
    clock.reminded = f"{step} {today.isoformat()}"
    clock.save(update_fields=["reminded"])
    payload = {
        "deadline": clock.pk,
        "task": clock.task_id,
        "instance": instance.pk,
        "step": step,
        "day": today.isoformat(),
    }
    record("workflow.reminded", actor=actor, subject=instance, facts=payload)
    outbox.put("workflow.deadline", key=clock.pk, payload=payload)
    return True


@unit_of_work
def free_orphan(*, actor: Actor, task_id: int, today: date) -> bool:
    """Put a task back into its pool when whoever took it no longer holds the role. False when that is not so."""
    task, instance = lock_task(task_id)
    holder = task.assignee
    left = holder is None or not holder.is_active or not holds(holder, task.pool_role, task.pool_unit_id, today)
    if task.status != TaskStatus.TODO or not task.pool_role or holder is None or not left:
        return False
    act = CaseAct.on(instance, actor=actor, today=today)
    act.set_task(task, assignee_id=None)
    act.opine(OpinionAction.INTERVENE, task=task, text=f"{holder.display_name}已不担任该岗位，任务转由同岗位人员办理")
    act.finish("workflow.released", released=task.pk)
    return True


@unit_of_work
def recompute(*, actor: Actor, deadline_id: int, today: date) -> bool:
    """Count a provisional clock anew by the calendar of today. False when nothing changes."""
    instance, clock = _locked(deadline_id)
    due_on, provisional = due_by(clock, working_days.load(clock.started_on))
    if clock.state != DeadlineState.RUNNING or (due_on, provisional) == (clock.due_on, clock.provisional):
        return False
    facts = {"deadline": clock.pk, "was": clock.due_on, "due_on": due_on, "provisional": provisional, "on": today}
    _set_due(actor, clock, due_on, provisional=provisional)
    record("workflow.recomputed", actor=actor, subject=instance, facts=facts)
    return True


@unit_of_work
def suspend_clock(*, actor: Actor, instance_id: int, node_id: str, today: date) -> int:
    """Stop the clocks of a step (公示有异议), or of the whole case with "": days until `resume_clock` do not count.

    The whole case is it with those it called. Returns how many stopped.
    """
    instance = lock_instance(instance_id)
    clocks = [clock for clock in _clocks_of(instance, node_id) if not _is_stopped_for(clock, node_id)]
    for clock in clocks:
        clock.suspensions = [*clock.suspensions, [today.isoformat(), None, node_id]]
        clock.state = DeadlineState.SUSPENDED
        clock.save(update_fields=["suspensions", "state"])
    record("workflow.clock_stopped", actor=actor, subject=instance, facts={"node": node_id, "count": len(clocks)})
    return len(clocks)


@unit_of_work
def resume_clock(*, actor: Actor, instance_id: int, node_id: str, today: date) -> int:
    """Let clocks stopped by the same words run on, later by the working days they stood still. Returns how many did.

    One that is stopped for another reason too, the whole case or its step, goes on standing still for that.
    """
    instance = lock_instance(instance_id)
    clocks = [clock for clock in _clocks_of(instance, node_id) if _is_stopped_for(clock, node_id)]
    for clock in clocks:
        _run_on(actor, clock, node_id, today)
    record("workflow.clock_resumed", actor=actor, subject=instance, facts={"node": node_id, "count": len(clocks)})
    return len(clocks)


def _clocks_of(instance: FlowInstance, node_id: str) -> list[FlowDeadline]:
    rows = FlowDeadline.objects.filter(state__in=OPEN_CLOCKS).select_related("task").order_by("pk")
    if node_id:
        return list(rows.filter(instance=instance, node_id=node_id))
    return list(rows.filter(instance__in=[instance, *called_below(instance)]))


def _is_stopped_for(clock: FlowDeadline, node_id: str) -> bool:
    """Whether a clock stands still for this step, or "" for the whole case; a pair does not say, it is for either."""
    return any(ended is None and reason in ([], [node_id]) for _, ended, *reason in clock.suspensions)


def _run_on(actor: Actor, clock: FlowDeadline, node_id: str, today: date) -> None:
    """End one reason for standing still; with the last one the clock runs on."""
    clock.suspensions = [
        [begun, ended or (today.isoformat() if reason in ([], [node_id]) else None), *reason]
        for begun, ended, *reason in clock.suspensions
    ]
    still = any(ended is None for _, ended, *_ in clock.suspensions)
    clock.state = DeadlineState.SUSPENDED if still else DeadlineState.RUNNING
    clock.save(update_fields=["suspensions", "state"])
    if still:
        return
    due_on, provisional = due_by(clock, working_days.load(clock.started_on))
    _set_due(actor, clock, due_on, provisional=provisional)


def _set_due(actor: Actor, clock: FlowDeadline, due_on: date, *, provisional: bool) -> None:
    has_moved = due_on != clock.due_on
    clock.due_on, clock.provisional = due_on, provisional
    clock.save(update_fields=["due_on", "provisional"])
    if has_moved and clock.kind == DeadlineKind.WAIT:
        handler = registries.handler_of(clock.instance.subject_kind)
        handler.on_wait_moved(clock.instance, clock.node_id, due_on, actor=actor)
    if clock.task is not None:
        clock.task.due_on = due_on
        clock.task.save(update_fields=["due_on"])


def _locked(deadline_id: int) -> tuple[FlowInstance, FlowDeadline]:
    instance_id = FlowDeadline.objects.values_list("instance_id", flat=True).get(pk=deadline_id)
    instance = lock_instance(instance_id)
    return instance, FlowDeadline.objects.select_related("token", "task").get(pk=deadline_id)
