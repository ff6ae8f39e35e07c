"""Text that has no place on any page until some program lays it out: it is laid out plainly, line under line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bianzhi.recognition.characters import is_chinese
from bianzhi.recognition.document import Block, BlockKind, Box, PageText, Word, surrounding

Alignment = Literal["left", "center", "right"]

A4_AT_200 = (1654, 2339)
DPI = 200
LEFT, TOP, WIDTH, HEIGHT = 0.13, 0.1, 0.74, 0.8
"""The part of the page that is written on, in fractions."""

EM = 0.0265
"""Width of a Chinese character of 16 points, in fractions of an A4 page's width."""

LINES = 28
"""Lines of a page at least: fewer stand as far apart as these would."""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, or a row of a table by its cells; `margin` where it stands outside the text of the page."""

    cells: tuple[str, ...]
    alignment: Alignment = "left"
    in_table: bool = False
    margin: Literal["header", "footer"] | None = None


def laid_out(lines: Sequence[Line], number: int, size: tuple[int, int] = A4_AT_200) -> PageText:
    """A page of these lines; rows of tables that follow one another become one table."""
    pitch = HEIGHT / max(len(lines), LINES)
    blocks: list[Block] = []
    table: list[Word] = []
    for index, line in enumerate(lines):
        words = _words(line, TOP + index * pitch, pitch * 0.7)
        if line.in_table:
            table += words
            continue
        blocks += _block("table", table)
        table = []
        kind: BlockKind = "title" if line.alignment == "center" and index < LINES // 2 else "text"
        blocks += _block(line.margin or kind, words)
    blocks += _block("table", table)
    return PageText(number, *size, DPI, 0, 0.0, not blocks, "layer", tuple(blocks))


def _block(kind: BlockKind, words: Iterable[Word]) -> list[Block]:
    held = tuple(words)
    return [Block(kind, surrounding([word.box for word in held]), held)] if held else []


def _words(line: Line, top: float, height: float) -> list[Word]:
    share = WIDTH / max(len(line.cells), 1)
    return [
        Word(cell.strip(), _box(cell.strip(), line.alignment, LEFT + share * place, share, top, height))
        for place, cell in enumerate(line.cells)
        if cell.strip()
    ]


def _box(text: str, alignment: Alignment, left: float, room: float, top: float, height: float) -> Box:
    width = min(sum(EM if is_chinese(char) else EM / 2 for char in text), room)
    shift = {"left": 0.0, "center": (room - width) / 2, "right": room - width}[alignment]
    return (left + shift, top, width, height)
