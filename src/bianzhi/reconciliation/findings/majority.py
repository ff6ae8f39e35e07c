"""Which department is wrong where departments differ: the one that stands alone against at least two voices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bianzhi.reconciliation.sources import DEPARTMENT_CODES

NUMBER: Final = "id_number"
"""The identity number as a voice about birth and sex, where the departments agree on it: it says both itself."""

ENOUGH_VOICES: Final = 2
SEX_PLACE: Final = 16
MONTH_ONLY: Final = "00"
LOST: Final = frozenset("?？�□▢")

Row = Mapping[str, Any]
Voices = Sequence[tuple[str, str]]


def odd_ones_out(value: str, rows: Sequence[Row]) -> tuple[str, ...]:
    """The departments that are wrong about `value` ("name", "id", "birth", "sex") of the person these rows are about.

    Rows carry source, name_key, id_number, id18, birth_said (from the column, not the number) and sex_code. Voices
    that cannot be told apart, or a tie, make nobody wrong.
    """
    voices, damaged = _VOICES[value](rows)
    odd = damaged | _against(voices, _same_birth if value == "birth" else _equal)
    return tuple(code for code in DEPARTMENT_CODES if code in odd)


def _against(voices: Voices, agree: Callable[[str, str], bool]) -> set[str]:
    """The departments that contradict what most voices say; none without two voices for it, or in a tie."""
    candidates = {text for _, text in voices}
    days = {text for text in candidates if not text.endswith(MONTH_ONLY)} or candidates
    counted = sorted(((sum(agree(text, one) for _, text in voices), one) for one in days), reverse=True)
    if not counted or counted[0][0] < ENOUGH_VOICES:
        return set()
    most, winner = counted[0]
    if any(votes == most for votes, _ in counted[1:]):
        return set()
    return {source for source, text in voices if not agree(text, winner)} - {NUMBER}


def _numbers(rows: Sequence[Row]) -> set[str]:
    return {str(row["id18"]) for row in rows if row["id18"] is not None}


def _said(rows: Sequence[Row], column: str) -> list[tuple[str, str]]:
    """One voice for each department and value: a department that says it twice does not count twice."""
    return sorted({(str(row["source"]), str(row[column])) for row in rows if row[column] is not None})


def _about_numbers(rows: Sequence[Row]) -> tuple[Voices, set[str]]:
    """A number whose check character is wrong needs no vote; valid numbers that differ do."""
    wrong = {str(row["source"]) for row in rows if row["id_number"] is not None and row["id18"] is None}
    return _said(rows, "id18"), wrong


def _births(rows: Sequence[Row]) -> tuple[Voices, set[str]]:
    numbers = _numbers(rows)
    printed = [(NUMBER, number[6:14]) for number in numbers if len(numbers) == 1]
    return [*_said(rows, "birth_said"), *printed], set()


def _sexes(rows: Sequence[Row]) -> tuple[Voices, set[str]]:
    numbers = _numbers(rows)
    printed = [(NUMBER, "女男"[int(number[SEX_PLACE]) % 2]) for number in numbers if len(numbers) == 1]
    return [*_said(rows, "sex_code"), *printed], set()


def _names(rows: Sequence[Row]) -> tuple[Voices, set[str]]:
    """A name with a lost character ("?" where a rare one was) has no voice: it is damaged, whatever most say."""
    said = _said(rows, "name_key")
    whole = [(source, name) for source, name in said if not LOST & set(name)]
    return whole, {source for source, name in said if LOST & set(name)}


_VOICES: Final[Mapping[str, Callable[[Sequence[Row]], tuple[Voices, set[str]]]]] = {
    "name": _names,
    "id": _about_numbers,
    "birth": _births,
    "sex": _sexes,
}

ATTRIBUTES: Final = frozenset(_VOICES)
"""What departments can outvote each other about."""


def _equal(one: str, other: str) -> bool:
    return one == other


def _same_birth(one: str, other: str) -> bool:
    """Days agree when equal; a day and a month agree when the day lies in the month."""
    if MONTH_ONLY in (one[6:], other[6:]):
        return one[:6] == other[:6]
    return one == other
