"""Romanised search keys for names (pypinyin, MIT); what a clerk types to find a unit or a person."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from pypinyin import Style, lazy_pinyin

from bianzhi.kernel.names import normalise_person_name

# Characters read otherwise as a surname than as a word.
SURNAMES: Final[Mapping[str, str]] = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "朴": "piao", "盖": "ge",
    "秘": "bi", "翟": "zhai", "乐": "yue", "缪": "miao", "折": "she", "种": "chong", "黑": "he", "员": "yun",
    "召": "shao", "覃": "qin", "隗": "wei", "阚": "kan", "洗": "xian", "祭": "zhai", "卜": "bu", "重": "chong",
    "繁": "po", "都": "du",
}  # fmt: skip
# Place names the phrase dictionary does not know.
PLACES: Final[Mapping[str, str]] = {"长塘": "chang tang", "长乐": "chang le", "长征": "chang zheng"}
_PLACE: Final = re.compile("|".join(PLACES))


@lru_cache(maxsize=65_536)
def organisation_pinyin(name: str) -> tuple[str, ...]:
    """Syllables of an organisation's name, lower case, letters and digits kept, other marks dropped."""
    syllables: list[str] = []
    position = 0
    for place in _PLACE.finditer(name):
        syllables += _read(name[position : place.start()]) + PLACES[place[0]].split()
        position = place.end()
    return tuple(syllables + _read(name[position:]))


@lru_cache(maxsize=65_536)
def person_pinyin(name: str) -> tuple[str, ...]:
    """Syllables of a person's name, the surname read as a surname: 单 is shan, 曾 zeng, 仇 qiu."""
    plain = normalise_person_name(name)
    for length in (2, 1):
        surname = plain[:length]
        if len(plain) > length and surname in SURNAMES:
            return (*SURNAMES[surname].split(), *_read(plain[length:]))
    return tuple(_read(plain))


def initials(syllables: tuple[str, ...]) -> str:
    """First letters: ("shang", "yu", "qu") → "syq"."""
    return "".join(syllable[0] for syllable in syllables)


def full_pinyin(syllables: tuple[str, ...]) -> str:
    """All letters in one word: ("shang", "yu", "qu") → "shangyuqu"."""
    return "".join(syllables)


def _read(text: str) -> list[str]:
    """Characters the dictionary does not know stay themselves, so a rare one can still be searched for by itself."""
    pieces = lazy_pinyin(text, style=Style.NORMAL, v_to_u=False, errors=" ".join)
    return [kept for piece in " ".join(pieces).split() if (kept := re.sub(r"\W", "", piece).lower())]
