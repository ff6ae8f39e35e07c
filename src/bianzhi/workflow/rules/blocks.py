"""Which join belongs to which split, and where parallel or inclusive branches break out of their block.

A token on its way knows the branches it is in: a stack of (split, number of the branch). The stack is followed from
the start along every flow. A split puts one branch on it, its join takes it off; a node reached by two ways must be
reached with the same stack, or some branch has left its block. Exclusive gateways and loops inside a branch leave the
stack alone. A boundary timer that does not interrupt starts a branch of its own, which no join waits for.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Final

from bianzhi.workflow.rules.flaws import Code
from bianzhi.workflow.rules.profile import Flaw, Flow, Node, NodeKind, Process

Branch = tuple[str, int]
Stack = tuple[Branch, ...]

FORKING: Final = (NodeKind.PARALLEL, NodeKind.INCLUSIVE)
ASIDE: Final = -1
"""The number of the branch that a boundary timer starts beside its step."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Partners (split → join and join → split) and what is wrong."""

    partners: dict[str, str]
    flaws: list[Flaw]


@dataclass(slots=True)
class _Join:
    """What has been seen to arrive at a join: through which flow from which branch of which split."""

    split: str
    before: Stack
    branches: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


def match(process: Process) -> Blocks:
    """Match every parallel and inclusive split with its join. A process without a single start matches nothing."""
    if not process.start:
        return Blocks({}, [])
    walk = _Walk(process)
    walk.run()
    return Blocks(walk.partners, walk.flaws)


def splits(node: Node) -> bool:
    """Whether a node opens parallel branches."""
    return node.kind in FORKING and len(node.outgoing) > 1


def joins(node: Node) -> bool:
    """Whether a node has the shape of a join: several ways in, at most one out."""
    return node.kind in FORKING and len(node.incoming) > 1 and len(node.outgoing) <= 1


class _Walk:
    """One pass over the flows of a process, each followed once."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._stacks: dict[str, Stack] = {}
        self._joins: dict[str, _Join] = {}
        self._flawed: set[tuple[str, Code]] = set()
        self._waiting: deque[tuple[Flow, Stack]] = deque()
        self.partners: dict[str, str] = {}
        self.flaws: list[Flaw] = []

    def run(self) -> None:
        self._leave(self._process.node(self._process.start), ())
        while self._waiting:
            flow, stack = self._waiting.popleft()
            target = self._process.node(flow.target)
            if joins(target):
                self._arrive_at_join(target, flow, stack)
            else:
                self._arrive(target, stack)
        for key, join in self._joins.items():
            self._check_join(self._process.node(key), join)
        self._check_splits()

    def _flaw(self, element: str, code: Code, message: str) -> None:
        if (element, code) not in self._flawed:
            self._flawed.add((element, code))
            self.flaws.append(Flaw(element, code, message))

    def _leave(self, node: Node, stack: Stack) -> None:
        """Follow every way out of a node that a token with this stack has reached."""
        self._stacks[node.id] = stack
        forks = splits(node)
        for number, flow in enumerate(node.outgoing):
            self._waiting.append((flow, (*stack, (node.id, number)) if forks else stack))
        for boundary in self._process.boundaries_of(node.id):
            aside = stack if boundary.interrupting else (*stack, (boundary.id, ASIDE))
            self._leave(boundary, aside)

    def _arrive(self, node: Node, stack: Stack) -> None:
        if node.id not in self._stacks:
            if node.kind is NodeKind.END and stack and stack[-1][1] != ASIDE:
                split = stack[-1][0]
                self._flaw(node.id, Code.LEAVES_BLOCK, f"分支在会合之前就结束了：它从“{split}”分出，应当先到会合网关。")
            self._leave(node, stack)
        elif self._stacks[node.id] != stack:
            self._flaw(node.id, Code.LEAVES_BLOCK, _why_different(self._stacks[node.id], stack))

    def _arrive_at_join(self, node: Node, flow: Flow, stack: Stack) -> None:
        if not stack or stack[-1][1] == ASIDE:
            self._flaw(node.id, Code.UNBALANCED, "会合网关前面没有对应的分支网关；几条互斥的路相接要用排他网关。")
            return
        (split, number), before = stack[-1], stack[:-1]
        known = self._joins.setdefault(node.id, _Join(split, before))
        if (known.split, known.before) != (split, before):
            text = f"会合网关同时接了“{known.split}”和“{split}”分出的分支，应当各有一个会合网关。"
            self._flaw(node.id, Code.UNBALANCED, text)
            return
        known.branches[number].append(flow.id)
        if node.id not in self._stacks:
            self._leave(node, before)

    def _check_join(self, node: Node, join: _Join) -> None:
        split = self._process.node(join.split)
        if split.kind is not node.kind:
            self._flaw(node.id, Code.UNBALANCED, f"会合网关与分支网关“{split.id}”种类不同，应当同为并行或者同为包容。")
        if split.id in self.partners:
            other = self.partners[split.id]
            self._flaw(node.id, Code.UNBALANCED, f"“{split.id}”的分支一部分在这里会合，一部分在“{other}”会合。")
            return
        self.partners[split.id], self.partners[node.id] = node.id, split.id
        for number, flow in enumerate(split.outgoing):
            if number not in join.branches:
                self._flaw(flow.id, Code.UNBALANCED, f"从“{split.id}”分出的这一支到不了会合网关“{node.id}”。")
        for arrived in join.branches.values():
            if len(arrived) > 1:
                text = f"同一分支有几条线（{'、'.join(arrived)}）到达会合网关，应当先用排他网关合成一条。"
                self._flaw(node.id, Code.UNBALANCED, text)

    def _check_splits(self) -> None:
        for key in self._stacks:
            node = self._process.node(key)
            if splits(node) and key not in self.partners:
                self._flaw(key, Code.UNBALANCED, "分支网关没有对应的会合网关。")


def _why_different(one: Stack, other: Stack) -> str:
    for ours, theirs in zip(one, other, strict=False):
        if ours != theirs and ours[0] == theirs[0]:
            return f"从“{ours[0]}”分出的两个分支在这里混到一起，应当用会合网关相接。"
    inner = (one if len(one) > len(other) else other)[-1]
    if inner[1] == ASIDE:
        return f"边界定时“{inner[0]}”另起的一路不能并回主流程。"
    return f"有一条线从“{inner[0]}”的分支里跳到块外（或从块外跳入），分支要先会合。"
