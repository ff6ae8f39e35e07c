"""Where on a page a phrase stands, for marking what was searched for."""

import unicodedata
from collections.abc import Iterator

from bianzhi.recognition.document import Box, PageText

BRACKETS = str.maketrans("[]【】〖〗［］（）()", "〔〕" * 6)
"""Brackets of a document number are written, and read, in many ways."""


def marks(page: PageText, phrase: str) -> list[list[Box]]:
    """Every place where `phrase` stands, each as one box per line it runs over, in reading order.

    Spaces, line ends, full or half width, capitals and styles of brackets make no difference.
    """
    wanted = "".join(map(folded, phrase))
    if not wanted:
        return []
    letters = list(_letters(page))
    text = "".join(letter for letter, _, _ in letters)
    found = []
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        found.append(_boxes(page, [(line, place) for _, line, place in letters[start:end]]))
        start = text.find(wanted, end)
    return found


def _letters(page: PageText) -> Iterator[tuple[str, int, int]]:
    """Every letter that counts, with its line and its place in the line."""
    for line, word in enumerate(page.words):
        for place, char in enumerate(word.text):
            for letter in folded(char):
                yield letter, line, place


def folded(char: str) -> str:
    """A character as it is compared: nothing for white space, sometimes several for one (㈠)."""
    if char.isspace():
        return ""
    return unicodedata.normalize("NFKC", char.translate(BRACKETS)).casefold().strip()


def _boxes(page: PageText, places: list[tuple[int, int]]) -> list[Box]:
    lines: dict[int, list[int]] = {}
    for line, place in places:
        lines.setdefault(line, []).append(place)
    return [page.words[line].part(min(within), max(within) + 1) for line, within in lines.items()]
