"""Which unit a document is about: names of the dictionary found in its title, its address, its body."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bianzhi.kernel.characters import compact
from bianzhi.recognition.extraction.finding import Finding
from bianzhi.recognition.extraction.lines import Line, Lines, enclosing
from bianzhi.recognition.extraction.repairs import distance

IN_TITLE, IN_ADDRESS, BY_ASKING, IN_BODY, NEARLY = 0.95, 0.88, 0.9, 0.55, 0.7
LONG_ENOUGH: Final = 6
"""Characters a name must have to be recognised with one of them wrong."""
MOST: Final = 5


def unit_findings(
    lines: Lines, units: Mapping[str, int], title: Sequence[Line], addressee: Sequence[Line], responsible: Line | None,
    language: str,
) -> Iterator[Finding]:  # fmt: skip
    """Units, the likeliest first. Who asks (请示) is the unit itself; who is written to comes after who is named."""
    places: list[tuple[Sequence[Line], float, str]] = [(title, IN_TITLE, "题名"), (addressee, IN_ADDRESS, "主送")]
    if language in ("请示", "报告") and responsible is not None:
        places.insert(0, ([responsible], BY_ASKING, "署名"))
        places.pop()
    found: dict[int, Finding] = {}
    for where, sure, words in places:
        for finding in _named(where, units, sure, words):
            found.setdefault(int(finding.value), finding)
    if not found:
        for finding in _in_body(lines, units):
            found.setdefault(int(finding.value), finding)
    yield from sorted(found.values(), key=lambda each: -each.confidence)[:MOST]


def _named(where: Sequence[Line], units: Mapping[str, int], sure: float, words: str) -> Iterator[Finding]:
    if not where:
        return
    text = "".join(line.plain for line in where)
    names = _names_in(text, units)
    share = sure if len(names) == 1 else sure * 0.6
    if not names:
        names = _nearly_in(text, units)
        share = sure * NEARLY
    confidence = share * min(line.confidence for line in where)
    for name in names:
        yield Finding("unit", str(units[name]), confidence, where[0].page, enclosing(where), f"{words}中的“{name}”")


def _names_in(text: str, units: Mapping[str, int]) -> list[str]:
    """Names in a text, but none that is only a part of a longer one there."""
    taken = [False] * len(text)
    names = []
    for name in sorted(units, key=lambda each: (-len(each), each)):
        plain = compact(name)
        start = text.find(plain) if plain else -1
        while start >= 0:
            if not any(taken[start : start + len(plain)]):
                taken[start : start + len(plain)] = [True] * len(plain)
                names.append(name)
            start = text.find(plain, start + 1)
    return list(dict.fromkeys(names))


def _nearly_in(text: str, units: Mapping[str, int]) -> list[str]:
    """The one long name that stands in a text with a single character wrong; none where several could be meant."""
    names = []
    for name in units:
        plain = compact(name)
        size = len(plain)
        if size < LONG_ENOUGH:
            continue
        windows = (text[start : start + size] for start in range(len(text) - size + 1))
        if any(distance(window, plain, 1) <= 1 for window in windows):
            names.append(name)
    return names if len({units[name] for name in names}) == 1 else []


def _in_body(lines: Lines, units: Mapping[str, int]) -> Iterator[Finding]:
    """Units a text speaks of, where neither title nor address tells; the more often, the surer."""
    running = lines.running
    names = _names_in(running.text, units)
    counts = {name: running.text.count(compact(name)) for name in names}
    total = sum(counts.values())
    for name in names:
        start = running.text.find(compact(name))
        page, box, confidence = running.spot(start, start + len(compact(name)))
        sure = IN_BODY * (0.5 + 0.5 * counts[name] / total) * confidence
        yield Finding("unit", str(units[name]), sure, page, box, f"正文中的“{name}”（{counts[name]} 次）")
