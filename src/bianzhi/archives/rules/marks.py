"""What of a question a page is marked for, on its picture and in its text.

A question is what the search takes: words, “phrases”, AND/OR/NOT, field:word, a*. How characters are compared is the
business of `recognition.marking`: spaces, line ends, width and kinds of brackets make no difference.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from bianzhi.recognition.document import Box, PageText
from bianzhi.recognition.marking import folded, marks

_QUOTED: Final = re.compile(r'["“”「」『』]([^"“”「」『』]+)["“”「」『』]')
_OPERATORS: Final = frozenset({"AND", "OR", "NOT", "与", "或", "非"})
_LEFT_OUT: Final = ("-", "!", "！")
_AROUND: Final = "*?？^~+"
LONGEST: Final = 200
"""Characters of a question that are looked at."""
MOST: Final = 400
"""Marks of one page; a single common character would paint it all over."""


def phrases_of(question: str) -> tuple[str, ...]:
    """The words and quoted phrases of a question, folded; operators and what is to be absent left out."""
    text = question[:LONGEST]
    found = [match.group(1) for match in _QUOTED.finditer(text)]
    for word in _QUOTED.sub(" ", text).split():
        if word.upper() in _OPERATORS or word.startswith(_LEFT_OUT):
            continue
        found.append(word.rpartition(":")[2].strip(_AROUND))
    plain = ("".join(map(folded, each)) for each in found)
    return tuple(dict.fromkeys(each for each in plain if each))


def contains(text: str, question: str) -> bool:
    """Whether a page with this text would be marked."""
    plain = "".join(map(folded, text))
    return any(phrase in plain for phrase in phrases_of(question))


def marks_on(page: PageText, question: str) -> list[Box]:
    """The boxes of every place where a word or phrase stands; one box for each line a phrase runs over."""
    found = (box for phrase in phrases_of(question) for hit in marks(page, phrase) for box in hit)
    return list(islice(found, MOST))


def places_in(text: str, question: str) -> list[tuple[int, int]]:
    """Where in a text the words of a question stand, as (first, end) in order, none over another."""
    letters = [(letter, position) for position, character in enumerate(text) for letter in folded(character)]
    plain = "".join(letter for letter, _ in letters)
    spans = sorted(
        (letters[first][1], letters[end - 1][1] + 1)
        for phrase in phrases_of(question)
        for first, end in _occurrences(plain, phrase)
    )
    found: list[tuple[int, int]] = []
    for first, end in spans:
        if not found or first >= found[-1][1]:
            found.append((first, end))
    return found


def _occurrences(plain: str, phrase: str) -> Iterator[tuple[int, int]]:
    start = plain.find(phrase)
    while start >= 0:
        yield start, start + len(phrase)
        start = plain.find(phrase, start + len(phrase))
