"""A flow definition as the engine sees it: the declared profile of BPMN 2.0 and its extension attributes.

The profile (workflow.md §8.2): start and end events (none, terminate), user tasks with or without multi-instance,
service and send tasks (a registered command each), exclusive, parallel and inclusive gateways in blocks, intermediate
and boundary timers in working days, call activities. Everything Chinese is in one extension namespace, prefix `bb`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BB: Final = "http://bianzhi.org/schema/flow/1"
STAGES: Final = ("申请", "沟通预审", "审批", "核准", "公示", "督查", "处理", "反馈")
"""The stages of a matter (domain.md §3.5), in their order; a node belongs to at most one."""


class NodeKind(StrEnum):
    """What a node does when a token reaches it."""

    START = "start"
    END = "end"
    TERMINATE = "terminate"
    USER = "user"
    SERVICE = "service"
    SEND = "send"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    WAIT = "wait"
    BOUNDARY = "boundary"
    CALL = "call"


class Order(StrEnum):
    """How the seats of a task are asked: one seat, all at once, or one after the other."""

    SINGLE = "single"
    PARALLEL = "parallel"
    SEQUENTIAL = "sequential"


class Mode(StrEnum):
    """When a countersign agrees."""

    ALL = "all"
    ANY = "any"
    RATIO = "ratio"


class Reject(StrEnum):
    """What 不同意 does: end the case, send it back, or be counted and leave the way to the gateways."""

    STOP = "stop"
    RETURN = "return"
    COLLECT = "collect"


class ReturnTo(StrEnum):
    """How far a step may send a case back."""

    PREVIOUS = "previous"
    ANY = "any"
    INITIATOR = "initiator"


class Way(StrEnum):
    """After the correction: run every step again, or go straight back to whoever returned it."""

    STEP = "step"
    DIRECT = "direct"


class Action(StrEnum):
    """What may be allowed at a step besides deciding (`bb:actions allow="…"`); 撤回 and 催办 always are."""

    RETURN = "return"
    TRANSFER = "transfer"
    ADD = "add"
    REMOVE = "remove"
    COPY = "copy"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Seat:
    """Who is asked: the initiator, a named user, the holders of a role, or who a field of the case names.

    `relation` says of which unit the role is meant: "" any holder in the district office, "own" the case's unit, any
    other name is asked of the registered relation ("supervising": the unit's 主管部门). `field` names a fact that holds
    a user id (without `role`) or an organisation id (with `role`).
    """

    role: str = ""
    relation: str = ""
    user: str = ""
    initiator: bool = False
    field: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """A limit in working days: a number, or the fact that holds it; `warn` days before it the person is reminded."""

    days: int = 0
    fact: str = ""
    warn: int = 2


@dataclass(frozen=True, slots=True)
class Countersign:
    """When a step with several seats is through. `ratio` in percent, for RATIO."""

    mode: Mode = Mode.ALL
    ratio: int = 100


REPORTED: Final = "提交"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What deciding a step is called, on its buttons and in the story; without `disagree` it refuses nothing."""

    agree: str = "同意"
    disagree: str = "不同意"


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is text of `rules.conditions`, "" when there is none."""

    id: str
    source: str
    target: str
    condition: str = ""
    name: str = ""
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """One element of a flow with everything the engine needs of it."""

    id: str
    kind: NodeKind
    name: str = ""
    stage: str = ""
    outgoing: tuple[Flow, ...] = ()
    incoming: tuple[Flow, ...] = ()
    # user tasks
    seats: tuple[Seat, ...] = ()
    order: Order = Order.SINGLE
    countersign: Countersign = Countersign()
    reject: Reject = Reject.STOP
    verdicts: Verdicts = Verdicts()
    actions: frozenset[Action] = frozenset({Action.RETURN, Action.TRANSFER, Action.ADD, Action.REMOVE, Action.COPY})
    return_to: ReturnTo = ReturnTo.ANY
    ways: frozenset[Way] = frozenset({Way.STEP, Way.DIRECT})
    submit: bool = False
    """The initiator's step of filling in: decided by 提交, never by 不同意."""
    separate: str = ""
    """Steps of one case with the same word here are decided by different accounts (R25)."""
    skip_same: bool = False
    """Passed over when the only person asked has just decided the step before; never for 核准."""
    fields_write: tuple[str, ...] = ()
    fields_required: tuple[str, ...] = ()
    copies: tuple[Seat, ...] = ()
    limit: Clock | None = None
    # service, send, call, wait, boundary
    command: str = ""
    called: str = ""
    wait: Clock | None = None
    attached_to: str = ""
    interrupting: bool = True
    # gateways
    partner: str = ""
    """For parallel and inclusive gateways: the join of a split, the split of a join."""

    @property
    def asks_initiator(self) -> bool:
        """Whether whoever began the case does the step."""
        return self.submit or any(seat.initiator for seat in self.seats)

    @property
    def is_report(self) -> bool:
        """Whether it is said here what was done, with nothing to judge.

        So are steps without a word for 不同意, and those of whoever began the case from which nothing is sent back.
        """
        if not self.verdicts.disagree:
            return True
        return self.asks_initiator and not self.submit and Action.RETURN not in self.actions

    @property
    def agree_word(self) -> str:
        """What the button of going on is called, and the opinion it gives."""
        return REPORTED if self.submit or (self.is_report and self.verdicts == Verdicts()) else self.verdicts.agree

    def word_of(self, verdict: str) -> str:
        """A verdict ("agree", "disagree", "submit") in the words of the step; "" for anything else."""
        words = {"submit": REPORTED, "agree": self.agree_word, "disagree": self.verdicts.disagree}
        return words.get(verdict, "")

    @property
    def is_split(self) -> bool:
        """Whether a gateway opens branches."""
        return len(self.outgoing) > 1

    @property
    def is_join(self) -> bool:
        """Whether a parallel or inclusive gateway waits for branches."""
        return self.kind in (NodeKind.PARALLEL, NodeKind.INCLUSIVE) and not self.is_split and bool(self.partner)


@dataclass(frozen=True, slots=True)
class Process:
    """A whole definition, sound as far as `rules.validating` can tell."""

    id: str
    name: str
    start: str
    nodes: Mapping[str, Node] = field(default_factory=dict)

    def node(self, node_id: str) -> Node:
        """The node with an id; KeyError when the flow has none."""
        return self.nodes[node_id]

    def boundaries_of(self, node_id: str) -> list[Node]:
        """The boundary timers attached to a node."""
        return [node for node in self.nodes.values() if node.attached_to == node_id]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a definition, at which element: `code` is stable ("F03"), `message` Chinese."""

    element: str
    code: str
    message: str
    line: int = 0

    def __str__(self) -> str:
        where = f"第 {self.line} 行 " if self.line else ""
        return f"{where}{self.element or '（整个文件）'} [{self.code}] {self.message}"
