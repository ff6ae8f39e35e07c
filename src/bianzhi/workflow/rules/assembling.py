"""Nodes and flows put together to a process: the one place that fills `incoming`, `outgoing` and `partner`."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from bianzhi.workflow.rules import blocks
from bianzhi.workflow.rules.profile import Flow, Node, NodeKind, Process


def assemble(process_id: str, name: str, nodes: Iterable[Node], flows: Iterable[Flow]) -> Process:
    """A process of these nodes, joined by these flows.

    Flows leave a node in the order given (an exclusive gateway asks them in that order); they are listed at their
    target by id, where the order means nothing. `start` is the only start event, "" when there is not exactly one.
    A flow from or to a node that is not there is left out.
    """
    listed = {node.id: node for node in nodes}
    outgoing: defaultdict[str, list[Flow]] = defaultdict(list)
    incoming: defaultdict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        if flow.source in listed and flow.target in listed:
            outgoing[flow.source].append(flow)
            incoming[flow.target].append(flow)
    joined = {
        key: replace(
            node,
            outgoing=tuple(outgoing[key]),
            incoming=tuple(sorted(incoming[key], key=lambda flow: flow.id)),
        )
        for key, node in listed.items()
    }
    starts = [key for key, node in joined.items() if node.kind is NodeKind.START]
    process = Process(process_id, name, starts[0] if len(starts) == 1 else "", joined)
    partners = blocks.match(process).partners
    return replace(process, nodes={key: replace(node, partner=partners.get(key, "")) for key, node in joined.items()})
