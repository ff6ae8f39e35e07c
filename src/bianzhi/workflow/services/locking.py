"""The one lock of a case: its root instance's row. Whoever acts takes it first and reads everything else after it."""

from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import FlowInstance, FlowTask

GONE = "没有这项任务，或它已不在您的管理范围内。"


def lock_instance(instance_id: int) -> FlowInstance:
    """The instance, with the root of its call tree locked to the end of the transaction. Refused when there is none."""
    root_id = FlowInstance.objects.filter(pk=instance_id).values_list("root_id", flat=True).first()
    rows = FlowInstance.objects.select_related("version__definition", "initiator", "parent_token")
    locked = {row.pk: row for row in rows.select_for_update(of=("self",)).filter(pk__in={root_id or instance_id})}
    if root_id is not None:
        locked[instance_id] = rows.get(pk=instance_id)
    if instance_id not in locked:
        raise Refused([Objection("L3", "没有这个办件。", next_step="请返回列表刷新。")])
    return locked[instance_id]


def lock_task(task_id: int) -> tuple[FlowTask, FlowInstance]:
    """A task as it is once its case is locked, and the case. Refused when there is none."""
    instance_id = FlowTask.objects.filter(pk=task_id).values_list("instance_id", flat=True).first()
    if instance_id is None:
        raise Refused([Objection("L3", GONE, next_step="请返回待办列表刷新。")])
    instance = lock_instance(instance_id)
    task = FlowTask.objects.select_related("token", "assignee").get(pk=task_id)
    task.instance = instance
    return task, instance
