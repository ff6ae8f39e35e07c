"""The one lock of a case: its root instance's row. Whoever acts takes it first and reads everything else after it."""

from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import FlowInstance, FlowTask

GONE = "没有这项任务，或它已不在您的管理范围内。"


def lock_instance(instance_id: int) -> FlowInstance:
    """The instance, with the root of its call tree locked to the end of the transaction. Refused when there is none."""
    root_id = FlowInstance.objects.filter(pk=instance_id).values_list("root_id", flat=True).first()
    return _locked(instance_id, root_id)


def _locked(instance_id: int, root_id: int | None) -> FlowInstance:
    rows = FlowInstance.objects.select_related("version").defer("version__bpmn_xml")
    found = rows.select_for_update(of=("self",)).filter(pk=root_id or instance_id).first()
    if found is None:
        raise Refused([Objection("L3", "没有这个办件。", next_step="请返回列表刷新。")])
    return found if root_id is None else rows.get(pk=instance_id)


def lock_task(task_id: int) -> tuple[FlowTask, FlowInstance]:
    """A task as it is once its case is locked, and the case. Refused when there is none."""
    ids = FlowTask.objects.filter(pk=task_id).values_list("instance_id", "instance__root_id").first()
    if ids is None:
        raise Refused([Objection("L3", GONE, next_step="请返回待办列表刷新。")])
    instance = _locked(*ids)
    task = FlowTask.objects.select_related("token").get(pk=task_id)
    task.instance = instance
    return task, instance
