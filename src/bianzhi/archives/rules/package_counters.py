"""How far a package may raise the counters of 档号: no number it shows is given again, and no other counter moves."""

from collections.abc import Collection, Mapping
from typing import Final

COUNTERS: Final = "archives:"
LARGEST: Final = 9_999_999
"""Numbers within one series; a package that tells of more is no archive's."""


def raised_to(
    told: Mapping[str, int], shown: Mapping[str, int], *, here: Collection[str], new: Collection[str]
) -> dict[str, int]:
    """The least number of each counter that a package touches.

    `shown` is the highest number of each counter among the package's own codes. What it tells beyond (`told`) is
    believed of fonds that are `new` here, by number, and not of those that are `here` already.
    """
    raised = dict(shown)
    for counter, last in told.items():
        if _fonds_of(counter, {*here, *new}) in new:
            raised[counter] = max(last, raised.get(counter, 0))
    return raised


def _fonds_of(counter: str, numbers: Collection[str]) -> str:
    """The fonds a counter belongs to: of 330699 and 330699-1 the longer one that fits; "" where none does."""
    return max((each for each in numbers if counter.startswith(f"{COUNTERS}{each}-")), key=len, default="")
