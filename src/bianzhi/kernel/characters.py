"""Foldings of single characters shared by every tolerant reader: width, digits, spaces."""

import unicodedata
from typing import Final

FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
INVISIBLE: Final = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e")


def half_width(text: str) -> str:
    """Full-width ASCII forms and the ideographic space become their plain selves; nothing else changes.

    Not NFKC: that would also rewrite compatibility ideographs, and with them people's names.
    """
    return text.translate(FULL_WIDTH)


def without_invisible(text: str) -> str:
    """Drop zero-width marks, byte-order marks, direction marks and control characters pasted along with the text."""
    return "".join(
        character
        for character in text
        if character not in INVISIBLE and (character in "\t\n\r" or unicodedata.category(character) != "Cc")
    )


def without_spaces(text: str) -> str:
    """Drop every kind of white space, the ideographic space and the no-break space included."""
    return "".join(without_invisible(text).split())


def compact(text: str) -> str:
    """Half-width, without spaces or invisible marks: how codes and numbers are read."""
    return without_spaces(half_width(text))


def sound(text: str) -> str:
    """A text that every database keeps: without control characters, invisible marks and halves of characters."""
    return without_invisible(text).encode("utf-8", "ignore").decode("utf-8")
