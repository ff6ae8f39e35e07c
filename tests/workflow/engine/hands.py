"""Acting on cases in few words: `open_at(case, "review")`, `agree(user, case, "review")`."""

from __future__ import annotations

from collections.abc import Iterable

from bianzhi.accounts.models import User
from bianzhi.workflow.models import FlowInstance, FlowTask, TaskKind, TaskStatus
from bianzhi.workflow.services.deciding import Decision, decide
from bianzhi.workflow.services.returning import return_task
from tests.workflow.engine.flows import TODAY

OPEN = (TaskStatus.TODO, TaskStatus.QUEUED, TaskStatus.PAUSED)


def tasks_at(case: FlowInstance, node_id: str, *, status: str = TaskStatus.TODO) -> list[FlowTask]:
    rows = case.tasks.filter(node_id=node_id, status=status).exclude(kind=TaskKind.COPY)
    return list(rows.select_related("assignee").order_by("position", "pk"))


def task_of(user: User, case: FlowInstance, node_id: str) -> FlowTask:
    """The user's own open task at a step, else the one open task there."""
    found = tasks_at(case, node_id)
    own = [task for task in found if task.assignee_id == user.pk]
    return (own or found)[0]


def where(case: FlowInstance) -> list[str]:
    """The steps somebody is asked at."""
    rows = case.tasks.filter(status=TaskStatus.TODO).exclude(kind=TaskKind.COPY)
    return sorted(set(rows.values_list("node_id", flat=True)))


def names(tasks: Iterable[FlowTask]) -> list[str]:
    """Whom tasks are assigned to."""
    return [task.assignee.username for task in tasks if task.assignee is not None]


def status(case: FlowInstance) -> str:
    return FlowInstance.objects.get(pk=case.pk).status


def submit(user: User, case: FlowInstance, node_id: str = "apply") -> Decision:
    return decide(actor=user, task_id=task_of(user, case, node_id).pk, verdict="submit", text="", today=TODAY)


def agree(user: User, case: FlowInstance, node_id: str, text: str = "同意", *, request_key: str = "") -> Decision:
    task = task_of(user, case, node_id)
    return decide(actor=user, task_id=task.pk, verdict="agree", text=text, today=TODAY, request_key=request_key)


def disagree(user: User, case: FlowInstance, node_id: str, text: str = "不符合规定") -> Decision:
    task = task_of(user, case, node_id)
    return decide(actor=user, task_id=task.pk, verdict="disagree", text=text, today=TODAY)


def send_back(
    user: User, case: FlowInstance, node_id: str, to: str, *, way: str = "step", text: str = "请补正"
) -> Decision:
    task = task_of(user, case, node_id)
    return return_task(actor=user, task_id=task.pk, to_node=to, way=way, text=text, today=TODAY)
