"""A document's lines as extraction reads them: width and spaces folded, every character still knowing its place."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Final

from bianzhi.kernel.characters import half_width
from bianzhi.recognition.document import BlockKind, Box, PageText, Word, surrounding

LONG: Final = 10
"""Characters from which on a line is taken to show the size and the margins of the body."""
FOLIO: Final = re.compile(r"[-—–一_.·~]*\d{1,4}[-—–一_.·~]*")


@dataclass(frozen=True)
class Line:
    """One line of a page. `plain` is its text half-width and without spaces."""

    page: int
    kind: BlockKind
    word: Word

    @cached_property
    def _kept(self) -> tuple[int, ...]:
        return tuple(place for place, character in enumerate(self.word.text) if not character.isspace())

    @cached_property
    def plain(self) -> str:
        """The text to match patterns on."""
        return half_width("".join(self.word.text[place] for place in self._kept))

    @property
    def confidence(self) -> float:
        """How sure the reader was of the line."""
        return self.word.confidence

    @property
    def box(self) -> Box:
        """Where the line stands."""
        return self.word.box

    @property
    def left(self) -> float:
        """Its left edge."""
        return self.word.box[0]

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.word.box[0] + self.word.box[2]

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.word.box[1]

    @property
    def size(self) -> float:
        """The width of one of its characters, figures and Latin letters counted as half."""
        weight = sum(0.55 if character.isascii() else 1.0 for character in self.word.text)
        return self.word.box[2] / weight if weight else 0.0

    def place(self, start: int, end: int) -> Box:
        """Where characters `start` up to `end` of `plain` stand."""
        return self.word.part(self._kept[start], self._kept[end - 1] + 1)

    def written(self, start: int, end: int) -> str:
        """Those characters as they were written, brackets and commas full-width still."""
        return "".join(self.word.text[place] for place in self._kept[start:end])


@dataclass(frozen=True)
class Running:
    """Lines read on as one text, with a line feed where a paragraph ends."""

    text: str
    places: tuple[tuple[Line, int] | None, ...]

    def spot(self, start: int, end: int) -> tuple[int, Box | None, float]:
        """Page, place and confidence of a part; the place is on the line where the part ends."""
        held = [place for place in self.places[start:end] if place is not None]
        last = held[-1][0]
        inside = [number for line, number in held if line is last]
        confidence = min(line.confidence for line, _ in held)
        return last.page, last.place(inside[0], inside[-1] + 1), confidence


@dataclass(frozen=True)
class Lines:
    """All lines of a document in reading order, page numbers and the like left out."""

    all: tuple[Line, ...]

    def on(self, page: int) -> tuple[Line, ...]:
        """The lines of one page."""
        return tuple(line for line in self.all if line.page == page)

    @cached_property
    def body_size(self) -> float:
        """The size of the body's type; 0 where no line is long enough to tell."""
        sizes = [line.size for line in self.all if len(line.plain) >= LONG and line.kind != "table"]
        return median(sizes) if sizes else 0.0

    @cached_property
    def left_margin(self) -> float:
        """Where lines of the body begin."""
        lefts = sorted(line.left for line in self.all if len(line.plain) >= LONG and line.kind in ("text", "title"))
        return lefts[len(lefts) // 10] if lefts else 0.0

    @cached_property
    def right_margin(self) -> float:
        """Where full lines of the body end."""
        rights = sorted(line.right for line in self.all if len(line.plain) >= LONG and line.kind == "text")
        return rights[-1 - len(rights) // 10] if rights else 1.0

    def is_indented(self, line: Line) -> bool:
        """Whether a line begins a paragraph, two characters in."""
        return line.left > self.left_margin + 1.2 * (self.body_size or line.size)

    @cached_property
    def running(self) -> Running:
        """The text of the document in one, tables cell by cell."""
        text: list[str] = []
        places: list[tuple[Line, int] | None] = []
        for line in self.all:
            text.append(line.plain)
            places += [(line, number) for number in range(len(line.plain))]
            if self._ends_paragraph(line):
                text.append("\n")
                places.append(None)
        return Running("".join(text), tuple(places))

    def _ends_paragraph(self, line: Line) -> bool:
        if line.kind == "table" or line.plain.endswith(("。", ":", ";")):
            return True
        return line.right < self.right_margin - 3 * (self.body_size or line.size)


def lines_of(pages: Sequence[PageText]) -> Lines:
    """The lines of a document's pages."""
    return Lines(tuple(_lines(pages)))


def enclosing(lines: Sequence[Line]) -> Box:
    """The box around lines of one page."""
    return surrounding([line.box for line in lines])


def _lines(pages: Sequence[PageText]) -> Iterator[Line]:
    for page in pages:
        for block in page.blocks:
            for word in block.words:
                line = Line(page.number, block.kind, word)
                if line.plain and not (block.kind != "table" and FOLIO.fullmatch(line.plain)):
                    yield line
