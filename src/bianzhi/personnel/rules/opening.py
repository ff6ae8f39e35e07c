"""Taking over a roster as it stands: what is only remarked, and who counts as the excess (R02, R09)."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")


def marked_as_excess(places: Sequence[tuple[Key, date]], room: Mapping[Key, int]) -> list[bool]:
    """Which of these places lie beyond the room there is, the latest to come first.

    `places` are (what is counted, since when) in any order; the answer is in their order.
    """
    left = Counter(dict(room))
    marks = [False] * len(places)
    for index in sorted(range(len(places)), key=lambda each: (places[each][1], each)):
        key = places[index][0]
        marks[index] = left[key] < 1
        left[key] -= 1
    return marks


def excess_last(rows: Iterable[Row], is_excess: Callable[[Row], bool]) -> tuple[list[Row], list[Row]]:
    """The ordinary rows, then those marked as known excess: to be inserted in this order, in statements of their own.

    The database judges the rows of a statement when all of them are there: an excess row beside an ordinary one would
    make the ordinary one look like the one too many.
    """
    ordinary: list[Row] = []
    excess: list[Row] = []
    for row in rows:
        (excess if is_excess(row) else ordinary).append(row)
    return ordinary, excess
