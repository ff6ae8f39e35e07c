"""Which nodes lead to which: the plain graph of a process, with boundary timers as ways out of their step."""

from collections.abc import Callable, Iterable, Iterator, Mapping

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


def on_the_way(graph: Graph, start: str, goal: str) -> set[str]:
    """The nodes by which some way leads from a start to a goal, reaching it for the first time; both ends included."""
    ending_there = {**graph, goal: ()}
    return reachable(ending_there, [start]) & reachable(reverse(ending_there), [goal])


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


def back_edges(graph: Graph, start: str) -> set[tuple[str, str]]:
    """The arrows that close a loop when the graph is followed from the start; without them there is none."""
    closing: set[tuple[str, str]] = set()
    finished: set[str] = set()
    for root in [*filter(None, [start]), *graph]:
        if root in finished:
            continue
        trail: dict[str, Iterator[str]] = {root: iter(graph[root])}
        while trail:
            key, onward = next(reversed(trail.items()))
            target = next(onward, None)
            if target is None:
                finished.add(key)
                del trail[key]
            elif target in trail:
                closing.add((key, target))
            elif target not in finished:
                trail[target] = iter(graph[target])
    return closing


def in_order(graph: Graph) -> list[str]:
    """The nodes of a graph without loops, each after all that lead to it."""
    missing = {key: len(sources) for key, sources in reverse(graph).items()}
    order = [key for key, count in missing.items() if not count]
    for key in order:
        for target in graph[key]:
            missing[target] -= 1
            if not missing[target]:
                order.append(target)
    return order
