"""Taking over a roster as it stands: what is only remarked, and who counts as the excess (R02, R09)."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


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
