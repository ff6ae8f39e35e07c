"""题名, what kind of paper it names, and 主送."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from bianzhi.recognition.extraction.finding import Finding
from bianzhi.recognition.extraction.header import Banner, Number, head_of
from bianzhi.recognition.extraction.lines import Line, Lines, enclosing

LANGUAGES: Final = (
    "批复", "通知", "请示", "复函", "函", "会议纪要", "纪要", "规定", "意见", "报告", "决定", "办法", "方案", "通报",
    "公告", "公报", "命令", "议案", "底册", "简报", "条例", "细则", "备忘录",
)  # fmt: skip
_LANGUAGE_AT_END: Final = re.compile(rf"(?P<kind>{'|'.join(LANGUAGES)})(?:\([^)]*\))?$")
LARGER: Final = 1.13
"""A title's type against the body's, at least."""
OFF_CENTRE: Final = 0.07
MOST_LINES: Final = 6
LONGEST_ADDRESSEE: Final = 160


def title_lines(lines: Lines, number: Number | None, banner: Banner | None) -> list[Line]:
    """The lines of the title: the large centred ones below the number."""
    below = _below(head_of(lines), number, banner)
    titled = [line for line in below if line.kind == "title"]
    if titled and not _is_large(titled[0], lines) and not _is_centred(titled[0]):
        titled = []
    start = below.index(titled[0]) if titled else _first_large(below, lines)
    if start is None:
        return _by_wording(below)
    found: list[Line] = []
    for line in below[start : start + MOST_LINES]:
        if found and not (line.kind == "title" or (_is_large(line, lines) and _is_centred(line))):
            break
        found.append(line)
    return found


def title_findings(lines: Lines, title: Sequence[Line], banner: Banner | None) -> Iterator[Finding]:
    """题名 and 文种."""
    if title:
        text = _joined(title)
        kind = _LANGUAGE_AT_END.search(text)
        sure = 0.95 if kind else 0.82
        confidence = sure * min(line.confidence for line in title)
        yield Finding("title", text, confidence, title[0].page, enclosing(title), "红线下居中的大字")
        if kind:
            last = title[-1]
            yield Finding("language", _kind(kind["kind"]), confidence, last.page, last.box, "题名末尾")
            return
    if banner is not None and banner.kind not in ("", "文件"):
        box = banner.line.box
        yield Finding(
            "language", _kind(banner.kind), 0.85 * banner.line.confidence, banner.line.page, box, "发文机关标志"
        )


def addressee_lines(lines: Lines, title: Sequence[Line]) -> list[Line]:
    """主送: flush left below the title, up to the colon; a paragraph that ends with one is indented."""
    if not title:
        return []
    own = lines.on(title[0].page)
    after = own[own.index(title[-1]) + 1 :]
    found: list[Line] = []
    for line in after[:4]:
        if lines.is_indented(line) and not found:
            return []
        found.append(line)
        text = "".join(each.plain for each in found)
        if "。" in text or len(text) > LONGEST_ADDRESSEE:
            return []
        if text.endswith((":", ";")):
            return found
    return []


def addressee_findings(addressee: Sequence[Line]) -> Iterator[Finding]:
    """主送机关."""
    if addressee:
        text = "".join(line.written(0, len(line.plain)) for line in addressee)[:-1]
        confidence = 0.94 * min(line.confidence for line in addressee)
        yield Finding("addressee", text, confidence, addressee[0].page, enclosing(addressee), "题名下顶格、以冒号结尾")


def _below(head: Sequence[Line], number: Number | None, banner: Banner | None) -> list[Line]:
    for anchor in (number.line if number else None, banner.line if banner else None):
        if anchor is not None:
            return list(head[list(head).index(anchor) + 1 :])
    return list(head)


def _is_large(line: Line, lines: Lines) -> bool:
    return bool(lines.body_size) and line.size > LARGER * lines.body_size


def _is_centred(line: Line) -> bool:
    return abs((line.left + line.right) / 2 - 0.5) < OFF_CENTRE


def _first_large(below: Sequence[Line], lines: Lines) -> int | None:
    for place, line in enumerate(below):
        if _is_large(line, lines) and _is_centred(line) and line.kind != "table":
            return place
    return None


def _by_wording(below: Sequence[Line]) -> list[Line]:
    """Where sizes tell nothing: from 关于 to the word that names a kind of paper."""
    for start, line in enumerate(below):
        if not line.plain.startswith("关于"):
            continue
        for end in range(start + 1, min(start + MOST_LINES, len(below)) + 1):
            if _LANGUAGE_AT_END.search("".join(each.plain for each in below[start:end])):
                return list(below[start:end])
    return []


def _joined(title: Sequence[Line]) -> str:
    return "".join(" ".join(line.word.text.split()) for line in title)


def _kind(word: str) -> str:
    return {"会议纪要": "纪要", "复函": "函"}.get(word, word)
