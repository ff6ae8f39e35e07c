"""Whether the nodes of a process hang together: start and end, ways through, gateways, loops, returns."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Final

from bianzhi.workflow.rules import paths
from bianzhi.workflow.rules.elements import GATEWAYS
from bianzhi.workflow.rules.flaws import Code
from bianzhi.workflow.rules.profile import Action, Flaw, Node, NodeKind, Process, Reject, ReturnTo

ENDS: Final = (NodeKind.END, NodeKind.TERMINATE)
STOPPING: Final = (*ENDS, NodeKind.BOUNDARY)
"""Nodes without a way out that are right, or named for it by another rule."""


def flaws_in_shape(process: Process, opaque: Collection[str] = ()) -> list[Flaw]:
    """Every flaw in how the nodes are joined, except blocks (`rules.blocks`).

    `opaque` nodes may begin and end anything, so nothing is held against the nodes around them that they could cure.
    """
    graph = paths.successors(process)
    found = [*_start_and_end(process, opaque), *_ways(process, graph, opaque), *_loops(process, graph)]
    for node in process.nodes.values():
        found += _leaving(node)
        found += _gateway(node)
        found += _boundary(process, node)
    return [*found, *_returns(process, graph), *_separate(process)]


def _start_and_end(process: Process, opaque: Collection[str]) -> Iterator[Flaw]:
    nodes = process.nodes.values()
    starts = [node for node in nodes if node.kind is NodeKind.START]
    if not starts and not opaque:
        yield Flaw(process.id, Code.START_END, "没有开始事件。")
    for start in starts[1:]:
        yield Flaw(start.id, Code.START_END, f"开始事件只能有一个，已有“{starts[0].id}”。")
    if not any(node.kind in ENDS for node in nodes) and not opaque:
        yield Flaw(process.id, Code.START_END, "没有结束事件。")
    for node in nodes:
        if node.kind is NodeKind.START and node.incoming:
            yield Flaw(node.id, Code.START_END, "开始事件不能有进线。")
        if node.kind in ENDS and node.outgoing:
            yield Flaw(node.id, Code.START_END, "结束事件不能有出线。")


def _ways(process: Process, graph: paths.Graph, opaque: Collection[str]) -> Iterator[Flaw]:
    """Nodes the start does not lead to, and nodes that lead to no end."""
    if process.start:
        met = paths.reachable(graph, [process.start, *opaque])
        for key in process.nodes:
            if key not in met:
                yield Flaw(key, Code.UNREACHABLE, "从开始事件走不到这里。")
    stopping = [key for key, targets in graph.items() if not targets]
    for key in stopping:
        if process.node(key).kind not in STOPPING:
            yield Flaw(key, Code.DEAD_END, "没有出线，流程在这里停住。")
    leading = paths.reachable(paths.reverse(graph), [*stopping, *opaque])
    for key in process.nodes:
        if key not in leading:
            yield Flaw(key, Code.DEAD_END, "从这里走不到结束事件。")


def _loops(process: Process, graph: paths.Graph) -> Iterator[Flaw]:
    for group in paths.loops(graph, lambda key: not _pauses(process.node(key))):
        text = f"循环（{'、'.join(group)}）里没有需要人办理或等待的环节，会一直转下去。"
        yield Flaw(group[0], Code.ENDLESS, text)


def _pauses(node: Node) -> bool:
    """Whether a token surely rests here; a step passed over for the same actor may not."""
    if node.kind is NodeKind.USER:
        return not node.skip_same
    return node.kind in (NodeKind.WAIT, NodeKind.BOUNDARY)


def _leaving(node: Node) -> Iterator[Flaw]:
    """Flows out of nodes that decide nothing: one, without a condition."""
    if node.kind in GATEWAYS:
        return
    if len(node.outgoing) > 1:
        yield Flaw(node.id, Code.IMPLICIT_SPLIT, f"有 {len(node.outgoing)} 条出线；分支要用网关写明。")
    for flow in node.outgoing:
        if flow.condition:
            yield Flaw(flow.id, Code.IMPLICIT_SPLIT, "条件只能写在排他网关或包容网关的出线上。")
        if flow.is_default:
            yield Flaw(node.id, Code.DEFAULT, "只有排他网关和包容网关可以有默认出线。")


def _gateway(node: Node) -> Iterator[Flaw]:
    if node.kind not in GATEWAYS:
        return
    if node.kind is not NodeKind.EXCLUSIVE:
        if len(node.incoming) > 1 and len(node.outgoing) > 1:
            yield Flaw(node.id, Code.GATEWAY, "又会合又分支；要分成两个网关。")
        elif len(node.incoming) <= 1 and len(node.outgoing) <= 1:
            yield Flaw(node.id, Code.GATEWAY, "只有一进一出，既不分支也不会合；要删去。")
    if node.kind is NodeKind.PARALLEL:
        yield from _parallel(node)
    elif len(node.outgoing) > 1:
        yield from _choice(node)
    else:
        for flow in node.outgoing:
            if flow.condition:
                yield Flaw(flow.id, Code.CONDITION_PLACE, "网关只有这一条出线，不能带条件。")


def _parallel(node: Node) -> Iterator[Flaw]:
    for flow in node.outgoing:
        if flow.condition:
            yield Flaw(flow.id, Code.CONDITION_PLACE, "并行网关的出线不能带条件；有条件的分支用包容网关。")
        if flow.is_default:
            yield Flaw(node.id, Code.DEFAULT, "并行网关没有默认出线。")


def _choice(node: Node) -> Iterator[Flaw]:
    """Exclusive and inclusive splits: one default, conditions on the others (inclusive: none means always)."""
    always = [flow for flow in node.outgoing if not flow.condition and not flow.is_default]
    has_default = any(flow.is_default for flow in node.outgoing)
    inclusive = node.kind is NodeKind.INCLUSIVE
    if not has_default and not (inclusive and always):
        yield Flaw(node.id, Code.DEFAULT, "没有默认出线：条件都不成立时无路可走。")
    for flow in node.outgoing:
        if flow.is_default and flow.condition:
            yield Flaw(flow.id, Code.CONDITION_PLACE, "默认出线不能带条件。")
    if not inclusive:
        for flow in always:
            yield Flaw(flow.id, Code.CONDITION_PLACE, "排他网关的这条出线没有条件，也不是默认出线。")


def _boundary(process: Process, node: Node) -> Iterator[Flaw]:
    if node.kind is not NodeKind.BOUNDARY:
        return
    host = process.nodes.get(node.attached_to)
    if host is None:
        yield Flaw(node.id, Code.BOUNDARY, f"边界定时所附的环节“{node.attached_to}”不存在。")
    elif host.kind is not NodeKind.USER:
        yield Flaw(node.id, Code.BOUNDARY, f"边界定时只能附在用户任务上，“{host.id}”不是。")
    if node.incoming:
        yield Flaw(node.id, Code.BOUNDARY, "边界定时不能有进线。")
    if not node.outgoing:
        yield Flaw(node.id, Code.BOUNDARY, "边界定时必须有出线；只为提醒的，用环节自己的时限。")


def _returns(process: Process, graph: paths.Graph) -> Iterator[Flaw]:
    """Steps that send a case back to the initiator, with no step before them where the initiator could take it up."""
    backwards = paths.reverse(graph)
    for node in process.nodes.values():
        sends_back = Action.RETURN in node.actions and node.return_to is ReturnTo.INITIATOR
        if node.kind is not NodeKind.USER or node.submit or not (sends_back or node.reject is Reject.RETURN):
            continue
        before = paths.reachable(backwards, backwards[node.id])
        if not any(process.node(key).submit for key in before):
            words = "只能退回发起人" if sends_back else "不同意要退回发起人"
            yield Flaw(node.id, Code.RETURN, f"{words}，前面却没有提交环节（bb:submit）。")


def _separate(process: Process) -> Iterator[Flaw]:
    """Steps that must be decided by different people but name one and the same."""
    groups: defaultdict[str, list[Node]] = defaultdict(list)
    for node in process.nodes.values():
        if node.separate:
            groups[node.separate].append(node)
    for group, nodes in groups.items():
        for one, other in combinations(nodes, 2):
            if one.seats == other.seats and len(one.seats) == 1 and (one.seats[0].user or one.seats[0].initiator):
                text = f"与“{one.id}”同属 bb:separate“{group}”，要由不同的人办理，却都只有同一个办理人。"
                yield Flaw(other.id, Code.SEPARATE, text)
