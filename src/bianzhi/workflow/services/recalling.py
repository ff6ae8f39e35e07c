"""A case that waits at a timer goes back to whoever applied: what it waits for has failed (公示异议成立)."""

from datetime import date

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import FlowInstance, InstanceStatus, OpinionAction, TokenState
from bianzhi.workflow.services.act import CaseAct
from bianzhi.workflow.services.interventions import INTERVENE
from bianzhi.workflow.services.locking import lock_instance
from bianzhi.workflow.services.sending_back import send_to_initiator


@unit_of_work
def recall(*, actor: Actor, instance_id: int, text: str, today: date) -> FlowInstance:
    """Send a waiting case back to its first step; commands run since are undone by their reversals.

    Raises Refused when the case does not wait (L2), a command has no reversal (L7), or the flow has no first step to be
    filled in anew (L6). Denied without matters.intervene.
    """
    policies.require(actor, INTERVENE)
    instance = lock_instance(instance_id)
    token = instance.tokens.filter(state=TokenState.WAITING).order_by("pk").first()
    if instance.status != InstanceStatus.RUNNING or token is None:
        raise Refused([Objection("L2", "这个办件不在等待期内。", next_step="请刷新页面后按当前状态办理。")])
    act = CaseAct.on(instance, actor=actor, today=today)
    act.opine(OpinionAction.RETURN, node=act.process.node(token.node_id), text=text)
    if not send_to_initiator(act, act.know(token)):
        raise Refused([Objection("L6", "流程没有可以退回的申请环节。", next_step="请终止办件后重新申请。")])
    act.finish("workflow.returned", recalled=token.pk)
    return instance
