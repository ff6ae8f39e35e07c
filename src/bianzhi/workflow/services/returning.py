"""退回: a step sends the case back to one that was done before."""

from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.kernel.files import Upload
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.workflow.models import FlowTask, OpinionAction, TaskStatus
from bianzhi.workflow.rules.profile import Way
from bianzhi.workflow.selectors.returns import Target, targets
from bianzhi.workflow.services.act import CaseAct
from bianzhi.workflow.services.authority import (
    earlier_answer,
    objections_to_deciding,
    require_open,
    require_standing,
)
from bianzhi.workflow.services.deciding import Decision
from bianzhi.workflow.services.locking import lock_task
from bianzhi.workflow.services.sending_back import commands_since, descendants, run_again_from, straight_back
from bianzhi.workflow.services.signed_papers import put_on, taken


@unit_of_work
def return_task(
    *,
    actor: Actor,
    task_id: int,
    to_node: str,
    way: str,
    text: str,
    today: date,
    request_key: str = "",
    on_behalf_of: int | None = None,
    paper: Upload | None = None,
) -> Decision:
    """Send the case back to a step done before; `way` "step" runs every step after it again, "direct" comes straight
    back to this one.

    Raises Refused when the step or way is not open for return (L8), without a reason, or when a command carried out
    since cannot be undone (L7).
    """
    task, instance = lock_task(task_id)
    if (earlier := earlier_answer(request_key, actor)) is not None:
        return Decision(earlier.task or task, earlier.instance, repeated=True)
    require_open(task, instance)
    standing = require_standing(actor, task, today, on_behalf_of)
    act = CaseAct.on(instance, actor=actor, today=today, standing=standing)
    refuse_if(objections_to_deciding(actor, standing, task, act.process.node(task.node_id)))
    target = _target(task, to_node, way)
    if not text.strip():
        raise Refused([Objection("L4", "退回须写明理由，以便对方补正。", next_step="请填写意见后再提交。")])
    scan = taken(paper, act)
    act.finish_task(task, TaskStatus.RETURNED, "return")
    words = f"退回至“{target.name}”{'，办后直送' if way == Way.DIRECT else ''}：{text}"
    opinion = act.opine(
        OpinionAction.RETURN, task=task, text=words, request_key=request_key, attachment=scan.get("sha256", "")
    )
    put_on(act, opinion, scan)
    _send_back(act, task, target, way)
    act.finish("workflow.returned", task=task, to=to_node, way=way)
    return Decision(task, instance)


def _target(task: FlowTask, to_node: str, way: str) -> Target:
    open_targets = targets(task)
    target = next((each for each in open_targets if each.node_id == to_node), None)
    if target is None:
        names = "、".join(each.name for each in open_targets) or "无"
        message = f"不能退回到该环节，本环节可退回：{names}。"
        raise Refused([Objection("L8", message, next_step="请重新选择退回的环节。")])
    if way not in target.ways:
        raise Refused([Objection("L8", f"退回至“{target.name}”不能用这种方式。", next_step="请选择逐级重办。")])
    return target


def _send_back(act: CaseAct, task: FlowTask, target: Target, way: str) -> None:
    if way != Way.DIRECT:
        run_again_from(act, target.task)
        return
    token = act.know(task.token)
    if commands_since(target.task, [token, *descendants(token)]):
        message = f"“{target.name}”之后已有业务生效，不能办后直送。"
        raise Refused([Objection("L8", message, next_step="请选择逐级重办，已生效的业务将先冲正。")])
    straight_back(act, target.task, task)
