"""Which nodes lead to which: the plain graph of a process, with boundary timers as ways out of their step."""

from collections.abc import Callable, Iterable, Mapping

from bianzhi.workflow.rules.profile import Process

Graph = Mapping[str, tuple[str, ...]]


def successors(process: Process) -> Graph:
    """Every node with the nodes a token may go to next."""
    graph = {key: [flow.target for flow in node.outgoing] for key, node in process.nodes.items()}
    for key, node in process.nodes.items():
        if node.attached_to in graph:
            graph[node.attached_to].append(key)
    return {key: tuple(targets) for key, targets in graph.items()}


def reverse(graph: Graph) -> Graph:
    """The same graph with every arrow turned round."""
    turned: dict[str, list[str]] = {key: [] for key in graph}
    for key, targets in graph.items():
        for target in targets:
            turned[target].append(key)
    return {key: tuple(sources) for key, sources in turned.items()}


def reachable(graph: Graph, starts: Iterable[str]) -> set[str]:
    """The nodes some start leads to, the starts among them."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting.extend(graph[key])
    return found


def loops(graph: Graph, counts: Callable[[str], bool]) -> list[list[str]]:
    """Groups of nodes that lead to each other, using only nodes that count; each group in the order of the graph."""
    within = {key: tuple(filter(counts, targets)) for key, targets in graph.items() if counts(key)}
    backwards = reverse(within)
    found: list[list[str]] = []
    seen: set[str] = set()
    for key, targets in within.items():
        if key in seen:
            continue
        group = reachable(within, targets) & reachable(backwards, backwards[key])
        if key in group:
            found.append([member for member in within if member in group])
            seen |= group
    return found
