"""The five lists of everybody's work: 待办、待阅、已办、我发起、督办; one indexed query each."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from bianzhi.workflow import registries
from bianzhi.workflow.models import FlowDeadline, FlowInstance, FlowTask, InstanceStatus, TaskKind, TaskStatus
from bianzhi.workflow.models.instances import LIVE
from bianzhi.workflow.selectors.standing import still_theirs, tasks_of

CARDS = Q(reminded__startswith="yellow") | Q(reminded__startswith="red")


def todo(user: Any, today: date) -> QuerySet[FlowTask]:
    """待办: what the user is to decide, the most pressing first; tasks of those who delegated to them included."""
    mine = FlowTask.objects.filter(tasks_of(user, today), status=TaskStatus.TODO)
    mine = mine.filter(instance__status=InstanceStatus.RUNNING).exclude(kind=TaskKind.COPY)
    return _shown(mine).order_by("due_on", "pk")


def todo_count(user: Any, today: date) -> int:
    """How many tasks wait for the user."""
    return todo(user, today).order_by().count()


def to_read(user: Any, today: date) -> QuerySet[FlowTask]:
    """待阅: copies the user has not read, also of cases that have ended."""
    mine = FlowTask.objects.filter(tasks_of(user, today), status=TaskStatus.TODO, kind=TaskKind.COPY)
    return _shown(mine).order_by("pk")


def done(user: Any, today: date) -> QuerySet[FlowTask]:
    """已办: what the user decided, returned or read, the newest first."""
    closed = (TaskStatus.DONE, TaskStatus.RETURNED)
    rows = FlowTask.objects.filter(still_theirs(user, today), done_by_id=user.pk, status__in=closed)
    return _shown(rows).order_by("-done_at", "-pk")


def started(user: Any, today: date) -> QuerySet[FlowInstance]:
    """我发起: cases the user began, the newest first."""
    mine = FlowInstance.objects.filter(initiator=user, parent_token__isnull=True)
    reached = registries.reached_by(user, today)
    if reached is not None:
        mine = mine.filter(Q(unit_id__isnull=True) | Q(unit_id__in=reached))
    return mine.select_related("version__definition").order_by("-pk")


def supervised(user: Any, today: date) -> QuerySet[FlowTask]:
    """督办: open tasks past their day, within what the user may see; the latest first."""
    rows = FlowTask.objects.filter(status=TaskStatus.TODO, due_on__lt=today, instance__status__in=LIVE)
    reached = registries.reached_by(user, today)
    if reached is not None:
        own = Q(instance__unit_id__isnull=True, instance__initiator=user)
        rows = rows.filter(Q(instance__unit_id__in=reached) | own)
    return _shown(rows.exclude(kind=TaskKind.COPY)).order_by("due_on", "pk")


def cards(task_ids: list[int]) -> dict[int, str]:
    """Which of these tasks carry a card: task → "yellow" or "red"."""
    rows = FlowDeadline.objects.filter(CARDS, task__in=task_ids)
    found = rows.filter(task__isnull=False).values_list("task_id", "reminded")
    return {int(task_id or 0): reminded.split(" ")[0] for task_id, reminded in found}


def _shown(rows: QuerySet[FlowTask]) -> QuerySet[FlowTask]:
    return rows.select_related("instance__version__definition", "instance__initiator", "assignee")
