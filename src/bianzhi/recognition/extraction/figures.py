"""Numbers of quota and posts that a paper grants or takes, each with its place; what is asked for is not granted."""

import re
from collections.abc import Iterator
from typing import Final

from bianzhi.kernel.numbers import NumberError, parse_whole_number
from bianzhi.recognition.extraction.finding import Finding
from bianzhi.recognition.extraction.lines import Lines, Running
from bianzhi.recognition.extraction.repairs import figures

MEASURES: Final = {
    "A2": r"政法专项(?:行政)?编制",
    "A3": r"(?:其他)?专项编制",
    "A1": r"(?:机关)?行政编制",
    "B4": r"(?:参照公务员法管理(?:的)?|参公(?:管理)?)事业编制|事业编制\(参公\)",
    "B5": r"(?:中小学)?教职工编制|(?:中小学)?教师编制",
    "B6": r"(?:医疗)?卫生(?:事业|人员)?编制",
    "B1": r"(?:财政)?全额(?:拨款|补助)?(?:的)?事业编制|事业编制\(全额(?:拨款)?\)",
    "B2": r"(?:财政)?差额(?:拨款|补助)?(?:的)?事业编制|事业编制\(差额(?:拨款)?\)",
    "B3": r"(?:自收自支|自理|经费自理)(?:的)?事业编制|事业编制\((?:自理|自收自支)\)",
    "B": r"事业编制",
    "C1": r"(?:机关)?(?:后勤)?工勤(?:人员)?编制|机关工勤",
    "C2": r"机关其他编制",
    "D1": r"周转编制",
    "D2": r"人才专项编制",
    "E1": r"备案员额|员额",
    "E2": r"编外(?:用工|人员)?控制数",
    "any": r"(?:人员)?编制",
}
"""Types of quota as papers call them; B is 事业编制 whose funding is not told, `any` 编制 of no told type."""
_ORDER: Final = ("D2", "A2", "C2", "A3", "A1", "B4", "B5", "B6", "B1", "B2", "B3", "B", "C1", "D1", "E1", "E2", "any")
_MEASURE: Final = "|".join(f"(?P<{code}>{MEASURES[code]})" for code in _ORDER)
_COUNT: Final = r"(?P<count>[0-9OoIl]{1,5}|[一二三四五六七八九十百千两〇零]{1,7})"
_UNIT: Final = r"(?:个)?[名各个人]"
_AMOUNT: Final = re.compile(
    rf"(?:{_MEASURE})(?:总量|总数|总额|人数)?(?P<verb>增加|减少|核增|核减|调减|调增)?(?:到|至)?(?:为|共|计|共计|核定为|定为)?{_COUNT}{_UNIT}"
)
_BEFORE: Final = re.compile(rf"{_COUNT}{_UNIT}(?:{_MEASURE.replace('(?P<', '(?P<x')})")
_CLAUSE: Final = re.compile(r"[。;\n]")
_SENTENCE: Final = re.compile(r"[。\n]")
"""Posts are listed one after the other behind semicolons; recognition takes colons for them."""
_GRANTS: Final = re.compile(r"核增|增核|追加|增加|调增|新增|增编")
_TAKES: Final = re.compile(r"核减|减少|收回|调减|核销|划出")
_STATES: Final = re.compile(r"核定|调整后|共有|总量|下达|编制为|设定|配备|列")
_ASKS: Final = re.compile(r"申请|拟|要求|请求|建议|恳请")
_TELLS: Final = re.compile(r"已全部使用|现有|空缺|缺编")
_GROUNDS: Final = re.compile(r"(?:根据|按照|依据|依照|遵照|鉴于|(?<![^,])为)[^,]*?(?:要求|,)")
"""按照你局申请, 根据机构改革要求: on what a decision rests, itself neither asking nor telling."""
_AGREES: Final = re.compile(r"[,;].*?(?:(?<![请望予])同意|决定)")
_DECIDES: Final = re.compile(r"[,;].*?(?:(?<![请望予])同意|决定|核定|核增|增核|核减|收回|下达)")
_CHIEF: Final = r"局长|主任|书记|院长|校长|馆长|站长|所长|园长|部长|处长|台长|会长|镇长|乡长|队长|检察长|主席"
_POST: Final = re.compile(
    rf"(?:(?P<body_deputy>(?:内设机构|中层|科室|科级)副职|副科长)|(?P<body_chief>(?:内设机构|中层|科室|科级)正职|(?<!副)科长)"
    rf"|(?P<org_deputy>副职|副(?:{_CHIEF}))|(?P<org_chief>正职|(?<!副)(?:{_CHIEF})))(?:领导职数)?(?:职数)?(?:为|共)?{_COUNT}[名各个人]"
)  # fmt: skip
_POST_CONTEXT: Final = re.compile(r"职数|设|核定|配备|领导")
UNTOLD: Final = ("B", "any")
NAMED, BY_VERB, UNTYPED = 0.95, 0.93, 0.72


