"""催办: whoever waits for a case reminds the person who has it, at most once in four hours."""

from datetime import date, timedelta
from typing import Final

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import FlowTask, OpinionAction
from bianzhi.workflow.services.act import CaseAct
from bianzhi.workflow.services.authority import require_open
from bianzhi.workflow.services.copying import require_sight
from bianzhi.workflow.services.locking import lock_task

PAUSE: Final = timedelta(hours=4)


@unit_of_work
def urge(*, actor: Actor, task_id: int, text: str, today: date) -> FlowTask:
    """Remind whoever has a task. Raises Refused when it is done, not the actor's to see, or was urged too lately."""
    task, instance = lock_task(task_id)
    require_open(task, instance)
    require_sight(actor, instance)
    now = timezone.now()
    if task.urged_at is not None and now - task.urged_at < PAUSE:
        at = timezone.localtime(task.urged_at)
        message = f"“{task.node_name}”已于 {at:%H:%M} 催办过，4 小时内不能重复催办。"
        raise Refused(
            [Objection("L9", message, next_step=f"请在 {timezone.localtime(task.urged_at + PAUSE):%H:%M} 以后再催办。")]
        )
    act = CaseAct.on(instance, actor=actor, today=today)
    task.urged_at = now
    task.save(update_fields=["urged_at"])
    act.opine(OpinionAction.URGE, task=task, text=text)
    act.save_instance()
    record("workflow.urged", actor=actor, subject=instance, facts={"task": task.pk}, wrote=act.wrote)
    payload = {"task": task.pk, "text": text, "actor_name": actor.display_name}
    outbox.put("workflow.urged", key=task.pk, payload=payload)
    return task
