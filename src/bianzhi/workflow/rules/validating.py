"""Whether a process can run: its nodes one by one, then its shape, its blocks, and a walk along every path.

`validate` finds everything wrong at once and names each element; the codes are in `rules.flaws`.
"""

from collections.abc import Collection
from dataclasses import replace

from bianzhi.workflow.rules import blocks, walking
from bianzhi.workflow.rules.known import Known, unknown_names
from bianzhi.workflow.rules.node_checks import flaws_in_nodes
from bianzhi.workflow.rules.profile import Flaw, Node, Process
from bianzhi.workflow.rules.reading import Reading, read
from bianzhi.workflow.rules.shape_checks import flaws_in_shape

__all__ = ["Known", "examine", "validate"]


def validate(process: Process, known: Known | None = None, opaque: Collection[str] = frozenset()) -> list[Flaw]:
    """Everything wrong with a process. Without `known` names are not looked up.

    `opaque` are nodes that stand for what the profile cannot run: they are named already, and nothing else is said of
    them, nor of what only they could make right.
    """
    found = flaws_in_nodes(process)
    if known is not None:
        found += unknown_names(process, known)
    found += flaws_in_shape(process, opaque)
    if all(_is_passed_through(process.node(key)) for key in opaque):
        found += blocks.match(process).flaws
    silent = {*opaque, *(flow.id for key in opaque for flow in process.node(key).outgoing)}
    heard = [flaw for flaw in found if flaw.element not in silent]
    return heard if heard or opaque else walking.flaws_on_the_way(process)


def _is_passed_through(node: Node) -> bool:
    return len(node.incoming) == len(node.outgoing) == 1


def examine(xml: bytes | str, known: Known | None = None) -> Reading:
    """Read a file and validate what it holds; flaws come with their lines, in the order of the file."""
    reading = read(xml)
    found = list(reading.flaws)
    if reading.process is not None:
        found += validate(reading.process, known, reading.opaque)
    placed = [flaw if flaw.line else replace(flaw, line=reading.lines.get(flaw.element, 0)) for flaw in found]
    return replace(reading, flaws=sorted(placed, key=lambda flaw: (flaw.line, flaw.element, flaw.code)))
