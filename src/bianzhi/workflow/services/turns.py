"""Whose turn it is in a step: one rule, asked whenever a task of the step was closed, taken back or resumed.

Who was added after a signer waits for that signer. Every other task waits for those asked before it with whomever
these asked in turn, and, where a step asks one after the other, for everybody at an earlier place. Nobody waits for
somebody who waits for them, so a step that is open always asks somebody.
"""

from bianzhi.workflow.models import FlowTask, FlowToken, TaskKind, TaskStatus
from bianzhi.workflow.rules.profile import Node, Order
from bianzhi.workflow.services.act import OPEN_TASKS, CaseAct
from bianzhi.workflow.services.seating import wake

IN_TURN = (TaskKind.NORMAL, TaskKind.ADDED_BESIDE)


def tasks_of_pass(token: FlowToken, node: Node, pass_no: int) -> list[FlowTask]:
    """The tasks of one pass of a step that stand, without copies."""
    tasks = token.tasks.filter(node_id=node.id, pass_no=pass_no, stands=True)
    return list(tasks.exclude(kind=TaskKind.COPY).order_by("pk"))


def ask_whose_turn_it_is(act: CaseAct, tasks: list[FlowTask], node: Node) -> None:
    """Wake everybody of a step who waits for nobody any longer."""
    for task in tasks:
        if task.status == TaskStatus.QUEUED and not _waits(task, tasks, node):
            wake(act, task, node)


def _waits(task: FlowTask, tasks: list[FlowTask], node: Node) -> bool:
    if task.kind == TaskKind.ADDED_AFTER and _is_open(task.added_by_id, tasks):
        return True
    if any(_advises(each, task.pk, tasks) for each in tasks if each.status in OPEN_TASKS):
        return True
    in_turn = node.order is Order.SEQUENTIAL and task.kind in IN_TURN
    return in_turn and any(each.status in OPEN_TASKS and each.position < task.position for each in tasks)


def _is_open(task_id: int | None, tasks: list[FlowTask]) -> bool:
    return any(each.pk == task_id and each.status in OPEN_TASKS for each in tasks)


def _advises(task: FlowTask, signer_id: int, tasks: list[FlowTask]) -> bool:
    """Whether a task was asked before a signer, or by somebody who was."""
    by_id = {each.pk: each for each in tasks}
    adviser: FlowTask | None = task
    while adviser is not None and adviser.added_by_id is not None:
        if adviser.added_by_id == signer_id:
            return adviser.kind == TaskKind.ADDED_BEFORE
        adviser = by_id.get(adviser.added_by_id)
    return False
