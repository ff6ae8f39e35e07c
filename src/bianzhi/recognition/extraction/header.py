"""The head of a document: its number, its mark of secrecy, who signed it, whose name stands in red above all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bianzhi.kernel.identifiers.document_number import standard_document_number
from bianzhi.recognition.extraction.finding import Finding
from bianzhi.recognition.extraction.lines import Line, Lines
from bianzhi.recognition.extraction.repairs import FIGURES, NUMBER, figures

HEAD_LINES: Final = 14
"""Lines of the first page among which the head is looked for."""
_AGENCY: Final = r"(?P<agency>[\u4e00-\u9fff()、·]{1,16}?)"
_CLEAN: Final = re.compile(
    rf"{_AGENCY}[\[(【〈《{{〔［「『〖<](?P<year>(?:19|20)\d\d)[\])】〉》}}〕］」』〗>]第?(?P<serial>\d{{1,5}})号"
)
_BLURRED: Final = re.compile(
    rf"{_AGENCY}(?:[\[(【〈《{{〔［「『〖<CcLl1Il|t]|\W)?(?P<year>[1lI2Zz][09OoQ][{FIGURES}]{{2}})"
    rf"(?:[\])】〉》}}〕］」』〗>Jj1Il|]|\W)?第?(?P<serial>[{FIGURES}]{{1,5}}){NUMBER}?"
)
_MARK: Final = re.compile(r"(?P<mark>绝密|机密|秘密|内部)(?:[★☆*＊※·.]?(?P<term>长期|\d{1,2}年|\d个月))?")
_SIGNER: Final = re.compile(r"(?:签发人|签发)[:;.](?P<names>[\u4e00-\u9fff·]{2,20})")
_BANNER_END: Final = re.compile(r"(?:会议纪要|纪要|文件|简报|公报|专报)$")
WHOLE_LINE, BROKEN_BRACKETS, BROKEN_FIGURES = 0.98, 0.88, 0.7


@dataclass(frozen=True, slots=True)
class Banner:
    """发文机关标志: the name in it, and what kind of paper it announces (文件, 纪要, 简报)."""

    line: Line
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Number:
    """The document's number with the line it stands in."""

    line: Line
    text: str
    year: int
    confidence: float
    start: int
    end: int


def head_of(lines: Lines) -> tuple[Line, ...]:
    """The first lines of the first page."""
    first = lines.all[0].page if lines.all else 1
    return lines.on(first)[:HEAD_LINES]


def number_of(lines: Lines) -> Number | None:
    """发文字号: a line of the head that says nothing else, but perhaps who signed."""
    for line in head_of(lines):
        if line.kind == "table":
            continue
        rest = _SIGNER.sub("", line.plain)
        found = _CLEAN.fullmatch(rest)
        if found:
            return _number(line, found, WHOLE_LINE)
        blurred = _BLURRED.fullmatch(rest)
        if blurred:
            clean = blurred["year"].isdigit() and blurred["serial"].isdigit() and bool(re.search(NUMBER, rest))
            return _number(line, blurred, BROKEN_BRACKETS if clean else BROKEN_FIGURES)
    return None


def _number(line: Line, found: re.Match[str], confidence: float) -> Number | None:
    year, serial = int(figures(found["year"])), int(figures(found["serial"]))
    if not 1949 <= year <= 2100 or not serial:
        return None
    agency = found["agency"].replace("(", "（").replace(")", "）")
    text = str(standard_document_number(agency, year, serial))
    return Number(line, text, year, confidence * line.confidence, found.start(), found.end())


def banner_of(lines: Lines, number: Number | None) -> Banner | None:
    """The name in the largest type above the number, or, where there is none, above everything."""
    above = []
    for line in head_of(lines):
        if number is not None and line is number.line:
            break
        above.append(line)
    if number is None:
        above = [line for line in above[:4] if _BANNER_END.search(line.plain)]
    named = [line for line in above if len(line.plain) >= 4 and not _MARK.fullmatch(line.plain)]
    if not named:
        return None
    line = max(named, key=lambda each: each.size)
    kind = _BANNER_END.search(line.plain)
    return Banner(line, _BANNER_END.sub("", line.plain), kind[0] if kind else "")


def header_findings(lines: Lines, number: Number | None) -> Iterator[Finding]:
    """文号, 密级 and 签发人."""
    if number is not None:
        box = number.line.place(number.start, number.end)
        method = (
            "版头发文字号" if number.confidence > BROKEN_BRACKETS else "版头发文字号（识别有缺损，已修正括号或数字）"
        )
        yield Finding("doc_no", number.text, number.confidence, number.line.page, box, method)
    for line in head_of(lines):
        mark = _MARK.fullmatch(line.plain)
        if mark:
            value = f"{mark['mark']}★{mark['term']}" if mark["term"] else mark["mark"]
            yield Finding("classification", value, 0.97 * line.confidence, line.page, line.box, "首页左上角标注")
        signed = _SIGNER.search(line.plain)
        if signed:
            box = line.place(*signed.span("names"))
            yield Finding("signer", signed["names"], 0.93 * line.confidence, line.page, box, "“签发人”之后")
