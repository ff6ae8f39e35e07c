"""A flow as a plain list of steps, the way most administrators think of it; both ways between list and process.

A list holds steps one after the other; a step may be taken only on a condition; a block holds lists side by side
(parallel, inclusive, exclusive). Everything else a diagram can say (loops, boundary timers, joins shared by several
gateways) is beyond the list, and `from_process` says so by None: a list is given only when it says all of a diagram
but the ids of its flows and the names of flows that choose nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Final

from bianzhi.workflow.rules.assembling import assemble
from bianzhi.workflow.rules.profile import (
    Action,
    Clock,
    Countersign,
    Flow,
    Node,
    NodeKind,
    Order,
    Process,
    Reject,
    ReturnTo,
    Seat,
    Verdicts,
    Way,
)


class StepKind(StrEnum):
    """What a step does."""

    USER = "user"
    COMMAND = "command"
    NOTICE = "notice"
    WAIT = "wait"
    CALL = "call"
    END = "end"
    """The branch ends here, and the case with it; the last of its branch."""
    TERMINATE = "terminate"


class BlockKind(StrEnum):
    """How the branches of a block are taken: all of them, those whose condition holds, the first such one."""

    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"


NODE_KINDS: Final = {
    StepKind.USER: NodeKind.USER,
    StepKind.COMMAND: NodeKind.SERVICE,
    StepKind.NOTICE: NodeKind.SEND,
    StepKind.WAIT: NodeKind.WAIT,
    StepKind.CALL: NodeKind.CALL,
    StepKind.END: NodeKind.END,
    StepKind.TERMINATE: NodeKind.TERMINATE,
}
STEP_KINDS: Final = {node: step for step, node in NODE_KINDS.items()}
ENDING: Final = (StepKind.END, StepKind.TERMINATE)
EVERYBODY: Final = Countersign()
USUAL: Final = Verdicts()
MAX_DEPTH: Final = 60
"""Blocks within blocks; a diagram deeper than that is no list anybody could read."""
IF, FI, JOIN = "_if", "_fi", "_join"
"""What a step's or block's own gateways are called after it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `when` is the condition under which it is taken, "" always. The rest is as in `profile.Node`."""

    id: str
    name: str = ""
    kind: StepKind = StepKind.USER
    stage: str = ""
    when: str = ""
    seats: tuple[Seat, ...] = ()
    order: Order = Order.SINGLE
    countersign: Countersign = EVERYBODY
    reject: Reject = Reject.STOP
    verdicts: Verdicts = USUAL
    actions: frozenset[Action] = frozenset({Action.RETURN, Action.TRANSFER, Action.ADD, Action.REMOVE, Action.COPY})
    return_to: ReturnTo = ReturnTo.ANY
    ways: frozenset[Way] = frozenset({Way.STEP, Way.DIRECT})
    submit: bool = False
    separate: str = ""
    skip_same: bool = False
    fields_write: tuple[str, ...] = ()
    fields_required: tuple[str, ...] = ()
    copies: tuple[Seat, ...] = ()
    limit: Clock | None = None
    command: str = ""
    called: str = ""
    wait: Clock | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """One way through a block. Exclusive and inclusive: `when`, or the default, taken when no other is.

    An inclusive branch with neither is always taken.
    """

    steps: tuple["Item", ...] = ()
    when: str = ""
    is_default: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Branches side by side. `join` is the id of the gateway where they meet, "" for the block's id and `_join`.

    An exclusive block of which at most one branch goes on has no such gateway.
    """

    id: str
    kind: BlockKind
    branches: tuple[Branch, ...]
    name: str = ""
    stage: str = ""
    join: str = ""

    @property
    def join_id(self) -> str:
        """The id of the gateway where the branches meet."""
        return self.join or f"{self.id}{JOIN}"


Item = Step | Block


@dataclass(frozen=True, slots=True)
class StepList:
    """A whole flow as a list, between its start and its end."""

    id: str
    name: str
    steps: tuple[Item, ...]
    start: str = "start"
    start_name: str = "开始"
    end: str = "end"
    end_name: str = "结束"


SHARED: Final = tuple({each.name for each in fields(Step)} & {each.name for each in fields(Node)} - {"id", "kind"})
"""What step and node both say, in the same words."""


