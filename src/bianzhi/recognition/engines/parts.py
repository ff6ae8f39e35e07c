"""Sheets too large to be read at once: plans, charts, A0. They are read in parts that overlap, and put together."""

from collections.abc import Callable, Iterator

from PIL import Image

from bianzhi.recognition.document import Box, Word

LONGEST = 3400
"""Pixels: up to here, an A3 sheet at 200 dpi, a page is read at once."""

PART = 2200
OVERLAP = 240
"""Pixels; lines longer than that which run over an edge come in pieces."""

EDGE = 3
"""Pixels from an inner edge at which a line is taken to be cut off."""


def in_parts(image: Image.Image, read: Callable[[Image.Image], list[Word]]) -> list[Word]:
    """The lines of the sheet by `read`, part after part where it is large; each line once.

    Every part's ``info`` tells where on the sheet it lies, as ``left`` and ``top``.
    """
    if max(image.size) <= LONGEST:
        return read(image)
    kept: list[Word] = []
    for corner in _corners(image):
        part = image.crop(corner)
        part.info = {**image.info, "left": corner[0], "top": corner[1]}
        for word in read(part):
            if not _is_cut_off(word, corner, image):
                kept = _with(kept, _on_sheet(word, corner, image))
    return kept


def _corners(image: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    step = PART - OVERLAP
    for top in range(0, max(image.height - OVERLAP, 1), step):
        for left in range(0, max(image.width - OVERLAP, 1), step):
            yield left, top, min(left + PART, image.width), min(top + PART, image.height)


def _is_cut_off(word: Word, corner: tuple[int, int, int, int], image: Image.Image) -> bool:
    """Whether it touches an edge of the part that is none of the sheet, and is whole on the part beyond it."""
    width, height = corner[2] - corner[0], corner[3] - corner[1]
    left, top, wide, high = word.box[0] * width, word.box[1] * height, word.box[2] * width, word.box[3] * height
    beside = (left < EDGE and corner[0] > 0) or (left + wide > width - EDGE and corner[2] < image.width)
    above = (top < EDGE and corner[1] > 0) or (top + high > height - EDGE and corner[3] < image.height)
    return (beside and wide < OVERLAP - EDGE) or (above and high < OVERLAP - EDGE)


def _on_sheet(word: Word, corner: tuple[int, int, int, int], image: Image.Image) -> Word:
    width, height = corner[2] - corner[0], corner[3] - corner[1]
    left = (corner[0] + word.box[0] * width) / image.width
    box = (
        left,
        (corner[1] + word.box[1] * height) / image.height,
        word.box[2] * width / image.width,
        word.box[3] * height / image.height,
    )
    chars = tuple(
        ((corner[0] + first * width) / image.width, (corner[0] + last * width) / image.width)
        for first, last in word.chars
    )
    return Word(word.text, box, word.confidence, chars)


def _with(kept: list[Word], word: Word) -> list[Word]:
    """The lines with `word` among them; of two readings of one place the longer stays."""
    same = [other for other in kept if _holds(other.box, word.box) or _holds(word.box, other.box)]
    if any(len(other.text) >= len(word.text) for other in same):
        return kept
    return [other for other in kept if other not in same] + [word]


def _holds(outer: Box, inner: Box) -> bool:
    across, down = inner[0] + inner[2] / 2, inner[1] + inner[3] / 2
    return outer[0] <= across <= outer[0] + outer[2] and outer[1] <= down <= outer[1] + outer[3]
