"""Reading the fields of the catalogue off a document's pages."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bianzhi.recognition.document import PageText
from bianzhi.recognition.extraction.endings import (
    attachment_findings,
    date_findings,
    date_lines,
    keyword_findings,
    responsible_findings,
)
from bianzhi.recognition.extraction.figures import figure_findings
from bianzhi.recognition.extraction.finding import Finding
from bianzhi.recognition.extraction.header import banner_of, header_findings, number_of
from bianzhi.recognition.extraction.lines import Lines, lines_of
from bianzhi.recognition.extraction.people import person_findings
from bianzhi.recognition.extraction.titles import addressee_findings, addressee_lines, title_findings, title_lines
from bianzhi.recognition.extraction.units import unit_findings


def extract(pages: Sequence[PageText], units: Mapping[str, int]) -> list[Finding]:
    """What stands on the pages of one document, field by field, the surest of a field first.

    `units` gives the id of each name a unit is known by; a finding of `unit` has the id as its value. A field the
    paper does not bear has no finding: nothing is completed from elsewhere. Dates are ISO, numbers are digits.
    """
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in _findings(lines_of(pages), units):
        found[finding.field].append(finding)
    return [each for name in found for each in sorted(found[name], key=lambda one: -one.confidence)]


def _findings(lines: Lines, units: Mapping[str, int]) -> Iterator[Finding]:
    if not lines.all:
        return
    number = number_of(lines)
    banner = banner_of(lines, number)
    title = title_lines(lines, number, banner)
    addressee = addressee_lines(lines, title)
    dated = date_lines(lines, title)
    named = list(title_findings(lines, title, banner))
    issued = list(responsible_findings(lines, dated[0] if dated else None, banner))
    yield from header_findings(lines, number)
    yield from named
    yield from issued
    yield from addressee_findings(addressee)
    yield from date_findings(lines, dated, number)
    yield from attachment_findings(lines)
    yield from keyword_findings(lines)
    yield from person_findings(lines)
    yield from figure_findings(lines)
    language = next((each.value for each in named if each.field == "language"), "")
    signed = next((line for each in issued[:1] for line in lines.all if line.box == each.box), None)
    yield from unit_findings(lines, units, title, addressee, signed, language)
