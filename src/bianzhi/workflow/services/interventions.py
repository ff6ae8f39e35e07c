"""Acts of whoever answers for the office's cases (matters.intervene): each with a reason, each in the record."""

from datetime import date

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.workflow.models import (
    DeadlineState,
    FlowInstance,
    FlowTask,
    FlowToken,
    InstanceStatus,
    OpinionAction,
    TaskKind,
    TaskStatus,
    TokenState,
)
from bianzhi.workflow.rules.paths import on_the_way, successors
from bianzhi.workflow.rules.profile import Action, Node, NodeKind
from bianzhi.workflow.rules.scopes import scopes
from bianzhi.workflow.selectors.standing import Standing, may_act
from bianzhi.workflow.services.act import OPEN_CLOCKS, OPEN_TASKS, CaseAct
from bianzhi.workflow.services.authority import objections_to_deciding, require_open, require_running
from bianzhi.workflow.services.called import end_called
from bianzhi.workflow.services.clocks import resume_clock, suspend_clock
from bianzhi.workflow.services.commands import executed
from bianzhi.workflow.services.locking import lock_instance, lock_task
from bianzhi.workflow.services.moving import enter, finish_case
from bianzhi.workflow.services.reassigning import fit_person, hand_over
from bianzhi.workflow.services.settling import settle

INTERVENE = "matters.intervene"


@unit_of_work
def skip(*, actor: Actor, task_id: int, text: str, today: date) -> FlowTask:
    """跳过 a task: nobody's opinion is asked, the step counts without it. Never a step of 核准 (L8), nor one that needs
    an account of its own (R25): whoever passes it over would have had a part in the decision.

    Open to the step's own people where its definition allows it, else to who may intervene; to nobody in an own matter.
    """
    task, instance = lock_task(task_id)
    require_open(task, instance)
    act = CaseAct.on(instance, actor=actor, today=today)
    node = act.process.node(task.node_id)
    standing = may_act(actor, task, today)
    if Action.SKIP not in node.actions or not standing.ok:
        policies.require(actor, INTERVENE)
    _require_reason(text, "跳过")
    if node.stage == "核准" or node.submit or task.kind == TaskKind.COPY:
        raise Refused([Objection("L8", f"“{node.name}”环节不能跳过。", next_step="请转办、改派或退回。")])
    if node.separate:
        message = f"“{node.name}”须由专人办理，不能跳过（R25：经办、审核、审批三分离）。"
        raise Refused([Objection("L8", message, next_step="请转办、改派或退回。")])
    refuse_if(objections_to_deciding(actor, standing, task, node))
    act.finish_task(task, TaskStatus.DONE, "skip")
    act.opine(OpinionAction.SKIP, task=task, text=text)
    settle(act, task, act.know(task.token), node)
    act.finish("workflow.skipped", task=task)
    return task


@unit_of_work
def terminate(*, actor: Actor, instance_id: int, text: str, today: date) -> FlowInstance:
    """终止 a case. What it has carried out stands; undoing that is a matter of its own."""
    instance, act = _case(actor, instance_id, text, "终止", today)
    act.opine(OpinionAction.TERMINATE, text=text)
    finish_case(act, InstanceStatus.TERMINATED)
    act.finish("workflow.terminated")
    return instance


@unit_of_work
def suspend(*, actor: Actor, instance_id: int, text: str, today: date) -> FlowInstance:
    """挂起: nothing of the case can be done, and no clock of it runs, until it is resumed."""
    instance, act = _case(actor, instance_id, text, "挂起", today)
    if instance.status == InstanceStatus.SUSPENDED:
        raise Refused([Objection("L2", "这个办件已经挂起。", next_step="请刷新页面。")])
    instance.status = InstanceStatus.SUSPENDED
    suspend_clock(actor=actor, instance_id=instance_id, node_id="", today=today)
    act.opine(OpinionAction.SUSPEND, text=text)
    act.finish("workflow.suspended")
    return instance


@unit_of_work
def resume(*, actor: Actor, instance_id: int, text: str, today: date) -> FlowInstance:
    """恢复 a suspended case: its clocks run on, later by the working days it stood still."""
    instance, act = _case(actor, instance_id, text, "恢复", today)
    if instance.status != InstanceStatus.SUSPENDED:
        raise Refused([Objection("L2", "这个办件没有挂起。", next_step="请刷新页面。")])
    instance.status = InstanceStatus.RUNNING
    resume_clock(actor=actor, instance_id=instance_id, node_id="", today=today)
    act.opine(OpinionAction.RESUME, text=text)
    act.finish("workflow.resumed")
    return instance


@unit_of_work
def reassign(*, actor: Actor, task_id: int, to_user_id: int, text: str, today: date) -> FlowTask:
    """改派 a task to another person who holds the step's role: somebody left, fell ill, or sits on it."""
    policies.require(actor, INTERVENE)
    _require_reason(text, "改派")
    task, instance = lock_task(task_id)
    require_open(task, instance)
    act = CaseAct.on(instance, actor=actor, today=today)
    person = fit_person(task, to_user_id, today)
    refuse_if(objections_to_deciding(person, Standing(ok=True), task, act.process.node(task.node_id)))
    hand_over(act, task, person)
    act.opine(OpinionAction.INTERVENE, task=task, text=f"改派{person.display_name}办理。{text}")
    act.finish("workflow.intervened", reassigned=task.pk, to=person.pk)
    return task


