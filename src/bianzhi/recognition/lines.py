"""Lines as an engine found them made into lines as they were written: cut at gutters, joined over spaces."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from bianzhi.recognition.document import Word, surrounding
from bianzhi.recognition.order import rows

GUTTER = 1.3
"""Width of a gap, in heights of the line, from which on it is no space but a gutter."""

SPACE = 0.9
"""Width of a gap, in heights of the line, up to which what stands on either side is one line."""

ALIKE = 1.2
"""How much higher one part of a line may be found than the other."""


def cut_at_gaps(words: Sequence[Word], aspect: float) -> list[Word]:
    """Lines that run over a gap as wide as a gutter cut there; `aspect` is the page's width by its height.

    Engines join what stands close on one level, columns with a narrow gutter among it.
    """
    return [part for word in words for part in _parts(word, aspect)]


def joined_over_spaces(words: Sequence[Word], aspect: float) -> list[Word]:
    """Parts of one line that an engine found apart because of a space, as in 题名, put together with that space."""
    made: list[Word] = []
    for row in rows(words):
        line = row[0]
        for part in row[1:]:
            if _is_one_line(line, part, aspect):
                line = _joined(line, part)
            else:
                made.append(line)
                line = part
        made.append(line)
    return made


def _parts(word: Word, aspect: float) -> Iterator[Word]:
    start = 0
    if len(word.chars) == len(word.text):
        for place, (before, after) in enumerate(pairwise(word.chars), 1):
            gap = (after[0] - before[1]) * aspect
            if gap > GUTTER * word.box[3] and word.text[start:place].strip() and word.text[place:].strip():
                yield word.cut(start, place)
                start = place
    yield word.cut(start, len(word.text)) if start else word


def _is_one_line(before: Word, after: Word, aspect: float) -> bool:
    lower, higher = sorted((before.box[3], after.box[3]))
    gap = (after.box[0] - before.box[0] - before.box[2]) * aspect
    return -lower < gap < SPACE * lower and higher < ALIKE * lower


def _joined(before: Word, after: Word) -> Word:
    weights = len(before.text), len(after.text)
    confidence = (before.confidence * weights[0] + after.confidence * weights[1]) / sum(weights)
    chars = (*before.chars, (before.chars[-1][1], after.chars[0][0]), *after.chars) if _placed(before, after) else ()
    return Word(f"{before.text}\u3000{after.text}", surrounding([before.box, after.box]), confidence, chars)


def _placed(*words: Word) -> bool:
    return all(len(word.chars) == len(word.text) for word in words)
