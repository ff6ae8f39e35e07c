"""Cells that show less, or more, than they hold: a month kept as its first day, 1987.10 kept as 1987.1."""

import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from bianzhi.common.tabular.cells import column_number
from bianzhi.common.tabular.number_formats import ShownStyles
from bianzhi.kernel.dates import EXCEL_EPOCH, EXCEL_FIRST, EXCEL_LAST

_TENTHS: Final = re.compile(rb"\.(?:1|09999\d*)</v>")
_ATTRIBUTE: Final = re.compile(rb'(\w+)="([^"]*)"')
_LOOK_BACK: Final = 200
_FIRST_OF_MONTH: Final = re.compile(r"(\d{4}-\d{2})-01")
_YEAR_AND_TENTH: Final = re.compile(r"(?:(?:19|20)\d{2}|\d{2})\.1")
_SERIAL: Final = re.compile(r"\d{5}")
_SEVERAL: Final = 3

Rows = Sequence[int]
"""Rows of a sheet, counted from 0."""


class ShownCells:
    """The cells of a sheet whose number format says what they mean, by column; found while the sheet streams by."""

    def __init__(self) -> None:
        self.months: dict[int, array[int]] = {}
        self.hundredths: dict[int, array[int]] = {}

    def as_shown(self, text: pa.Array, column: int, top: int) -> pa.Array:
        """The texts of a column, whose first row is counted `top`, as a person sees them."""
        text = _respelt(text, self.months.get(column, ()), top, _shown_as_month)
        return _respelt(text, self.hundredths.get(column, ()), top, _with_two_decimals)


class ShownWatch:
    """Finds the cells of such styles in the XML of a sheet."""

    def __init__(self, styles: ShownStyles) -> None:
        self._styles = styles
        self._months = re.compile(rb' s="(?:' + b"|".join(sorted(styles.months)) + rb')"')

    def look(self, joint: bytes, shown: ShownCells) -> None:
        """Note what a piece of the sheet holds; a cell seen twice does no harm."""
        if self._styles.months:
            _note(self._months, joint, self._styles.months, shown.months)
        if self._styles.hundredths:
            _note(_TENTHS, joint, self._styles.hundredths, shown.hundredths)


def _note(sign: re.Pattern[bytes], joint: bytes, styles: frozenset[bytes], places: "dict[int, array[int]]") -> None:
    """The places of the cells with such a sign that hold a number in one of the styles.

    A sign is rare or quickly found; the beginnings of cells are millions, so they are looked at only where one is.
    """
    for found in sign.finditer(joint):
        start = joint.rfind(b"<c ", max(0, found.start() - _LOOK_BACK), found.start())
        end = joint.find(b">", start) if start >= 0 else -1
        if end < 0:
            continue
        told = dict(_ATTRIBUTE.findall(joint, start, end))
        if told.get(b"s") in styles and told.get(b"t", b"n") == b"n" and b"r" in told:
            place = told[b"r"].decode()
            letters = place.rstrip("0123456789")
            places.setdefault(column_number(letters), array("L")).append(int(place[len(letters) :]) - 1)


def are_months(days: Sequence[date]) -> bool:
    """Whether the dates of a column are months: several, and each the first of one. For files that tell no formats."""
    return len(days) >= _SEVERAL and all(day.day == 1 for day in days)


def month_of(text: str) -> str:
    """The month, of the first day of one; any other day was really written and stays."""
    found = _FIRST_OF_MONTH.fullmatch(text)
    return found[1] if found else text


def _shown_as_month(text: str) -> str:
    """The same where the reader may give the day's number: it knows no formats that are not written out but a few."""
    if _SERIAL.fullmatch(text) and EXCEL_FIRST <= int(text) <= EXCEL_LAST:
        text = (EXCEL_EPOCH + timedelta(days=int(text))).isoformat()
    return month_of(text)


def _with_two_decimals(text: str) -> str:
    return f"{text}0" if _YEAR_AND_TENTH.fullmatch(text) else text


def _respelt(text: pa.Array, rows: Rows, top: int, spelt: Callable[[str], str]) -> pa.Array:
    """The texts with those in `rows` written as `spelt` writes them."""
    marks = bytearray(len(text))
    for row in rows:
        if 0 <= row - top < len(marks):
            marks[row - top] = 1
    if not any(marks):
        return text
    marked = pc.equal(pa.Array.from_buffers(pa.uint8(), len(marks), [None, pa.py_buffer(bytes(marks))]), 1)
    words = pc.drop_null(pc.unique(pc.filter(text, marked)))
    spellings: Mapping[str, str] = {word: spelt(word) for word in words.to_pylist()}
    there = pc.take(pa.array(list(spellings.values()), pa.string()), pc.index_in(text, value_set=words))
    return pc.if_else(marked, there, text)
