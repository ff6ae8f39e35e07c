"""How tokens move: into a step, through gateways, out at the end. One function for each kind of node.

Everything happens on a locked case, in the transaction of whoever completed the step before, until each token waits
for somebody or for a timer. `MOVES` bounds a definition that runs in circles.
"""

from collections.abc import Callable
from typing import Final

from django.db.models import Max

from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import (
    DeadlineKind,
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
from bianzhi.workflow.rules.conditions import holds
from bianzhi.workflow.rules.profile import Flow, Node, NodeKind, Seat
from bianzhi.workflow.selectors.definitions import current
from bianzhi.workflow.services.act import OPEN_CLOCKS, CaseAct
from bianzhi.workflow.services.called import end_called
from bianzhi.workflow.services.commands import execute
from bianzhi.workflow.services.seating import (
    asked,
    days_of,
    hand_on_added,
    make_task,
    seat_people,
    start_clock,
)
from bianzhi.workflow.services.turns import ask_whose_turn_it_is, tasks_of_pass

MOVES: Final = 500
ENDED: Final = (TokenState.DONE, TokenState.CANCELLED)


def begin(act: CaseAct) -> None:
    """Put the first token on the start event of a new case and let it go."""
    leave(act, act.new_token(node_id=act.process.start))


def enter(
    act: CaseAct, token: FlowToken, node_id: str, *, again: FlowTask | None = None, same_pass: bool = False
) -> None:
    """A token arrives at a node. `again`: a step that was returned to is asked of whoever did it; with `same_pass`
    it is the same pass corrected, not a new one.
    """
    act.moves += 1
    if act.moves > MOVES:
        raise Refused([Objection("L6", "流程在无人办理的环节间循环。", next_step="请联系管理员检查流程定义。")])
    node = act.process.node(node_id)
    if node.stage and node.kind in (NodeKind.USER, NodeKind.WAIT):
        act.instance.stage = node.stage
    if node.kind is NodeKind.USER:
        _ask(act, token, node, again, same_pass=same_pass)
    else:
        act.set_token(token, node_id=node.id, state=TokenState.ACTIVE)
        ARRIVALS[node.kind](act, token, node)


def leave(act: CaseAct, token: FlowToken) -> None:
    """A token is through with its node and goes on; straight back where a 直送 waits for it."""
    _stop_boundaries(act, token)
    if token.resume_node:
        _resume(act, token)
        return
    enter(act, token, _only(act.process.node(token.node_id).outgoing).target)


def _only(flows: tuple[Flow, ...]) -> Flow:
    return flows[0]


# --- steps of people ---------------------------------------------------------------------------------------------


def _ask(act: CaseAct, token: FlowToken, node: Node, again: FlowTask | None, *, same_pass: bool) -> None:
    people = asked(node, act.instance)
    if not people or (again is None and _just_decided(act, node, people[0].user_id, len(people))):
        act.set_token(token, node_id=node.id, state=TokenState.ACTIVE)
        why = "与上一环节为同一人，合并办理" if people else "本单位没有这一环节，自动跳过"
        act.opine(OpinionAction.SKIP, node=node, text=why, by_itself=not people)
        leave(act, token)
        return
    pass_no = again.pass_no if again is not None and same_pass else _next_pass(act, node)
    act.set_token(token, node_id=node.id, state=TokenState.ACTIVE, pass_no=pass_no)
    seat_people(act, token, node, people, again=again)
    for timer in act.process.boundaries_of(node.id):
        start_clock(act, token, timer, DeadlineKind.BOUNDARY, days_of(timer.limit, act.instance))
    for seat in node.copies:
        _copy(act, token, node, seat)


def _next_pass(act: CaseAct, node: Node) -> int:
    last = FlowTask.objects.filter(instance=act.instance, node_id=node.id).aggregate(last=Max("pass_no"))["last"]
    return int(last or 0) + 1


def _just_decided(act: CaseAct, node: Node, user_id: int | None, count: int) -> bool:
    """跳过: the only person asked is the one whose decision brought the case here; never for 核准."""
    may = node.skip_same and node.stage != "核准" and count == 1
    return may and user_id is not None and user_id == act.actor.pk


def _copy(act: CaseAct, token: FlowToken, node: Node, seat: Seat) -> None:
    one = Node(id=node.id, kind=NodeKind.USER, name=node.name, stage=node.stage, seats=(seat,))
    for person in asked(one, act.instance):
        make_task(
            act,
            token,
            one,
            status=TaskStatus.TODO,
            kind=TaskKind.COPY,
            assignee_id=person.user_id,
            pool_role=person.role,
            pool_unit_id=person.unit_id,
        )


def _resume(act: CaseAct, token: FlowToken) -> None:
    """直送: the corrected case goes back to whoever returned it; the others of a countersign go on where they were."""
    node = act.process.node(token.resume_node)
    returned = FlowTask.objects.get(pk=token.resume_task_id or 0)
    act.set_token(
        token,
        node_id=node.id,
        pass_no=returned.pass_no,
        state=TokenState.ACTIVE,
        resume_node="",
        resume_task_id=None,
    )
    for paused in FlowTask.objects.filter(token=token, node_id=node.id, status=TaskStatus.PAUSED):
        act.set_task(paused, status=TaskStatus.QUEUED)
    again = make_task(
        act,
        token,
        node,
        status=TaskStatus.TODO,
        kind=TaskKind(returned.kind),
        position=returned.position,
        assignee_id=returned.done_for_id or returned.done_by_id,
        pool_role=returned.pool_role,
        pool_unit_id=returned.pool_unit_id,
        added_by_id=returned.added_by_id,
    )
    hand_on_added(act, returned, again)
    ask_whose_turn_it_is(act, tasks_of_pass(token, node, returned.pass_no), node)


def _stop_boundaries(act: CaseAct, token: FlowToken) -> None:
    if act.process.boundaries_of(token.node_id):
        clocks = token.deadlines.filter(kind=DeadlineKind.BOUNDARY, state__in=OPEN_CLOCKS)
        act.stop_clocks(list(clocks), DeadlineState.CANCELLED)


# --- gateways ----------------------------------------------------------------------------------------------------


def _choose(act: CaseAct, token: FlowToken, node: Node) -> None:
    if not node.is_split:
        enter(act, token, _only(node.outgoing).target)
        return
    taken = [flow for flow in node.outgoing if not flow.is_default and _applies(act, flow)]
    enter(act, token, (taken or [_default(node)])[0].target)


def _applies(act: CaseAct, flow: Flow) -> bool:
    return not flow.condition or holds(flow.condition, act.instance.facts)


def _default(node: Node) -> Flow:
    found = next((flow for flow in node.outgoing if flow.is_default), None)
    if found is None:
        message = f"“{node.name or node.id}”没有一条分支符合条件，也没有默认分支。"
        raise Refused([Objection("L6", message, next_step="请联系管理员检查流程定义。")])
    return found


def _fork_or_join(act: CaseAct, token: FlowToken, node: Node) -> None:
    if not node.is_split:
        _join(act, token, node)
        return
    taken = list(node.outgoing)
    if node.kind is NodeKind.INCLUSIVE:
        taken = [flow for flow in node.outgoing if not flow.is_default and _applies(act, flow)] or [_default(node)]
    act.set_token(token, state=TokenState.FORKED)
    branches = [(act.new_token(node_id=node.id, parent=token), flow) for flow in taken]
    for branch, flow in branches:
        if branch.state == TokenState.ACTIVE:
            enter(act, branch, flow.target)


def _join(act: CaseAct, token: FlowToken, node: Node) -> None:
    """The last branch to arrive lets the parent go on."""
    if token.parent_id is None:
        enter(act, token, _only(node.outgoing).target)
        return
    act.set_token(token, state=TokenState.ARRIVED)
    parent = act.token(token.parent_id)
    branches = FlowToken.objects.filter(parent=parent).exclude(state__in=ENDED)
    if branches.exclude(state=TokenState.ARRIVED).exists():
        return
    for branch in branches:
        act.set_token(act.know(branch), state=TokenState.DONE)
    act.set_token(parent, node_id=node.id, state=TokenState.ACTIVE)
    enter(act, parent, _only(node.outgoing).target)


# --- commands, timers, called flows, ends ------------------------------------------------------------------------


def _run(act: CaseAct, token: FlowToken, node: Node) -> None:
    execute(act, token, node)
    leave(act, token)


def _wait(act: CaseAct, token: FlowToken, node: Node) -> None:
    days = days_of(node.wait, act.instance)
    if not days:
        leave(act, token)
        return
    act.set_token(token, state=TokenState.WAITING)
    start_clock(act, token, node, DeadlineKind.WAIT, days)


def _call(act: CaseAct, token: FlowToken, node: Node) -> None:
    version = current(node.called)
    if version is None:
        message = f"“{node.name}”要调用的流程“{node.called}”没有已发布的版本。"
        raise Refused([Objection("L6", message, next_step="请联系管理员发布该流程。")])
    act.set_token(token, state=TokenState.WAITING)
    caller = act.instance
    child = FlowInstance.objects.create(
        version=version,
        root_id=caller.root_id or caller.pk,
        parent_token=token,
        subject_kind=caller.subject_kind,
        subject_id=caller.subject_id,
        title=caller.title,
        initiator=caller.initiator,
        unit_id=caller.unit_id,
        started_at=act.now,
    )
    act.journal.called.append(child.pk)
    inner = act.inner(child)
    begin(inner)
    if child.is_live:
        inner.save_instance()
    act.journal.new_tasks += inner.journal.new_tasks


def _end(act: CaseAct, token: FlowToken, node: Node) -> None:
    act.set_token(token, state=TokenState.DONE)
    others = FlowToken.objects.filter(instance=act.instance, parent__isnull=True).exclude(state__in=ENDED)
    if others.exists():
        return
    finish_case(act, InstanceStatus.COMPLETED)


def _terminate(act: CaseAct, token: FlowToken, node: Node) -> None:
    act.set_token(token, state=TokenState.DONE)
    finish_case(act, InstanceStatus.COMPLETED)


def finish_case(act: CaseAct, status: InstanceStatus, text: str = "") -> None:
    """End the case and those it called; where another case called it, that one goes on with the outcome as a fact."""
    end_called(act, act.instance.tokens.all(), "上级事项已结束")
    act.end(status, text)
    child = act.instance
    if child.parent_token_id is None:
        return
    act.save_instance()
    token = FlowToken.objects.select_related("instance__version").get(pk=child.parent_token_id)
    if token.state != TokenState.WAITING:
        return
    outer = act.inner(token.instance)
    token = outer.know(token)
    agreed = status == InstanceStatus.COMPLETED
    outer.instance.facts[f"{token.node_id}_outcome"] = "agree" if agreed else "disagree"
    outer.set_token(token, state=TokenState.ACTIVE)
    leave(outer, token)
    outer.save_instance()
    act.journal.new_tasks += outer.journal.new_tasks


ARRIVALS: Final[dict[NodeKind, Callable[[CaseAct, FlowToken, Node], None]]] = {
    NodeKind.START: lambda act, token, node: leave(act, token),
    NodeKind.SERVICE: _run,
    NodeKind.SEND: _run,
    NodeKind.EXCLUSIVE: _choose,
    NodeKind.PARALLEL: _fork_or_join,
    NodeKind.INCLUSIVE: _fork_or_join,
    NodeKind.WAIT: _wait,
    NodeKind.CALL: _call,
    NodeKind.END: _end,
    NodeKind.TERMINATE: _terminate,
}
