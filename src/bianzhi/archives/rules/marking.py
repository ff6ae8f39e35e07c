"""Marks of secrecy on the pages of a paper: a line that is the mark, not a text that speaks of secrets (R27).

GB/T 9704 sets the mark and its term in the upper left of the first page: 机密★1年. Laws and duties that mention
绝密、机密、秘密 three in a row, or 保守国家秘密, are no marked papers.
"""

import re
from typing import Final

from bianzhi.kernel.characters import half_width, without_invisible, without_spaces

UNCHECKED: Final = "密级未能检查"
"""Proposed as 密级 where nothing of a file could be read: a person has to look before it is filed."""

_LEVEL: Final = "(绝密|机密|秘密)"
_STAR: Final = "[★☆✩✭⭐*＊·.,、]"
_TERM: Final = r"(?:长期|\d{1,3}年|\d{1,2}个?月|[一二三四五六七八九十]{1,4}[年月])"
_URGENT: Final = "(?:特急|特提|加急|平急|急件|急)"
_WHOLE_LINE: Final = re.compile(
    rf"(?:№|No\.?|份号[:：]?)?\d{{0,8}}[【\[(（]?(?:密级[:：]?)?{_LEVEL}级?[】\])）]?(?:{_STAR}?{_TERM})?{_STAR}?{_URGENT}?"
)
_STARRED: Final = re.compile(rf"{_LEVEL}[★☆✩✭⭐]")
_TERMED: Final = re.compile(rf"^\d{{0,8}}{_LEVEL}{_STAR}?{_TERM}")
_LABELLED: Final = re.compile(rf"密级[:：]{_LEVEL}(?![、,，/])")


def mark_on(text: str) -> str:
    """The secrecy mark a page bears, "" when it bears none; spaces inside 「秘 密」 are seen through."""
    for line in text.splitlines():
        plain = without_spaces(without_invisible(half_width(line)))
        if not plain:
            continue
        for found in (
            _WHOLE_LINE.fullmatch(plain),
            _STARRED.search(plain),
            _TERMED.match(plain),
            _LABELLED.search(plain),
        ):
            if found:
                return found[1]
    return ""
