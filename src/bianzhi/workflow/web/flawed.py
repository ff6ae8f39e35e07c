"""What is wrong with a flow, with the names people know its elements by."""

from collections.abc import Iterable
from dataclasses import dataclass

from bianzhi.workflow.rules.profile import Flaw, Process


@dataclass(frozen=True, slots=True)
class Named:
    """A flaw and the name of the element it is at."""

    code: str
    element: str
    name: str
    message: str


def named(flaws: Iterable[Flaw], process: Process | None) -> list[Named]:
    """The flaws in their order."""
    names = {node.id: node.name for node in process.nodes.values()} if process else {}
    return [
        Named(str(flaw.code), flaw.element, names.get(flaw.element) or flaw.element, flaw.message) for flaw in flaws
    ]
