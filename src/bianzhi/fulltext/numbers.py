"""文号, 档号 and other numbers, brought into one writing: exact search for them knows no brackets and no blanks."""

import re
import unicodedata
from typing import Final

_OPENING: Final = "([{【〖〔［（〈《「『<"
_CLOSING: Final = ")]}】〗〕］）〉》」』>"
_BRACKETS: Final = str.maketrans(_OPENING + _CLOSING, "〔" * len(_OPENING) + "〕" * len(_CLOSING))
_BLANK: Final = re.compile(r"\s+")
_DIGIT: Final = re.compile(r"\d")


def fold_number(text: str) -> str:
    """A number as it is indexed: half-width, lower case, brackets 〔〕, no blanks, dots and strokes of one kind."""
    plain = unicodedata.normalize("NFKC", text).translate(_BRACKETS).casefold()
    return _BLANK.sub("", plain).translate(str.maketrans("—–－‐・•‧", "----···"))


def looks_like_number(text: str) -> bool:
    """Whether a word of a query may be a number: it has a digit."""
    return _DIGIT.search(unicodedata.normalize("NFKC", text)) is not None
