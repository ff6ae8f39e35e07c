"""Cases and tasks as messages and calendars need them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from bianzhi.accounts.models import RoleGrant
from bianzhi.accounts.roles import ROLES
from bianzhi.common.agenda import Entry
from bianzhi.common.web.tones import Tone
from bianzhi.kernel import clock
from bianzhi.office.selectors.people import holders
from bianzhi.workflow import registries
from bianzhi.workflow.models import FlowInstance, FlowTask, TaskStatus
from bianzhi.workflow.models.instances import LIVE
from bianzhi.workflow.selectors import inbox

UNIT_HEAD, DIRECTOR = "unit_head", "office_director"


@dataclass(frozen=True, slots=True)
class FlowCase:
    """A case by its outermost flow: what it is called, who began it, where it is shown."""

    instance_id: int
    title: str
    initiator_id: int
    unit_id: int | None
    flow_key: str
    url: str
    ended: str
    """How it ended; empty while somebody may still act on it."""


def case_of(instance_id: int) -> FlowCase | None:
    """The case an instance belongs to; None when there is no such instance."""
    rows = FlowInstance.objects.select_related("version__definition", "root__version__definition")
    instance = rows.filter(pk=instance_id).first()
    if instance is None:
        return None
    root = instance.root or instance
    return FlowCase(
        instance_id=root.pk,
        title=root.title,
        initiator_id=root.initiator_id,
        unit_id=root.unit_id,
        flow_key=root.version.definition.key,
        url=url_of(root),
        ended="" if root.is_live else root.status,
    )


def url_of(instance: FlowInstance) -> str:
    """Where the subject of a case is shown; empty when no app answers for its kind."""
    try:
        return registries.handler_of(instance.subject_kind).url(instance.subject_id)
    except KeyError:
        return ""


def open_tasks(case: FlowCase) -> QuerySet[FlowTask]:
    """Tasks of the case, and of cases it called, that somebody can act on now."""
    of_case = Q(instance_id=case.instance_id) | Q(instance__root_id=case.instance_id)
    return FlowTask.objects.filter(of_case, status=TaskStatus.TODO).order_by("pk")


def leaders_of(task: FlowTask, case: FlowCase, day: date) -> set[int]:
    """Who is told when a task is overdue: the heads of the unit whose task it is, else the director of the office.

    A task of a role that works for the whole district is the office's; so is one of a unit that has no head.
    """
    unit_id = task.pool_unit_id
    if not task.pool_role and not _is_of_office(task.assignee_id):
        unit_id = case.unit_id
    if task.pool_role in ROLES and ROLES[task.pool_role].whole_district:
        unit_id = None
    heads = holders(UNIT_HEAD, unit_id, day) if unit_id is not None else set()
    return heads or holders(DIRECTOR, None, day)


def _is_of_office(user_id: int | None) -> bool:
    if user_id is None:
        return False
    roles = RoleGrant.objects.filter(user_id=user_id, revoked_at__isnull=True).values_list("role", flat=True)
    return any(role in ROLES and ROLES[role].whole_district for role in roles)


def task_deadlines(user: Any, first: date, last: date) -> Iterator[Entry]:
    """Agenda source: the limits of the tasks that wait for the user."""
    today = clock.today()
    rows = inbox.todo(user, today).filter(due_on__gte=first, due_on__lte=last, instance__status__in=LIVE)
    for task in rows.select_related("instance__root").order_by("due_on", "pk"):
        root, due_on = task.instance.root or task.instance, task.due_on or today
        yield Entry(
            uid=f"task-{task.pk}",
            label="办理期限",
            title=root.title,
            starts=due_on,
            ends=due_on,
            url=url_of(root),
            note=f"“{task.node_name}”环节",
            tone=Tone.BAD if due_on < today else Tone.WARN,
            changed_at=task.created_at,
        )
