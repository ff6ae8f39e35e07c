"""The `bb` extension elements that say what a node says; what goes without saying is left out."""

from collections.abc import Iterator
from typing import Final

from bianzhi.workflow.rules.profile import Clock, Countersign, Node, NodeKind, Order, Seat

Written = tuple[str, dict[str, str]]
PLAIN: Final = Node(id="", kind=NodeKind.USER)
"""A node that says nothing; only what differs from it is written."""


def extensions_of(node: Node) -> list[Written]:
    """Name and attributes of each extension element of a node, in a fixed order."""
    return [*_of_any(node), *_of_people(node), *_of_deciding(node), *_of_time(node)]


def _of_any(node: Node) -> Iterator[Written]:
    if node.stage:
        yield "stage", {"name": node.stage}
    if node.command:
        yield "command", {"name": node.command}


def _of_people(node: Node) -> Iterator[Written]:
    for seat in node.seats:
        yield "assign", _seat(seat)
    for seat in node.copies:
        yield "copy", _seat(seat)
    if node.fields_write or node.fields_required:
        yield "fields", {"write": " ".join(node.fields_write), "required": " ".join(node.fields_required)}


def _of_deciding(node: Node) -> Iterator[Written]:
    if node.order is not Order.SINGLE and node.countersign != Countersign():
        yield "countersign", {"mode": node.countersign.mode.value, "ratio": str(node.countersign.ratio)}
    if node.reject is not PLAIN.reject:
        yield "reject", {"policy": node.reject.value}
    if node.verdicts != PLAIN.verdicts:
        said = {"agree": node.verdicts.agree, "disagree": node.verdicts.disagree}
        yield "verdict", {name: word for name, word in said.items() if word}
    if node.submit:
        yield "submit", {}
    if node.separate:
        yield "separate", {"group": node.separate}
    if node.skip_same:
        yield "skip", {"when": "same-actor"}
    if node.actions != PLAIN.actions:
        yield "actions", {"allow": " ".join(sorted(node.actions))}
    if (node.return_to, node.ways) != (PLAIN.return_to, PLAIN.ways):
        yield "return", {"to": node.return_to.value, "way": " ".join(sorted(node.ways))}


def _of_time(node: Node) -> Iterator[Written]:
    if node.limit is not None:
        yield "deadline", _clock(node.limit)
    if node.wait is not None:
        yield "wait", _clock(node.wait)


def _seat(seat: Seat) -> dict[str, str]:
    texts = {"role": seat.role, "relation": seat.relation, "user": seat.user, "field": seat.field}
    found = {name: text for name, text in texts.items() if text}
    return {**found, "initiator": "true"} if seat.initiator else found


def _clock(clock: Clock) -> dict[str, str]:
    found = {"days": str(clock.days)} if clock.days else {}
    if clock.fact:
        found["fact"] = clock.fact
    return {**found, "warn": str(clock.warn)}
