"""The end of a document: 附件, 署名, 成文日期, 主题词."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from bianzhi.kernel.dates import DateError, Precision, parse_date
from bianzhi.recognition.extraction.finding import Finding
from bianzhi.recognition.extraction.header import Banner, Number
from bianzhi.recognition.extraction.lines import Line, Lines
from bianzhi.recognition.extraction.repairs import DAY, FIGURES, MONTH, YEAR, distance, figures

_CHINESE: Final = "〇○零一二三四五六七八九十"
_DATE: Final = re.compile(
    rf"(?P<year>[{FIGURES}]{{4}}|[{_CHINESE}]{{4}}){YEAR}(?P<month>[{FIGURES}]{{1,2}}|[{_CHINESE}]{{1,3}}){MONTH}"
    rf"(?P<day>[{FIGURES}]{{1,2}}|[{_CHINESE}]{{1,3}}){DAY}"
)
_PRINTED: Final = re.compile(rf"(?:{_DATE.pattern})印发$")
_ATTACHMENT: Final = re.compile(r"附件[:;](?:1[.、．,])?(?P<name>.+)")
_ATTACHED: Final = re.compile(rf"附件(?:\d{{1,2}}|[{_CHINESE}]{{1,3}})?[:;]?")
"""The line with which what is attached begins; the list of it below the body has names behind the colon."""
_FORWARDS: Final = re.compile(r"转发|批转")
_FURTHER: Final = re.compile(r"\d{1,2}[.、．,](?P<name>\D.+)")
_KEYWORDS: Final = re.compile(r"主题词[:;]\s*(?P<words>.+)")
PERIODICALS: Final = ("简报", "公报", "专报")
"""Papers whose name in red is their own, not that of who issues them."""
ALONE, ELSEWHERE, PRINTED, IN_FIRST_PARAGRAPH = 0.93, 0.5, 0.4, 0.6
FIRST_PARAGRAPH: Final = 60


def day_in(text: str) -> date | None:
    """The day a text says, figures put right; None where it is no day of the calendar."""
    found = _DATE.search(text)
    if found is None:
        return None
    parts = [found["year"], found["month"], found["day"]]
    if any(set(part) & set("0123456789") for part in parts):
        parts = [figures(part) for part in parts]
    year, month, day = parts
    try:
        written = parse_date(f"{year}年{month}月{day}日")
    except DateError:
        return None
    return written.day if written is not None and written.precision is Precision.DAY else None


def date_lines(lines: Lines, title: Sequence[Line]) -> list[Line]:
    """The lines that are a date and nothing else, the paper's own first: it stands before what is attached.

    A paper that forwards another (转发, 批转) has it behind its own date, often without the word 附件.
    """
    own: list[Line] = []
    attached: list[Line] = []
    found = own
    for line in lines.all:
        if line.kind == "table":
            continue
        if own and _ATTACHED.fullmatch(line.plain):
            found = attached
        elif _DATE.fullmatch(line.plain) and day_in(line.plain):
            found.append(line)
    if not _FORWARDS.search("".join(line.plain for line in title)):
        own.reverse()
    return [*own, *attached]


def date_findings(lines: Lines, dated: Sequence[Line], number: Number | None) -> Iterator[Finding]:
    """成文日期: the date under the signature and, less sure, any other that stands alone.

    Failing these the day it was printed, or that of the first paragraph.
    """
    printed = [(line, found) for line in lines.all if (found := _PRINTED.search(line.plain))]
    printed_on = next((day for line, _ in printed if (day := day_in(line.plain))), None)
    if dated:
        yield from _dates_alone(dated, number, printed_on)
        return
    yield from _first_paragraph_date(lines)
    for line, found in printed[:1]:
        if printed_on is not None:
            box = line.place(*found.span())
            yield Finding("dated_on", printed_on.isoformat(), PRINTED * line.confidence, line.page, box, "印发日期")


def _dates_alone(dated: Sequence[Line], number: Number | None, printed_on: date | None) -> Iterator[Finding]:
    seen: set[date] = set()
    for line in dated:
        day = day_in(line.plain)
        if day is not None and day not in seen:
            base, method = (ELSEWHERE, "另一处独占一行的日期") if seen else (ALONE, "署名下的日期")
            seen.add(day)
            sure = _weighed(base, line, day, number, printed_on)
            yield Finding("dated_on", day.isoformat(), sure, line.page, line.box, method)


def _weighed(base: float, line: Line, day: date, number: Number | None, printed_on: date | None) -> float:
    """The year of the number and the day of printing speak for a date or against it."""
    sure = base
    if printed_on is not None:
        sure = 0.97 if printed_on == day else sure * 0.9 if printed_on > day else sure * 0.6
    if number is not None and number.year != day.year:
        sure *= 0.6
    if not re.sub(rf"[{_CHINESE}年月日]", "", line.plain).isdecimal() and re.search(r"[A-Za-z|牛午目曰口]", line.plain):
        sure *= 0.75
    return sure * line.confidence


def _first_paragraph_date(lines: Lines) -> Iterator[Finding]:
    for line in lines.all:
        found = _DATE.match(line.plain) if line.kind == "text" else None
        if found and len(line.plain) > found.end() and line.plain[found.end()] in ",，上下":
            day = day_in(found[0])
            if day is not None:
                box = line.place(*found.span())
                sure = IN_FIRST_PARAGRAPH * line.confidence
                yield Finding("dated_on", day.isoformat(), sure, line.page, box, "首段所记会议日期")
            return


def responsible_findings(lines: Lines, dated: Line | None, banner: Banner | None) -> Iterator[Finding]:
    """责任者: the name above the date, and the one in red at the head, which should agree."""
    signed = _signature(lines, dated)
    headed = banner if banner is not None and banner.name and banner.kind not in PERIODICALS else None
    if signed is None or headed is None:
        told = [(signed.plain, signed, 0.82, "日期上方的署名")] if signed else []
        told += [(headed.name, headed.line, 0.8, "发文机关标志")] if headed else []
    elif signed.plain == headed.name:
        told = [(signed.plain, signed, 0.97, "署名与发文机关标志一致")]
    else:
        is_close = distance(signed.plain, headed.name, 2) <= min(2, len(signed.plain) // 5)
        by_signature, by_head = (0.72, 0.7) if is_close else (0.8, 0.5)
        told = [
            (signed.plain, signed, by_signature, "日期上方的署名，与发文机关标志不一致"),
            (headed.name, headed.line, by_head, "发文机关标志，与署名不一致"),
        ]
    for name, line, sure, method in told:
        yield Finding("responsible", name, sure * line.confidence, line.page, line.box, method)


def _signature(lines: Lines, dated: Line | None) -> Line | None:
    if dated is None:
        return None
    beside = [line for line in lines.on(dated.page) if line is not dated and _on_one_row(line, dated)]
    if beside and all(_is_name(line) for line in beside):
        return min(beside, key=lambda each: each.left)
    before = [line for line in lines.on(dated.page) if line.top < dated.top and line.kind not in ("table", "footer")]
    if not before:
        return None
    line = max(before, key=lambda each: (each.top, each.right))
    near = dated.top - line.top < 4 * dated.box[3]
    return line if near and _is_name(line) and line.right > 0.5 else None


def _on_one_row(line: Line, other: Line) -> bool:
    return abs(line.top - other.top) < 0.4 * other.box[3] and line.kind != "table"


def _is_name(line: Line) -> bool:
    return len(line.plain) >= 3 and not line.plain.endswith(("。", ":", ";", "!", "?"))


def attachment_findings(lines: Lines) -> Iterator[Finding]:
    """附件: the names below the body, without their figures."""
    for start, line in enumerate(lines.all):
        found = _ATTACHMENT.fullmatch(line.plain)
        if found is None or line.kind in ("table", "footer"):
            continue
        names, own = [line.written(*found.span("name"))], [line]
        for further in lines.all[start + 1 :]:
            more = _FURTHER.fullmatch(further.plain)
            if more is None or further.page != line.page or further.left <= line.left:
                break
            names.append(further.written(*more.span("name")))
            own.append(further)
        left, top, width, _ = line.box
        bottom = own[-1].box[1] + own[-1].box[3]
        sure = 0.9 * min(each.confidence for each in own)
        yield Finding("attachments", "；".join(names), sure, line.page, (left, top, width, bottom - top), "“附件”之后")
        return


def keyword_findings(lines: Lines) -> Iterator[Finding]:
    """主题词, as papers bore them until 2012; their gaps part them."""
    for line in lines.all:
        found = _KEYWORDS.search(line.word.text.replace("：", ":"))
        if found:
            words = found["words"].split()
            sure = (0.92 if len(words) > 1 else 0.6) * line.confidence
            yield Finding("keywords", "、".join(words), sure, line.page, line.box, "“主题词”之后")
            return
