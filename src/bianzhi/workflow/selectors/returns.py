"""Where a step may send its case back to: what this token, or the one it was split from, has been through."""

from dataclasses import dataclass
from typing import Final

from bianzhi.workflow.models import FlowTask, FlowToken, TaskKind, TaskStatus
from bianzhi.workflow.rules.profile import Action, Node, Process, ReturnTo, Way
from bianzhi.workflow.selectors.definitions import process_of

PASS: Final = ("token_id", "node_id", "pass_no")
Pass = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Target:
    """A step to send back to: who did it (the newest pass), which ways are open, and the task itself."""

    node_id: str
    name: str
    done_by: str
    ways: tuple[Way, ...]
    task: FlowTask


def targets(task: FlowTask) -> list[Target]:
    """Steps the holder of a task may return the case to, the nearest first; empty when the step allows no return.

    A parallel branch can be returned within itself or to before its split, never into another branch or into a block
    that has been joined. 直送 is open only within the same branch, and not while another 直送 is under way.
    """
    process = process_of(task.instance.version)
    node = process.node(task.node_id)
    if Action.RETURN not in node.actions or node.submit:
        return []
    passed = path(task.token, process, before=task)
    if node.return_to is ReturnTo.INITIATOR:
        passed = [done for done in passed if process.node(done.node_id).submit]
    elif node.return_to is ReturnTo.PREVIOUS:
        passed = passed[:1]
    return [_target(done, task, node) for done in passed]


def path(token: FlowToken, process: Process, *, before: FlowTask | None = None) -> list[FlowTask]:
    """The newest standing task of each step this token and its ancestors have been through, the nearest first."""
    ids: list[int] = []
    current: FlowToken | None = token
    while current is not None:
        ids.append(current.pk)
        current = current.parent
    done = (
        FlowTask.objects.filter(token__in=ids, status=TaskStatus.DONE, stands=True)
        .exclude(kind=TaskKind.COPY)
        .select_related("token", "assignee")
        .order_by("-pk")
    )
    begun = beginnings(ids)
    found: dict[str, FlowTask] = {}
    for each in sorted(done, key=lambda task: task.kind != TaskKind.NORMAL):
        earlier = before is None or begun[pass_of(each)] < begun[pass_of(before)]
        if earlier and each.node_id not in found and each.node_id in process.nodes:
            found[each.node_id] = each
    return sorted(found.values(), key=lambda each: -begun[pass_of(each)])


def beginnings(token_ids: list[int]) -> dict[Pass, int]:
    """The first task of each pass of a step; a pass corrected (办后直送) keeps its place in the order."""
    rows = FlowTask.objects.filter(token__in=token_ids).order_by("-pk")
    return {(token, node, number): pk for pk, token, node, number in rows.values_list("pk", *PASS)}


def pass_of(task: FlowTask) -> Pass:
    """Which pass of which step of which token a task belongs to."""
    return task.token_id, task.node_id, task.pass_no


def _target(done: FlowTask, task: FlowTask, node: Node) -> Target:
    direct = done.token_id == task.token_id and not task.token.resume_node
    ways = tuple(way for way in Way if way in node.ways and (way is Way.STEP or direct))
    opinion = done.opinions.order_by("-number").first()
    return Target(done.node_id, done.node_name, opinion.actor_label if opinion else "", ways or (Way.STEP,), done)
