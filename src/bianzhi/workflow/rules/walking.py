"""A walk along every path of a process, to prove that each ends whatever the gateways, deciders and timers do.

Tokens are played by hand: every choice of every gateway, every timer firing or not, every 不同意 that ends the case.
Conditions are not asked: what could ever be chosen is tried. Branches of a block do not touch each other, so one order
of moving them stands for all: the foremost token moves until it waits at its join or is gone.
"""

from collections import deque
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from bianzhi.workflow.rules import blocks, paths
from bianzhi.workflow.rules.flaws import Code
from bianzhi.workflow.rules.profile import Flaw, Flow, Node, NodeKind, Process, Reject

MAX_STATES: Final = 20_000
MAX_FREE: Final = 4
"""An inclusive gateway with up to so many conditions is tried in every combination, a larger one singly and fully."""

Stack = tuple[tuple[str, int], ...]
Token = tuple[str, Stack, bool]
"""Node, the splits above it with how many branches each opened, whether it waits at a join."""
State = tuple[Token, ...]
OVER: Final[State] = ()


def flaws_on_the_way(process: Process) -> list[Flaw]:
    """Where some path stops or goes round for ever; empty for a process whose every path can end."""
    if not process.start:
        return []
    walk = _Walk(process)
    begun: State = ((process.start, (), False),)
    followed: dict[State, list[State]] = {}
    waiting = deque([begun])
    while waiting:
        state = waiting.popleft()
        if state in followed:
            continue
        followed[state] = list(dict.fromkeys(walk.next_states(state)))
        waiting.extend(followed[state])
        if len(followed) > MAX_STATES:
            return [Flaw(process.id, Code.NOT_ENDING, f"分支的组合超过 {MAX_STATES} 种，无法逐一模拟；请简化流程。")]
    return _never_ending(followed)


def _never_ending(followed: dict[State, list[State]]) -> list[Flaw]:
    numbers = {state: str(number) for number, state in enumerate(followed)}
    graph = {numbers[state]: tuple(numbers[each] for each in following) for state, following in followed.items()}
    if OVER not in numbers:
        ending: set[str] = set()
    else:
        ending = paths.reachable(paths.reverse(graph), [numbers[OVER]])
    stuck = {state for state in followed if state != OVER and not followed[state]}
    lost = stuck or {state for state in followed if numbers[state] not in ending}
    where = sorted({token[0] for state in lost for token in state})
    text = "模拟到这里停住，等待的分支不会到达。" if stuck else "模拟走到这里以后再也到不了结束。"
    return [Flaw(node_id, Code.NOT_ENDING, text) for node_id in where]


class _Walk:
    """The moves of tokens in one process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def next_states(self, state: State) -> Iterator[State]:
        """Every state the foremost moving token may lead to; none when nothing moves."""
        for place, token in enumerate(state):
            if not token[2]:
                others = state[:place] + state[place + 1 :]
                for put, ended in self._moves(token):
                    yield OVER if ended else self._settled(put + others)
                return

    def _moves(self, token: Token) -> Iterator[tuple[State, bool]]:
        """What may become of one token: the tokens in its place, and whether the whole case ends."""
        node, stack = self._process.node(token[0]), token[1]
        if node.kind in (NodeKind.END, NodeKind.TERMINATE):
            yield (), node.kind is NodeKind.TERMINATE
            return
        if node.kind is NodeKind.USER and node.reject is Reject.STOP and not node.submit:
            yield (), True
        beside: State = ()
        for boundary in self._process.boundaries_of(node.id):
            fired: Token = (boundary.id, stack if boundary.interrupting else (*stack, (boundary.id, 1)), False)
            if boundary.interrupting:
                yield (fired,), False
            else:
                beside += (fired,)
        for taken in _ways_out(node):
            onward = self._onward(node, stack, taken)
            yield onward, False
            if beside:
                yield beside + onward, False

    def _onward(self, node: Node, stack: Stack, taken: tuple[Flow, ...]) -> State:
        above = (*stack, (node.id, len(taken))) if blocks.splits(node) else stack
        return tuple((flow.target, above, blocks.joins(self._process.node(flow.target))) for flow in taken)

    def _settled(self, state: State) -> State:
        """The state with every complete join passed, and what waits behind what moves."""
        for token in state:
            node_id, stack, waits = token
            if waits and stack and state.count(token) == stack[-1][1]:
                passed: Token = (node_id, stack[:-1], False)
                return (passed, *(each for each in state if each != token))
        return tuple(sorted(state, key=lambda token: token[2]))


def _ways_out(node: Node) -> Iterator[tuple[Flow, ...]]:
    """Every set of flows a token may leave by; the empty set where it disappears."""
    if node.kind is NodeKind.INCLUSIVE and blocks.splits(node):
        yield from _inclusive(node)
    elif node.kind is NodeKind.PARALLEL:
        yield node.outgoing
    elif not node.outgoing:
        yield ()
    else:
        for flow in node.outgoing:
            yield (flow,)


def _inclusive(node: Node) -> Iterator[tuple[Flow, ...]]:
    default = tuple(flow for flow in node.outgoing if flow.is_default)
    always = tuple(flow for flow in node.outgoing if not flow.is_default and not flow.condition)
    free = tuple(flow for flow in node.outgoing if not flow.is_default and flow.condition)
    yield always or default
    sizes = range(1, len(free) + 1) if len(free) <= MAX_FREE else (1, len(free))
    for size in sizes:
        for chosen in combinations(free, size):
            yield always + chosen
