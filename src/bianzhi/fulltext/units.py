"""What text is cut into: units, and pairs of neighbouring units.

A unit is one Chinese character, one whole word of other letters and digits, or one mark that stands for any run of
punctuation. What is indexed are the units and the pairs of neighbours. A phrase of Chinese, of numbers, or of both is
then found exactly where it stands, whatever brackets or quotation marks the page uses and wherever its lines break:
〔2024〕, [2024] and （2024） are the same three units, and blanks between units count for nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

MARK: Final = "_"
"""The unit of punctuation."""
END_OF_WORD: Final = "~"
"""Ends the unit of a word, so that the pair (ab, c) is another pair than (a, bc)."""
LONGEST_WORD: Final = 64
REMEMBERED: Final = 100_000

HAN: Final = (
    "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002ffff"
    "\U00030000-\U0003ffff"
)
_MARKS: Final = r"(?:[^\w\s]|_)(?:[^\w\s]|_|\s)*"
_UNIT: Final = re.compile(rf"[{HAN}]|[^\W_{HAN}]+|{_MARKS}")
_HAN: Final = re.compile(f"[{HAN}]")


class _Names(dict[str, str]):
    """Units by what stands in the text, worked out once each: a text repeats its characters."""

    def __missing__(self, found: str) -> str:
        if len(self) > REMEMBERED:
            self.clear()
        name = self[found] = _named(found)
        return name


_names: Final = _Names()


def units_of(text: str) -> list[str]:
    """The units of a text in their order, full-width letters and capitals folded."""
    return [_names[found] for found in _UNIT.findall(folded(text))]


def pairs_of(units: Sequence[str]) -> list[str]:
    """Every unit joined with its right neighbour."""
    return [left + right for left, right in pairwise(units)]


def folded(text: str) -> str:
    """A text as units are read from it: half-width, lower case, compatibility forms resolved."""
    return unicodedata.normalize("NFKC", text).casefold()


def pattern_of(units: Sequence[str], *, is_open: bool = False) -> str:
    """What finds these units, one after the other, in a folded text; `is_open`: the last word may go on."""
    last = len(units) - 1
    return r"\s*".join(_pattern(unit, is_open=is_open and place == last) for place, unit in enumerate(units))


def words_of(text: str) -> list[str]:
    """The units of a query's word: punctuation at its ends is of no account."""
    units = units_of(text)
    start, end = 0, len(units)
    while start < end and units[start] == MARK:
        start += 1
    while end > start and units[end - 1] == MARK:
        end -= 1
    return units[start:end]


def is_word(unit: str) -> bool:
    """Whether a unit is a word of letters or digits, not a Chinese character and not punctuation."""
    return unit.endswith(END_OF_WORD)


def is_han(text: str) -> bool:
    """Whether there is a Chinese character in a text."""
    return _HAN.search(text) is not None


def bare(unit: str) -> str:
    """A unit as it is read."""
    return unit.removesuffix(END_OF_WORD)


def covering(count: int) -> list[int]:
    """Places of the fewest pairs that hold each of `count` (at least 2) units: half the lists a phrase must read."""
    return [*range(0, count - 1, 2), *([count - 2] if count % 2 else [])]


def letters_of(initials: Iterable[str]) -> Iterator[str]:
    """拼音首字母 as pairs of neighbouring letters, so that any part of them is found like a phrase."""
    for word in initials:
        yield from pairs_of(list(word)) or [word]


def _named(found: str) -> str:
    if len(found) == 1 and _HAN.match(found):
        return found
    first = found[0]
    return found[:LONGEST_WORD] + END_OF_WORD if first != MARK and first.isalnum() else MARK


def _pattern(unit: str, *, is_open: bool) -> str:
    if unit == MARK:
        return _MARKS
    if not is_word(unit):
        return unit
    return rf"(?<![^\W_{HAN}]){re.escape(bare(unit))}" + ("" if is_open else rf"(?![^\W_{HAN}])")
