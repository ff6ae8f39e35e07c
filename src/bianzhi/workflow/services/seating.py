"""Turning the seats of a step into tasks: who is asked, by name or by role, and until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bianzhi.accounts.models import User
from bianzhi.common import working_days
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow import registries
from bianzhi.workflow.models import (
    DeadlineKind,
    FlowDeadline,
    FlowInstance,
    FlowTask,
    FlowToken,
    TaskKind,
    TaskStatus,
)
from bianzhi.workflow.rules.profile import Clock, Node, Order, Seat
from bianzhi.workflow.services.act import CaseAct


@dataclass(frozen=True, slots=True)
class Asked:
    """One who is asked: a person, or whoever holds a role over a unit (None: of the district)."""

    user_id: int | None = None
    role: str = ""
    unit_id: int | None = None


def asked(node: Node, instance: FlowInstance) -> list[Asked]:
    """Whom a step asks in this case. Empty when its units do not exist here (no 主管部门): the step is passed over.

    Raises Refused when a named user or the user in a field does not exist.
    """
    found: list[Asked] = []
    for seat in node.seats:
        found += _of_seat(seat, node, instance)
    return list(dict.fromkeys(found)) if node.order is not Order.SINGLE else found[:1]


def _of_seat(seat: Seat, node: Node, instance: FlowInstance) -> Iterator[Asked]:
    if seat.initiator:
        yield Asked(user_id=instance.initiator_id)
    elif seat.user:
        yield Asked(user_id=_named(seat.user, node))
    elif seat.field:
        values = instance.facts.get(seat.field)
        for value in values if isinstance(values, list) else [values]:
            if value:
                yield Asked(role=seat.role, unit_id=int(value)) if seat.role else Asked(user_id=_known(value, node))
    elif not seat.relation:
        yield Asked(role=seat.role)
    elif seat.relation == "own":
        if instance.unit_id is not None:
            yield Asked(role=seat.role, unit_id=instance.unit_id)
    else:
        for unit_id in registries.relation(seat.relation)(instance):
            yield Asked(role=seat.role, unit_id=unit_id)


def _named(username: str, node: Node) -> int:
    found = User.objects.filter(username=username, is_active=True).values_list("pk", flat=True).first()
    if found is None:
        raise Refused([_nobody(node, f"流程指定的账号“{username}”不存在或已停用")])
    return found


def _known(value: int | str, node: Node) -> int:
    found = User.objects.filter(pk=value, is_active=True).values_list("pk", flat=True).first()
    if found is None:
        raise Refused([_nobody(node, "表单中指定的办理人不存在或已停用")])
    return found


def _nobody(node: Node, why: str) -> Objection:
    return Objection("L5", f"“{node.name}”环节找不到办理人：{why}。", next_step="请更换办理人，或联系管理员修改流程。")


def seat_people(act: CaseAct, token: FlowToken, node: Node, people: list[Asked], *, again: FlowTask | None) -> None:
    """Make the tasks of a new pass of a step. `again` is the task of whoever decided it before it was returned."""
    sequential = node.order is Order.SEQUENTIAL
    for position, one in enumerate(people):
        status = TaskStatus.QUEUED if sequential and position else TaskStatus.TODO
        person = one.user_id
        if again is not None and again.kind == TaskKind.NORMAL and len(people) == 1:
            person = again.done_for_id or again.done_by_id
        make_task(
            act,
            token,
            node,
            status=status,
            position=position,
            assignee_id=person,
            pool_role=one.role,
            pool_unit_id=one.unit_id,
        )


def make_task(
    act: CaseAct, token: FlowToken, node: Node, *, status: TaskStatus, kind: TaskKind = TaskKind.NORMAL, **facts: object
) -> FlowTask:
    """A task of a step, with its clock when it is to be done now."""
    task = act.new_task(
        token=token,
        node_id=node.id,
        node_name=node.name,
        stage=node.stage,
        pass_no=token.pass_no,
        kind=kind,
        status=status,
        **facts,
    )
    if status == TaskStatus.TODO:
        start_limit(act, task, node)
    return task


def hand_on_added(act: CaseAct, task: FlowTask, again: FlowTask) -> None:
    """Whom a signer had added belongs to the task they are asked anew by."""
    for added in FlowTask.objects.filter(added_by=task):
        act.set_task(added, added_by_id=again.pk)


def wake(act: CaseAct, task: FlowTask, node: Node) -> None:
    """A task that waited is to be done now; nobody has opened it since."""
    act.set_task(task, status=TaskStatus.TODO, created_at=act.now, opened_at=None)
    start_limit(act, task, node)


def start_limit(act: CaseAct, task: FlowTask, node: Node) -> None:
    """Start the clock of a task, when its step has one."""
    days = days_of(node.limit, act.instance)
    if node.limit is None or not days:
        return
    clock = start_clock(act, task.token, node, DeadlineKind.LIMIT, days, warn=node.limit.warn, task=task)
    task.due_on = clock.due_on
    task.save(update_fields=["due_on"])


def days_of(clock: Clock | None, instance: FlowInstance) -> int:
    """How many working days a clock runs in this case; 0 when there is none."""
    if clock is None:
        return 0
    value = instance.facts.get(clock.fact) if clock.fact else clock.days
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else clock.days


def start_clock(
    act: CaseAct,
    token: FlowToken,
    node: Node,
    kind: DeadlineKind,
    days: int,
    *,
    warn: int = 0,
    task: FlowTask | None = None,
) -> FlowDeadline:
    """A clock of so many working days from tomorrow on; provisional while its year has not been announced."""
    due_on, provisional = due_day(act.today, days)
    clock = FlowDeadline.objects.create(
        instance=act.instance,
        token=token,
        task=task,
        node_id=node.id,
        kind=kind,
        started_on=act.today,
        days=days,
        warn_days=warn,
        due_on=due_on,
        provisional=provisional,
    )
    act.journal.new_clocks.append(clock.pk)
    return clock


def due_day(start: date, days: int) -> tuple[date, bool]:
    """The day a clock of `days` working days from `start` runs out, and whether a guessed year is among them."""
    calendar = working_days.load(start)
    due_on = calendar.add_working_days(start, days)
    return due_on, any(calendar.is_provisional(day) for day in calendar.exceptions if start < day <= due_on)
