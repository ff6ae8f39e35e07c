"""抄送与阅知: people who should know, without being asked to decide."""

from collections.abc import Collection
from datetime import date

from bianzhi.accounts.models import User
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow import registries
from bianzhi.workflow.models import FlowInstance, FlowTask, FlowToken, OpinionAction, TaskKind, TaskStatus
from bianzhi.workflow.services.act import CaseAct
from bianzhi.workflow.services.authority import require_part
from bianzhi.workflow.services.locking import lock_instance, lock_task


@unit_of_work
def copy_to(*, actor: Actor, instance_id: int, user_ids: Collection[int], text: str, today: date) -> list[FlowTask]:
    """Let these people read a case the actor may see; those who have it already are left out.

    Raises Refused when the actor may not see the case (L1) or nobody is named (L5).
    """
    instance = lock_instance(instance_id)
    require_sight(actor, instance)
    people = list(User.objects.filter(pk__in=user_ids, is_active=True).order_by("pk"))
    if not people:
        raise Refused([Objection("L5", "没有选择抄送对象，或所选账号已停用。", next_step="请重新选择。")])
    act = CaseAct.on(instance, actor=actor, today=today)
    token = FlowToken.objects.filter(instance=instance).order_by("-pk")[0]
    node = act.process.node(token.node_id)
    waiting = set(
        instance.tasks.filter(kind=TaskKind.COPY, status=TaskStatus.TODO).values_list("assignee_id", flat=True)
    )
    new = [person for person in people if person.pk not in waiting]
    tasks = [
        act.new_task(
            token=token, node_id=node.id, node_name=node.name or "传阅", stage=node.stage, pass_no=token.pass_no,
            kind=TaskKind.COPY, assignee=person,
        )
        for person in new
    ]  # fmt: skip
    act.opine(
        OpinionAction.COPY, text=f"抄送：{'、'.join(each.display_name for each in new) or '（均已抄送）'}。{text}"
    )
    act.finish("workflow.copied", to=[person.pk for person in new])
    return tasks


def require_sight(by: Actor, instance: FlowInstance) -> None:
    """Let whoever may see the case pass; raises Refused (L1) otherwise."""
    if by.pk is None:
        return
    asked = instance.tasks.filter(assignee_id=by.pk).exists() or instance.tasks.filter(done_by_id=by.pk).exists()
    handler = registries.handler_of(instance.subject_kind)
    if not asked and instance.subject_id not in handler.visible_ids(by, [instance.subject_id]):
        raise Refused([Objection("L1", "这个办件不在您的管理范围内。", next_step="请返回列表。")])


@unit_of_work
def mark_read(*, actor: Actor, task_id: int, today: date) -> FlowTask:
    """阅知 one copy. Twice is once; raises Refused for somebody else's copy (L1)."""
    task, instance = lock_task(task_id)
    if task.kind != TaskKind.COPY:
        raise Refused([Objection("L4", "这是待办任务，不是传阅件。", next_step="请在待办中办理。")])
    standing = require_part(actor, task, today)
    if task.status != TaskStatus.TODO:
        return task
    act = CaseAct.on(instance, actor=actor, today=today, standing=standing)
    act.finish_task(task, TaskStatus.DONE, "read")
    act.opine(OpinionAction.READ, task=task)
    act.finish("workflow.read", read=task.pk)
    return task
