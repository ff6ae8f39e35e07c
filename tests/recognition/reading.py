"""A sealed document, read once for all tests of reading."""

from dataclasses import dataclass
from functools import cache

import pytest

from bianzhi.recognition.document import Block, PageText, Word, surrounding
from bianzhi.recognition.engines import engine
from bianzhi.recognition.reading import read_image
from bianzhi.recognition.sheets import Sheet, Wear, is_installed, sheets

with_fonts = pytest.mark.skipif(not is_installed(), reason="no Chinese font to draw sheets with")


@dataclass(frozen=True)
class Read:
    """A sheet as drawn, and what was read off it."""

    sheet: Sheet
    pages: tuple[PageText, ...]


@cache
def sealed_document() -> Read:
    """The same for every test of the session: reading takes seconds."""
    sheet = next(sheets(3, 1, wear=Wear.SCAN))
    return Read(sheet, tuple(read_image(image, number, engine()) for number, image in enumerate(sheet.pages, 1)))


def plain(text: str) -> str:
    """The characters, spaces and line ends left out."""
    return "".join(text.split())


def line(text: str, left: float, top: float, width: float, height: float = 0.02, *, placed: bool = False) -> Word:
    """A line at a place; with `placed`, its characters share it evenly."""
    share = width / len(text)
    chars = tuple((left + share * place, left + share * (place + 1)) for place in range(len(text))) if placed else ()
    return Word(text, (left, top, width, height), 1.0, chars)


def column(letter: str, left: float, top: float, count: int, width: float = 0.35) -> list[Word]:
    """Lines one under the other: 甲1, 甲2 …"""
    return [line(f"{letter}{number}", left, top + 0.03 * number, width) for number in range(1, count + 1)]


def page_of(*words: Word, blank: bool = False) -> PageText:
    """A page of one block."""
    blocks = (Block("text", surrounding([word.box for word in words]), words),) if words else ()
    return PageText(1, 1654, 2339, 200, 0, 0.0, blank, "ocr", blocks)
