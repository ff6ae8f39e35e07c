"""The picture of a flow: what the browser draws (XML and the state of each step) and the same in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bianzhi.common import working_days
from bianzhi.common.web.access import PageRequest
from bianzhi.workflow.models import DeadlineState, FlowDeadline, FlowInstance, FlowVersion
from bianzhi.workflow.rules.profile import Flaw, Node, NodeKind, Process
from bianzhi.workflow.rules.reading import read
from bianzhi.workflow.rules.writing import write
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.selectors.progress import NodeState
from bianzhi.workflow.web.dressing import left
from bianzhi.workflow.web.words import KINDS

STATES: Final = {
    "done": ("已办", "good"),
    "current": ("正在办理", "info"),
    "returned": ("已退回", "warn"),
    "rejected": ("不同意", "bad"),
    "skipped": ("已跳过", "neutral"),
    "ahead": ("未到", "neutral"),
}
SHOWN: Final = (NodeKind.USER, NodeKind.SERVICE, NodeKind.SEND, NodeKind.WAIT, NodeKind.CALL)


@dataclass(frozen=True, slots=True)
class StepState:
    """One step of a case in words."""

    name: str
    kind: str
    stage: str
    state: str
    tone: str
    people: str
    at: datetime | None
    passes: int


def in_order(process: Process) -> list[Node]:
    """The elements of a flow from its start on, each once and after all that leads to it (but for ways back)."""
    seen = {process.start}
    under_way = [(process.node(process.start), _onward(process, process.start))]
    finished: list[Node] = []
    while under_way:
        node, ahead = under_way[-1]
        if not ahead:
            under_way.pop()
            finished.append(node)
            continue
        following = ahead.pop()
        if following not in seen:
            seen.add(following)
            under_way.append((process.node(following), _onward(process, following)))
    return finished[::-1]


def _onward(process: Process, node_id: str) -> list[str]:
    """What comes right after an element; its first way is taken last, and so stands first."""
    ways = [flow.target for flow in process.node(node_id).outgoing]
    return [*ways, *(boundary.id for boundary in process.boundaries_of(node_id))]


def picture_of_case(request: PageRequest, instance: FlowInstance, states: Mapping[str, NodeState]) -> dict[str, Any]:
    """XML and the states of steps begun, for the viewer: state, people, days left."""
    lefts = _lefts(request, instance)
    drawn = {}
    for node_id, state in states.items():
        if state.state == "ahead":
            continue
        own = lefts.get(node_id) if state.state == "current" else None
        drawn[node_id] = {
            "state": state.state,
            "people": _named(state.people),
            "left": own.words if own else "",
            "tone": f"is-{own.tone}" if own and own.tone in ("warn", "bad") else "",
        }
    return {"xml": drawable(instance.version), "states": drawn, "flaws": []}


def picture_of_version(version: FlowVersion, flaws: list[Flaw]) -> dict[str, Any]:
    """XML for the viewer with what is wrong with each element."""
    marked = [{"element": flaw.element, "message": flaw.message} for flaw in flaws]
    return {"xml": drawable(version), "states": {}, "flaws": marked}


def drawable(version: FlowVersion) -> str:
    """The XML with a picture: its own, or one laid out for it when it came without.

    "" for a draft without a picture in which something cannot be read: laid out, it would be written without that.
    """
    if "BPMNShape" in version.bpmn_xml:
        return version.bpmn_xml
    reading = read(version.bpmn_xml)
    return write(reading.process) if reading.process is not None and not reading.flaws else ""


def steps_of_case(instance: FlowInstance, states: Mapping[str, NodeState]) -> list[StepState]:
    """Every step in its order with its state, for reading, printing and pages without scripts."""
    return [_step(node, states[node.id]) for node in in_order(process_of(instance.version)) if node.kind in SHOWN]


def _step(node: Node, state: NodeState) -> StepState:
    words, tone = STATES[state.state]
    if state.state == "rejected":
        words = node.verdicts.disagree or words
    people = _named(state.people)
    return StepState(node.name or node.id, KINDS[node.kind], node.stage, words, tone, people, state.at, state.passes)


def _named(people: list[str]) -> str:
    return "、".join(dict.fromkeys(people))


def _lefts(request: PageRequest, instance: FlowInstance) -> dict[str, Any]:
    states = (DeadlineState.RUNNING, DeadlineState.SUSPENDED)
    clocks = FlowDeadline.objects.filter(instance=instance, state__in=states).order_by("-due_on")
    calendar = working_days.load(request.today)
    return {clock.node_id: left(clock.due_on, clock, request.today, calendar) for clock in clocks}
