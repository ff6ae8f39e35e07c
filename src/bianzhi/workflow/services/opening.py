"""打开: the moment somebody has seen a task; from then on the step before cannot be taken back."""

from datetime import date

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.workflow.models import FlowTask, TaskStatus
from bianzhi.workflow.selectors.standing import may_act
from bianzhi.workflow.services.locking import lock_task


@unit_of_work
def open_task(*, actor: Actor, task_id: int, today: date) -> FlowTask:
    """Note that whoever may act on a task has opened it; nothing for others, and nothing the second time.

    A look is no act of the register: it leaves no audit entry.
    """
    task, _ = lock_task(task_id)
    if task.opened_at is None and task.status == TaskStatus.TODO and may_act(actor, task, today).ok:
        task.opened_at = timezone.now()
        task.save(update_fields=["opened_at"])
    return task