# --- list → process ----------------------------------------------------------------------------------------------


def to_process(listed: StepList) -> Process:
    """The process a list stands for. It is as sound as the list: `validating.validate` says what is wrong with it."""
    return _Builder().process(listed)


@dataclass(slots=True)
class _Open:
    """A way out that does not lead anywhere yet; `place` is its place among the ways out of its node."""

    source: str
    when: str = ""
    is_default: bool = False
    name: str = ""
    place: int = 0


@dataclass(slots=True)
class _Builder:
    """Collects nodes and flows; open ways are tied to whatever comes next."""

    nodes: list[Node] = field(default_factory=list)
    flows: list[tuple[_Open, str]] = field(default_factory=list)

    def process(self, listed: StepList) -> Process:
        self.nodes.append(Node(listed.start, NodeKind.START, listed.start_name))
        open_ways = self._sequence(listed.steps, [_Open(listed.start)])
        if open_ways:
            self._add(Node(listed.end, NodeKind.END, listed.end_name), open_ways)
        return assemble(listed.id, listed.name, self.nodes, self._numbered())

    def _numbered(self) -> Iterator[Flow]:
        taken = {node.id for node in self.nodes}
        number = 0
        order = {node.id: place for place, node in enumerate(self.nodes)}
        for way, target in sorted(self.flows, key=lambda flow: (order[flow[0].source], flow[0].place)):
            number += 1
            while f"flow_{number}" in taken:
                number += 1
            yield Flow(f"flow_{number}", way.source, target, way.when, way.name, way.is_default)

    def _add(self, node: Node, ways: list[_Open]) -> None:
        self.nodes.append(node)
        self.flows += [(way, node.id) for way in ways]

    def _sequence(self, items: tuple[Item, ...], ways: list[_Open]) -> list[_Open]:
        for item in items:
            ways = self._block(item, ways) if isinstance(item, Block) else self._step(item, ways)
        return ways

    def _step(self, step: Step, ways: list[_Open]) -> list[_Open]:
        if step.when:
            return self._block(_conditional(step), ways)
        said = {name: getattr(step, name) for name in SHARED}
        self._add(Node(id=step.id, kind=NODE_KINDS[step.kind], **said), ways)
        return [] if step.kind in ENDING else [_Open(step.id)]

    def _block(self, block: Block, ways: list[_Open]) -> list[_Open]:
        self._add(Node(block.id, NodeKind(block.kind.value), block.name, block.stage), ways)
        loose: list[_Open] = []
        for place, branch in enumerate(block.branches):
            way = _Open(block.id, branch.when, branch.is_default, branch.name, place)
            loose += self._sequence(branch.steps, [way])
        if block.kind is BlockKind.EXCLUSIVE and len(loose) <= 1:
            return loose
        self._add(Node(block.join_id, NodeKind(block.kind.value)), loose)
        return [_Open(block.join_id)]


def _conditional(step: Step) -> Block:
    """The block a step with a condition stands for."""
    taken = Branch((replace(step, when=""),), step.when)
    return Block(f"{step.id}{IF}", BlockKind.EXCLUSIVE, (taken, Branch(is_default=True)), join=f"{step.id}{FI}")


# --- process → list ----------------------------------------------------------------------------------------------


def from_process(process: Process) -> StepList | None:
    """The list that says all of a process, or None for a diagram beyond the list."""
    try:
        listed = _Reader(process).listed()
    except _BeyondTheList:
        return None
    return listed if _essence(to_process(listed)) == _essence(process) else None


class _BeyondTheList(Exception):
    """The diagram has something no list can say."""


@dataclass(slots=True)
class _Way:
    """A stretch of the diagram: its items, and the gateway it stops at (None: it ends)."""

    items: list[Item]
    stop: str | None


