"""What every act on a task asks first: is it still open, may this person, have they not decided another part of it."""

from datetime import date, datetime

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow import registries
from bianzhi.workflow.models import FlowInstance, FlowOpinion, FlowTask, InstanceStatus, TaskStatus
from bianzhi.workflow.rules.profile import Node, Process
from bianzhi.workflow.selectors.called import callers
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.selectors.progress import said
from bianzhi.workflow.selectors.standing import Standing, may_act

REFRESH = "请刷新页面查看最新情况，您已填写的意见请先复制保存。"


def require_open(task: FlowTask, instance: FlowInstance) -> None:
    """Raise Refused when somebody was quicker (who and when), or the case is over or suspended."""
    if task.status != TaskStatus.TODO:
        raise Refused([Objection("L2", _what_happened(task), next_step=REFRESH)])
    require_running(instance)


def require_running(instance: FlowInstance) -> None:
    """Raise Refused when the case, or one that called it, is over or suspended: then nothing of it moves."""
    for each in (instance, *callers(instance)):
        if each.status == InstanceStatus.SUSPENDED:
            raise Refused([Objection("L2", "这个办件已挂起，暂不能办理。", next_step="请等待恢复，或联系编办。")])
        if each.status != InstanceStatus.RUNNING:
            message = f"这个办件已经结束（{each.get_status_display()}）。"
            raise Refused([Objection("L2", message, next_step=REFRESH)])


def _what_happened(task: FlowTask) -> str:
    last = FlowOpinion.objects.filter(task=task).order_by("-number").first()
    if last is None:
        last = task.instance.opinions.exclude(action="execute").order_by("-number").first()
    if last is None:
        return f"“{task.node_name}”这项任务{task.get_status_display()}。"
    words = said(last, process_of(task.instance.version))
    return f"“{task.node_name}”已由{last.actor_label}于{_when(last.recorded_at)}{words}，不能再办理。"


def _when(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def require_part(by: Actor, task: FlowTask, today: date, on_behalf_of: int | None = None) -> Standing:
    """Raises Refused when the task is not theirs, in whoever's name; for acts on which no name stands."""
    standing = may_act(by, task, today, on_behalf_of)
    if not standing.ok:
        raise Refused([Objection("L1", standing.why_not, next_step="如需代为办理，请由本人委托或转办。")])
    return standing


def require_standing(by: Actor, task: FlowTask, today: date, on_behalf_of: int | None = None) -> Standing:
    """Who somebody acts for; raises Refused when the task is not theirs, or several delegated it and none is chosen."""
    standing = require_part(by, task, today, on_behalf_of)
    if standing.choices:
        names = "、".join(person.display_name for person in standing.choices)
        message = f"{names}都把“{task.node_name}”委托给了您，须选明代谁办理。"
        raise Refused([Objection("L1", message, next_step="请打开办件，选择代谁办理后再提交。")])
    return standing


def objections_to_deciding(by: Actor, standing: Standing, task: FlowTask, node: Node) -> list[Objection]:
    """R25 and 回避: nobody decides an own matter, and 经办、审核、审批 are different accounts."""
    acting = {pk for pk in (by.pk, standing.on_behalf_of.pk if standing.on_behalf_of else None) if pk is not None}
    instance = task.instance
    if not acting or node.asks_initiator:
        return []
    found: list[Objection] = []
    if instance.initiator_id in acting:
        found.append(
            Objection("R25", "您是这项申请的发起人，不能审批自己的事项（R25）。", next_step="请转由他人办理。")
        )
    recused = {*registries.handler_of(instance.subject_kind).recused(instance), *instance.facts.get("recused", [])}
    if acting & recused:
        found.append(
            Objection("R25", "您与这项申请有利害关系，应当回避（R25）。", next_step="请点“申请回避”转由他人办理。")
        )
    return found + _objections_to_second_decision(acting, task, node)


def _objections_to_second_decision(acting: set[int], task: FlowTask, node: Node) -> list[Objection]:
    if not node.separate:
        return []
    process = process_of(task.instance.version)
    group = [each.id for each in process.nodes.values() if each.separate == node.separate and each.id != node.id]
    earlier = FlowTask.objects.filter(instance=task.instance, node_id__in=group, status=TaskStatus.DONE, stands=True)
    for done in earlier.exclude(kind="copy").order_by("-pk"):
        if acting & {done.done_by_id, done.done_for_id}:
            message = (
                f"您已办理过本件的“{done.node_name}”，“{task.node_name}”须由另一人办理（R25：经办、审核、审批三分离）。"
            )
            return [Objection("R25", message, next_step="请转由他人办理。")]
    return []


def earlier_answer(request_key: str, by: Actor) -> FlowOpinion | None:
    """What the same form did when it was sent before; None for the first time."""
    if not request_key:
        return None
    rows = FlowOpinion.objects.select_related("task", "instance__version__definition")
    return rows.filter(request_key=request_key, actor_id=by.pk).first()


def node_of(process: Process, task: FlowTask) -> Node:
    """The step a task belongs to."""
    return process.node(task.node_id)
