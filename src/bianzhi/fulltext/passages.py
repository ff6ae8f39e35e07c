"""Marking what was found: in titles whole, in long texts the passage around it."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice, pairwise
from typing import Final

from bianzhi.fulltext.documents import Passage
from bianzhi.fulltext.syntax import Word
from bianzhi.fulltext.units import folded, pattern_of

LENGTH: Final = 120
BEFORE: Final = 30
READ_AT_MOST: Final = 200_000
ELLIPSIS: Final = "…"
MARKS_AT_MOST: Final = 200
"""Of each word; a passage is chosen among the first of them."""


def marked(text: str, words: Iterable[Word], *, is_fuzzy: bool = False) -> Passage:
    """The whole text with every place where one of the words stands."""
    return Passage(text, tuple(_merged(_places(text, list(words), is_fuzzy))))


def passage(text: str, words: Iterable[Word], *, is_fuzzy: bool = False, length: int = LENGTH) -> Passage:
    """The part of a text around the first place where most different words stand near together."""
    text = text[:READ_AT_MOST]
    spans = _merged(_places(text, list(words), is_fuzzy))
    start = _best_start(spans, length)
    end = min(len(text), start + length)
    head, tail = ELLIPSIS if start else "", ELLIPSIS if end < len(text) else ""
    shift = len(head) - start
    inside = [(max(a, start) + shift, min(b, end) + shift) for a, b in spans if a < end and b > start]
    return Passage(head + _one_line(text[start:end]) + tail, tuple(inside))


def _best_start(spans: Sequence[tuple[int, int]], length: int) -> int:
    best, most = 0, 0
    for place, (start, _) in enumerate(spans):
        count = sum(1 for other in spans[place : place + 20] if other[1] <= start + length - BEFORE)
        if count > most:
            best, most = start, count
    return max(0, best - BEFORE) if spans else 0


def _one_line(text: str) -> str:
    return "".join(" " if character.isspace() else character for character in text)


class _Text:
    """A text folded for searching, and where each folded character comes from."""

    def __init__(self, text: str) -> None:
        self.folded = folded(text)
        self._origin: list[int] | None = None
        if len(self.folded) != len(text):
            parts = [folded(character) for character in text]
            self.folded = "".join(parts)
            self._origin = [place for place, part in enumerate(parts) for _ in part]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A place of the folded text in the text as it was given."""
        return (start, end) if self._origin is None else (self._origin[start], self._origin[end - 1] + 1)


def _places(text: str, words: Sequence[Word], is_fuzzy: bool) -> list[tuple[int, int]]:
    searched = _Text(text)
    patterns = [pattern_of(word.units, is_open=word.is_prefix) for word in words]
    found = _all(searched, patterns)
    if found or not is_fuzzy:
        return found
    return _all(searched, [pattern_of(pair) for word in words for pair in pairwise(word.units)])


def _all(searched: _Text, patterns: Iterable[str]) -> list[tuple[int, int]]:
    return [
        searched.span(*match.span())
        for pattern in patterns
        for match in islice(re.finditer(pattern, searched.folded), MARKS_AT_MOST)
    ]


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