def figure_findings(lines: Lines) -> Iterator[Finding]:
    """Quota (核定, 核增, 核减) and posts; the same figure told twice is one finding, two different ones are two.

    A number of no told type that is only another way of telling one of a told type, or the sum of those, is left out.
    """
    found = [*_amounts(lines.running), *_posts(lines.running)]
    told: dict[str, set[int]] = {}
    for finding in found:
        kind, _, code = finding.field.partition(":")
        if code not in UNTOLD:
            told.setdefault(kind, set()).add(int(finding.value))
    seen: set[tuple[str, str]] = set()
    for finding in found:
        kind, _, code = finding.field.partition(":")
        numbers = told.get(kind, set())
        is_repeated = code in UNTOLD and int(finding.value) in {*numbers, sum(numbers)}
        if not is_repeated and (finding.field, finding.value) not in seen:
            seen.add((finding.field, finding.value))
            yield finding


def _amounts(running: Running) -> Iterator[Finding]:
    for found in _AMOUNT.finditer(running.text):
        code = next(name for name in _ORDER if found[name])
        yield from _amount(running, found, code, found["verb"] or "")
    for found in _BEFORE.finditer(running.text):
        code = next(name for name in _ORDER if found[f"x{name}"])
        yield from _amount(running, found, code, "")


def _amount(running: Running, found: re.Match[str], code: str, verb: str) -> Iterator[Finding]:
    before = _before(running.text, found.start(), _CLAUSE)
    if _is_not_granted(before):
        return
    kind = _kind(verb or before)
    if kind is None:
        return
    number, repaired = _count(found["count"])
    if number is None:
        return
    sure = (UNTYPED if code in ("B", "any") else NAMED if kind == "quota" else BY_VERB) * (0.75 if repaired else 1.0)
    page, box, confidence = running.spot(*found.span())
    words = {"quota": "核定", "increase": "核增", "decrease": "核减"}[kind]
    yield Finding(f"{kind}:{code}", str(number), sure * confidence, page, box, f"正文“{words}…{found[0]}”")


def _posts(running: Running) -> Iterator[Finding]:
    for found in _POST.finditer(running.text):
        before = _before(running.text, found.start(), _SENTENCE)
        if not _POST_CONTEXT.search(before + found[0]) or _is_not_granted(before):
            continue
        number, repaired = _count(found["count"])
        if number is None:
            continue
        level = next(name for name in ("body_deputy", "body_chief", "org_deputy", "org_chief") if found[name])
        page, box, confidence = running.spot(*found.span())
        sure = 0.92 * (0.75 if repaired else 1.0) * confidence
        yield Finding(f"post:{level}", str(number), sure, page, box, f"正文“{found[0]}”")


def _before(text: str, place: int, boundary: re.Pattern[str]) -> str:
    """The words up to a place, back to the last boundary."""
    ends = [found.end() for found in boundary.finditer(text, max(0, place - 80), place)]
    return text[ends[-1] if ends else max(0, place - 80) : place]


def _is_not_granted(before: str) -> bool:
    """Whether the words before a figure ask for it, or tell what there is, and no decision follows them."""
    words = _GROUNDS.sub("", before)
    return _stands(_ASKS, words, _AGREES) or _stands(_TELLS, words, _DECIDES)


def _stands(pattern: re.Pattern[str], words: str, over: re.Pattern[str]) -> bool:
    ends = [found.end() for found in pattern.finditer(words)]
    return bool(ends) and not over.search(words, ends[-1])


def _kind(words: str) -> str | None:
    """What the nearest verb before says is done with the figure; None where no verb grants, takes or states it."""
    told = [
        (found.end(), kind)
        for kind, pattern in (("increase", _GRANTS), ("decrease", _TAKES), ("quota", _STATES))
        for found in pattern.finditer(words)
    ]
    return max(told)[1] if told else None


def _count(written: str) -> tuple[int | None, bool]:
    """The number, and whether letters had to be read as figures."""
    plain = figures(written) if any(each.isascii() for each in written) else written
    try:
        return parse_whole_number(plain), plain != written
    except NumberError:
        return None, False
