"""Taking running cases over to another version of their flow, step by step as mapped; all of them or none."""

from collections.abc import Mapping
from datetime import date

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.workflow.models import (
    DeadlineKind,
    DeadlineState,
    FlowInstance,
    FlowToken,
    FlowVersion,
    InstanceStatus,
    OpinionAction,
    TokenState,
    VersionStatus,
)
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.selectors.migration import LIVE_TOKENS, passage, preview
from bianzhi.workflow.services.act import OPEN_CLOCKS, OPEN_TASKS, CaseAct
from bianzhi.workflow.services.clocks import suspend_clock
from bianzhi.workflow.services.locking import lock_instance
from bianzhi.workflow.services.seating import days_of, start_clock


@unit_of_work
@beyond_scope("migrating")
def migrate_instances(
    *, actor: Actor, from_version_id: int, to_version_id: int, mapping: Mapping[str, str], text: str, today: date
) -> list[FlowInstance]:
    """Let every running case of one version go on by another of the same flow.

    `mapping` gives for each step of the old version its counterpart. Raises Refused, naming the cases, when one would
    be stranded (F40), without a reason, or when the versions do not belong together.
    """
    policies.require(actor, "matters.configure")
    old = FlowVersion.objects.select_related("definition").get(pk=from_version_id)
    new = FlowVersion.objects.select_related("definition").get(pk=to_version_id)
    if old.definition_id != new.definition_id or new.status != VersionStatus.PUBLISHED or old.pk == new.pk:
        raise Refused([Objection("L11", "只能换用同一流程的另一个已发布版本。", next_step="请先发布新版本。")])
    if not text.strip():
        raise Refused([Objection("L4", "换用版本须写明理由。", next_step="请填写理由后再提交。")])
    ids = [each.instance.pk for each in preview(old, new, mapping)]
    return [_take_over(actor, pk, old, new, mapping, text, today) for pk in ids]


def _take_over(
    actor: Actor, pk: int, old: FlowVersion, new: FlowVersion, mapping: Mapping[str, str], text: str, today: date
) -> FlowInstance:
    instance = lock_instance(pk)
    before, after = process_of(old), process_of(new)
    found = passage(instance, before, after, mapping)
    refuse_if(
        [Objection("F40", f"{instance.title}：{found.why_not}。", next_step="请补充环节对应关系，或让该办件先办结。")]
        if found.why_not
        else []
    )
    instance.version = new
    act = CaseAct.on(instance, actor=actor, today=today)
    for token in FlowToken.objects.filter(instance=instance, state__in=LIVE_TOKENS).order_by("pk"):
        resume = mapping.get(token.resume_node, "") if token.resume_node else ""
        act.set_token(act.know(token), node_id=mapping[token.node_id], resume_node=resume)
    for task in instance.tasks.filter(status__in=OPEN_TASKS).exclude(kind="copy"):
        node = after.nodes[mapping[task.node_id]]
        act.set_task(task, node_id=node.id, node_name=node.name, stage=node.stage)
    _take_clocks_over(act, mapping)
    act.find_stage()
    act.opine(OpinionAction.INTERVENE, text=f"换用流程第 {new.number} 版（原第 {old.number} 版）。{text}")
    act.finish("workflow.migrated", was=old.number, now=new.number)
    return instance


def _take_clocks_over(act: CaseAct, mapping: Mapping[str, str]) -> None:
    """Clocks run on at the counterparts of their steps. A boundary timer whose step has it no longer is stopped, for
    nothing could come of it; one that is new to the step begins today.
    """
    for clock in act.instance.deadlines.filter(state__in=OPEN_CLOCKS).select_related("token"):
        target = mapping.get(clock.node_id, "")
        node = act.process.nodes.get(target)
        if clock.kind == DeadlineKind.BOUNDARY and (node is None or node.attached_to != clock.token.node_id):
            act.stop_clocks([clock], DeadlineState.CANCELLED)
        else:
            clock.node_id = target or clock.node_id
            clock.save(update_fields=["node_id"])
    for token in FlowToken.objects.filter(instance=act.instance, state=TokenState.ACTIVE):
        for timer in act.process.boundaries_of(token.node_id):
            if timer.id not in mapping.values():
                start_clock(act, token, timer, DeadlineKind.BOUNDARY, days_of(timer.limit, act.instance))
    if act.instance.status == InstanceStatus.SUSPENDED:
        suspend_clock(actor=act.actor, instance_id=act.instance.pk, node_id="", today=act.today)