@unit_of_work
def move_to(*, actor: Actor, instance_id: int, token_id: int, node_id: str, text: str, today: date) -> FlowInstance:
    """Put a token that is stuck onto another step of the same block. Open tasks of its step are cancelled, a case it
    called ends.

    Commands between are neither run nor undone: this mends a case, it decides nothing. So it goes neither back before
    a command that stands and would run again (L7), nor from a wait past the command it holds back (L8). A step of 核准
    cannot be jumped over: the target must not lie behind one the case has not passed (L8).
    """
    instance, act = _case(actor, instance_id, text, "调整环节", today)
    require_running(instance)
    token = act.know(FlowToken.objects.get(pk=token_id, instance=instance))
    target = act.process.nodes.get(node_id)
    refuse_if(_objections_to_move(act, token, target))
    act.cancel_tasks(list(token.tasks.filter(status__in=OPEN_TASKS).exclude(kind=TaskKind.COPY)))
    end_called(act, [token], "上级事项调整环节")
    clocks = token.deadlines.filter(task__isnull=True, state__in=OPEN_CLOCKS)
    act.stop_clocks(list(clocks), DeadlineState.CANCELLED)
    act.set_token(token, resume_node="", resume_task_id=None)
    act.opine(OpinionAction.INTERVENE, node=target, text=text)
    enter(act, token, node_id)
    act.finish("workflow.intervened", moved=token.pk, to=node_id)
    return instance


def _objections_to_move(act: CaseAct, token: FlowToken, target: Node | None) -> list[Objection]:
    if target is None or target.kind is not NodeKind.USER:
        return [Objection("L8", "只能调整到一个由人办理的环节。", next_step="请重新选择环节。")]
    if token.state not in (TokenState.ACTIVE, TokenState.WAITING):
        return [Objection("L8", "这一分支现在不能调整。", next_step="请刷新页面后重新选择。")]
    where = scopes(act.process)
    if where.get(token.node_id) != where.get(target.id):
        return [
            Objection("L8", f"“{target.name}”不在同一分支内，不能调整到该环节。", next_step="请选择本分支内的环节。")
        ]
    jumped = [node.name for node in _between(act, token.node_id, target.id) if node.stage == "核准"]
    if jumped:
        return [Objection("L8", f"不能越过“{'、'.join(jumped)}”环节。", next_step="核准须由有权人作出。")]
    return _objections_to_commands(act, act.process.node(token.node_id), target)


def _objections_to_commands(act: CaseAct, here: Node, target: Node) -> list[Objection]:
    graph = successors(act.process)
    again = on_the_way(graph, target.id, here.id)
    ran = [each.words for each in executed(act.instance) if each.node_id in again]
    if ran:
        message = f"“{ran[0]}”已经生效，调整到“{target.name}”会再办一次。"
        return [Objection("L7", message, next_step="请由当前环节退回，退回时一并撤销；或办理相应的更正业务。")]
    ahead = on_the_way(graph, here.id, target.id) if here.kind is NodeKind.WAIT else set()
    held = [node.name for node in act.process.nodes.values() if node.id in ahead and node.command]
    if held:
        message = f"“{here.name}”之后须办理“{held[0]}”，不能越过。"
        return [Objection("L8", message, next_step="请等待期满；不再办理的，请终止。")]
    return []


def _between(act: CaseAct, start: str, goal: str) -> list[Node]:
    """Steps not yet passed that lie on a way from one node to another; none when the goal is behind."""
    passed = set(act.instance.tasks.filter(status=TaskStatus.DONE, stands=True).values_list("node_id", flat=True))
    if goal in passed:
        return []
    ahead, waiting = {start}, [start]
    while waiting:
        for flow in act.process.node(waiting.pop()).outgoing:
            if flow.target not in ahead and flow.target != goal:
                ahead.add(flow.target)
                waiting.append(flow.target)
    return [act.process.node(node_id) for node_id in ahead - passed if _leads_to(act, node_id, goal)]


def _leads_to(act: CaseAct, start: str, goal: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        for flow in act.process.node(waiting.pop()).outgoing:
            if flow.target == goal:
                return True
            if flow.target not in seen:
                seen.add(flow.target)
                waiting.append(flow.target)
    return False


def _case(actor: Actor, instance_id: int, text: str, what: str, today: date) -> tuple[FlowInstance, CaseAct]:
    policies.require(actor, INTERVENE)
    _require_reason(text, what)
    instance = lock_instance(instance_id)
    if not instance.is_live:
        message = f"这个办件已经结束（{instance.get_status_display()}）。"
        raise Refused([Objection("L2", message, next_step="请刷新页面。")])
    return instance, CaseAct.on(instance, actor=actor, today=today)


def _require_reason(text: str, what: str) -> None:
    if not text.strip():
        raise Refused(
            [Objection("L4", f"{what}须写明理由，理由记入流转意见和审计。", next_step="请填写理由后再提交。")]
        )
