"""Names of persons, only where the paper itself says that they are: 出席, 同志, 任免."""

import re
from collections.abc import Iterator
from typing import Final

from bianzhi.recognition.document import Box
from bianzhi.recognition.extraction.finding import Finding
from bianzhi.recognition.extraction.lines import Lines

_NAME: Final = r"[\u4e00-\u9fff·]{2,4}?"
_LISTS: Final = re.compile(
    rf"(?:出席|列席|主持|参加|记录|参会人员)(?:人员|人)?[:;](?P<names>{_NAME}(?:、{_NAME})*)(?=[。;\n]|$)"
)
_ACTS: Final = "任命|聘任|同意|免去|录用|调任"
_COMRADE: Final = re.compile(
    rf"(?:{_ACTS}|[、,。;:](?:{_ACTS})?)(?!{_ACTS})(?P<names>{_NAME}(?:、{_NAME})*)(?:等)?同志"
)


def person_findings(lines: Lines) -> Iterator[Finding]:
    """人名, in the order in which the paper tells them."""
    running = lines.running
    names: dict[str, None] = {}
    sure, page, box = 1.0, 0, None
    first: tuple[int, Box | None] | None = None
    for pattern, base in ((_LISTS, 0.88), (_COMRADE, 0.8)):
        for found in pattern.finditer(running.text):
            page, box, confidence = running.spot(*found.span("names"))
            sure = min(sure, base * confidence)
            first = first or (page, box)
            names |= dict.fromkeys(found["names"].split("、"))
    if first is not None:
        yield Finding("persons", "、".join(names), sure, first[0], first[1], "“出席”“同志”等字样前后")