class _Reader:
    """Follows a process from its start, each node once."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._seen: set[str] = set()
        self._depth = 0

    def listed(self) -> StepList:
        process = self._process
        if not process.start:
            raise _BeyondTheList
        start = process.node(process.start)
        way = self._follow(_only_way_out(start))
        if way.stop is not None:
            raise _BeyondTheList
        listed = StepList(process.id, process.name, tuple(way.items), start.id, start.name)
        last = way.items[-1] if way.items else None
        if isinstance(last, Step) and last.kind is StepKind.END:
            return replace(listed, steps=tuple(way.items[:-1]), end=last.id, end_name=last.name)
        return listed

    def _follow(self, flow: Flow) -> _Way:
        """From a flow to the next gateway where ways meet, or to the end."""
        items: list[Item] = []
        while True:
            node = self._process.node(flow.target)
            if len(node.incoming) > 1:
                return _Way(items, node.id)
            self._see(node.id)
            if node.kind in STEP_KINDS:
                items.append(_step_of(node))
                if node.kind in (NodeKind.END, NodeKind.TERMINATE):
                    return _Way(items, None)
                flow = _only_way_out(node)
                continue
            ways = self._ways(node)
            if node.kind is NodeKind.EXCLUSIVE and sum(way.stop is not None for _, way in ways) <= 1:
                onward = _onward(ways)
                block = _block_of(node, [(out, _Way([], None) if way is onward else way) for out, way in ways], "")
                return _Way([*items, _simplest(block), *onward.items], onward.stop)
            join = self._join(node, [way.stop for _, way in ways if way.stop is not None])
            items.append(_simplest(_block_of(node, ways, join.id)))
            flow = _only_way_out(join)

    def _ways(self, split: Node) -> list[tuple[Flow, _Way]]:
        if split.kind not in (NodeKind.EXCLUSIVE, NodeKind.PARALLEL, NodeKind.INCLUSIVE) or len(split.outgoing) < 2:
            raise _BeyondTheList
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _BeyondTheList
        ways = [(flow, self._follow(flow)) for flow in split.outgoing]
        self._depth -= 1
        return ways

    def _join(self, split: Node, stops: list[str]) -> Node:
        """The gateway where the branches of a split meet, and nothing else does."""
        if len(set(stops)) != 1:
            raise _BeyondTheList
        join = self._process.node(stops[0])
        if join.kind is not split.kind or len(join.incoming) != len(stops):
            raise _BeyondTheList
        self._see(join.id)
        return join

    def _see(self, key: str) -> None:
        if key in self._seen:
            raise _BeyondTheList
        self._seen.add(key)


def _only_way_out(node: Node) -> Flow:
    if len(node.outgoing) != 1:
        raise _BeyondTheList
    return node.outgoing[0]


def _onward(ways: list[tuple[Flow, _Way]]) -> _Way:
    """The way that what comes after the block belongs to: the one that goes on, else the default, else the last."""
    going_on = [way for _, way in ways if way.stop is not None]
    default = [way for flow, way in ways if flow.is_default]
    return [*going_on, *default, ways[-1][1]][0]


def _step_of(node: Node) -> Step:
    said = {name: getattr(node, name) for name in SHARED}
    return Step(id=node.id, kind=STEP_KINDS[node.kind], **said)


def _block_of(split: Node, ways: list[tuple[Flow, _Way]], join: str) -> Block:
    branches = [Branch(tuple(way.items), flow.condition, flow.is_default, flow.name) for flow, way in ways]
    named = "" if join == f"{split.id}{JOIN}" else join
    return Block(split.id, BlockKind(split.kind.value), tuple(branches), split.name, split.stage, named)


def _simplest(block: Block) -> Item:
    """The step with a condition that a block says in more words, or the block itself."""
    steps = block.branches[0].steps
    if len(steps) == 1 and isinstance(steps[0], Step):
        conditional = replace(steps[0], when=block.branches[0].when)
        plain = _conditional(conditional)
        same = block == plain or (steps[0].kind in ENDING and block == replace(plain, join=""))
        if conditional.when and not steps[0].when and same:
            return conditional
    return block


def _essence(process: Process) -> object:
    """What two processes must share to be the same flow: all but the ids of flows and names that choose nothing."""
    nodes = {
        key: replace(
            node,
            incoming=(),
            outgoing=tuple(
                replace(flow, id="", name=flow.name if len(node.outgoing) > 1 else "") for flow in node.outgoing
            ),
        )
        for key, node in process.nodes.items()
    }
    return process.id, process.name, process.start, nodes
