"""Small diagrams for the tests, written in a few lines."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from bianzhi.workflow.rules.assembling import assemble
from bianzhi.workflow.rules.profile import BB, BPMN, Clock, Flow, Node, NodeKind, Process, Seat
from bianzhi.workflow.rules.validating import validate

CLERK = Seat(role="office_clerk")
DIRECTOR = Seat(role="office_director")
APPLICANT = Seat(initiator=True)


def user(node_id: str, *seats: Seat, **more: Any) -> Node:
    return Node(node_id, NodeKind.USER, node_id, seats=seats or (CLERK,), **more)


def submit(node_id: str = "apply", **more: Any) -> Node:
    return user(node_id, APPLICANT, submit=True, **more)


def node(node_id: str, kind: str, **more: Any) -> Node:
    return Node(node_id, NodeKind(kind), **more)


def service(node_id: str, command: str = "tests.done") -> Node:
    return node(node_id, "service", command=command)


def timer(node_id: str, host: str, days: int = 3, **more: Any) -> Node:
    return node(node_id, "boundary", attached_to=host, limit=Clock(days), **more)


def flow(text: str) -> Flow:
    """`a > b`, `a > b default` or `a > b if level == "x"`."""
    ends, _, condition = text.partition(" if ")
    source, _, rest = ends.partition(" > ")
    target, _, default = rest.partition(" ")
    return Flow(f"{source}-{target}", source, target, condition, is_default=default == "default")


def draw(nodes: list[Node], *flows: str) -> Process:
    """A process with a start and an end besides the nodes given (unless they bring their own)."""
    kinds = {each.kind for each in nodes}
    around = [Node(kind.value, kind) for kind in (NodeKind.START, NodeKind.END) if kind not in kinds]
    return assemble("tested", "测试", [*around, *nodes], [flow(each) for each in flows])


def line(*nodes: Node) -> Process:
    """The nodes one after the other, from start to end."""
    ids = ["start", *(each.id for each in nodes), "end"]
    return draw(list(nodes), *(f"{one} > {next_}" for one, next_ in pairwise(ids)))


def flaws(process: Process, *known: Any) -> list[tuple[str, str]]:
    """(element, code) of every flaw."""
    return [(flaw.element, str(flaw.code)) for flaw in validate(process, *known)]


def xml(body: str, *, process: str = 'id="p" isExecutable="true"', around: str = "") -> str:
    """A BPMN file with this body of its process."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{BPMN}" xmlns:bb="{BB}" id="d">{around}\n'
        f"<process {process}>\n{body}\n</process></definitions>"
    )


def around_task(extensions: str, tail: str = "", tag: str = "userTask", attributes: str = "") -> str:
    """A file whose one task `t` has these extension elements."""
    return xml(
        '<startEvent id="s"/>'
        f'<{tag} id="t" {attributes}><extensionElements>{extensions}</extensionElements>{tail}</{tag}>'
        '<endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="t"/>'
        '<sequenceFlow id="f2" sourceRef="t" targetRef="e"/>'
    )
