"""Whether a process can run: its nodes one by one, then its shape, its blocks, and a walk along every path.

`validate` finds everything wrong at once and names each element; the codes are in `rules.flaws`.
"""

from dataclasses import replace

from bianzhi.workflow.rules import blocks, walking
from bianzhi.workflow.rules.known import Known, unknown_names
from bianzhi.workflow.rules.node_checks import flaws_in_nodes
from bianzhi.workflow.rules.profile import Flaw, Process
from bianzhi.workflow.rules.reading import Reading, read
from bianzhi.workflow.rules.shape_checks import flaws_in_shape

__all__ = ["Known", "examine", "validate"]


def validate(process: Process, known: Known | None = None) -> list[Flaw]:
    """Everything wrong with a process. Without `known` (the offline command line) names are not looked up."""
    found = [*_flaws_in_parts(process, known), *flaws_in_shape(process), *blocks.match(process).flaws]
    return found or walking.flaws_on_the_way(process)


def examine(xml: bytes | str, known: Known | None = None) -> Reading:
    """Read a file and validate what it holds; flaws come with their lines, in the order of the file.

    A file with elements the profile does not run is not judged by its shape: the shape lacks them.
    """
    reading = read(xml)
    found = list(reading.flaws)
    if reading.process is not None:
        judge = _flaws_in_parts if found else validate
        found += judge(reading.process, known)
    placed = [flaw if flaw.line else replace(flaw, line=reading.lines.get(flaw.element, 0)) for flaw in found]
    return replace(reading, flaws=sorted(placed, key=lambda flaw: (flaw.line, flaw.element, flaw.code)))


def _flaws_in_parts(process: Process, known: Known | None) -> list[Flaw]:
    found = flaws_in_nodes(process)
    return found if known is None else [*found, *unknown_names(process, known)]
