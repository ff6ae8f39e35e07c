"""Single cells: what they hold, where they stand, and what text a reader sees in them."""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from bianzhi.kernel.characters import half_width, without_invisible

CellValue = str | int | float | bool | date | datetime | time | timedelta

EMPTY: Final = ""
EXACT_DIGITS: Final = 15
_NOT_WORDS: Final = re.compile(r"[\W_]+")
_BRACKETED: Final = re.compile(r"[(\[【〔{<][^()\[\]【】〔〕{}<>]*[)\]】〕}>]")
_QUOTED_FORMULA: Final = re.compile(r'="(.*)"', re.DOTALL)


@lru_cache(maxsize=2048)
def column_letter(column: int) -> str:
    """Excel's name for a column counted from 0: 0 → A, 26 → AA."""
    letters = ""
    number = column + 1
    while number:
        number, remainder = divmod(number - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


def column_number(letters: str) -> int:
    """The column counted from 0 for Excel's name of it: A → 0, AA → 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def address(row: int, column: int) -> str:
    """Excel's name for a cell, from its row number (counted from 1) and its column (counted from 0)."""
    return f"{column_letter(column)}{row}"


def text_of(value: CellValue) -> str:
    """What a reader sees in a cell: whole numbers without ".0", dates as 2024-03-01, text without stray blanks.

    A CSV cell written ="0012" (the usual trick to keep zeros) is read as 0012.
    """
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, datetime):
        midnight = value.time() == time.min
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="minutes")
    return str(value)


@lru_cache(maxsize=65536)
def _plain(text: str) -> str:
    if text.isascii() and text.isalnum():
        return text
    quoted = _QUOTED_FORMULA.fullmatch(text.strip())
    return without_invisible(quoted[1] if quoted else text).strip()


def _number_text(value: float) -> str:
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return repr(value)


def is_blank(value: CellValue) -> bool:
    """True for a cell in which a reader sees nothing."""
    return isinstance(value, str) and not _plain(value)


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """A label reduced to its letters and digits: half-width, lower case, no blanks, no punctuation, no 必填 star."""
    return _NOT_WORDS.sub("", half_width(text)).casefold()


@lru_cache(maxsize=65536)
def folded_without_brackets(text: str) -> str:
    """A label folded after its bracketed remarks are dropped: 「招录人数（人）」 → 招录人数."""
    return folded(_BRACKETED.sub("", half_width(text)))
