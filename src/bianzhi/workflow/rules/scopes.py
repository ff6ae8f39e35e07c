"""In which parallel block of a flow each step lies: two steps may stand for each other only in the same one."""

from collections.abc import Mapping

from bianzhi.workflow.rules.profile import NodeKind, Process

Scope = tuple[str, ...]
"""The sequence flows by which one enters the blocks around a node, from the outside in; () is the main path."""


def scopes(process: Process) -> Mapping[str, Scope]:
    """The scope of every node that can be reached from the start or a boundary timer."""
    found: dict[str, Scope] = {}
    waiting: list[tuple[str, Scope]] = [(process.start, ())]
    while waiting:
        node_id, scope = waiting.pop()
        if node_id in found:
            continue
        node = process.node(node_id)
        if node.is_join:
            scope = scope[:-1]
        found[node_id] = scope
        splits = node.kind in (NodeKind.PARALLEL, NodeKind.INCLUSIVE) and node.is_split
        waiting += [(flow.target, (*scope, flow.id) if splits else scope) for flow in node.outgoing]
        waiting += [(timer.id, scope) for timer in process.boundaries_of(node_id)]
    return found
