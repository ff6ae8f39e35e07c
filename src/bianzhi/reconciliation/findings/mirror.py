"""Mirror pairs: two contradictory findings that are one person whose rows were not joined (exchange.md §6.3).

A missed link makes a person look paid and not on the establishment in one place, on it and unpaid in another. Before
anybody is accused the two are compared by everything that is known of them; what is alike becomes one question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

ENOUGH: Final = 2
"""The least likeness that takes two findings out of the accusation lane."""

NOT_EXCLUDED: Final = 1
"""The least likeness at which somebody whose keys are not clean may still be meant."""

ID_LENGTH: Final = 18
SLIP: Final = 2
"""Places a slip of the finger changes in a number: two digits change places, or one digit and the check character."""

DIGITS_OF_A_SLIP: Final = 7
"""Of the eight digits of a date, how many stay when one is mistyped."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the rows of one person say, for comparing: keys as normalised, numbers as written in capitals."""

    key: str
    names: frozenset[str]
    numbers: frozenset[str]
    births: frozenset[int]
    units: frozenset[str]


@dataclass(frozen=True, slots=True)
class MirrorPair:
    """A ghost and an unpaid person who may be one; `reasons` are Chinese, in the order they were looked at."""

    ghost: str
    unpaid: str
    likeness: int
    reasons: tuple[str, ...]


def mirror_pairs(
    ghosts: Sequence[Sight], unpaid: Sequence[Sight], apart: Collection[frozenset[str]] = ()
) -> list[MirrorPair]:
    """Each ghost with the unpaid person most like it, each person in one pair at most; equal input, equal answer.

    `apart` are pairs of keys an official has said are two people.
    """
    found = [
        pair
        for ghost, other in _near(ghosts, unpaid)
        if frozenset((ghost.key, other.key)) not in apart and (pair := _pair(ghost, other)) is not None
    ]
    found.sort(key=lambda pair: (-pair.likeness, pair.ghost, pair.unpaid))
    taken: set[str] = set()
    chosen = []
    for pair in found:
        if pair.ghost not in taken and pair.unpaid not in taken:
            taken |= {pair.ghost, pair.unpaid}
            chosen.append(pair)
    return chosen


def _near(ghosts: Sequence[Sight], unpaid: Sequence[Sight]) -> Iterator[tuple[Sight, Sight]]:
    """Pairs that share a key; only these are compared, so the work grows with the findings and not their square."""
    shelves: dict[str, set[int]] = defaultdict(set)
    for place, sight in enumerate(unpaid):
        for key in _shelf_keys(sight):
            shelves[key].add(place)
    for ghost in ghosts:
        places = {place for key in _shelf_keys(ghost) for place in shelves.get(key, ())}
        yield from ((ghost, unpaid[place]) for place in sorted(places))


def _shelf_keys(sight: Sight) -> Iterator[str]:
    for name in sight.names:
        yield f"name {name}"
        for unit in sight.units:
            yield from (f"{unit} {character}" for character in name)
    for number in sight.numbers:
        yield f"tail {number[12:]}"
        yield from (f"{number[6:12]} {character}" for name in sight.names for character in name)
    for birth in sight.births:
        yield from (f"{birth} {character}" for name in sight.names for character in name)


def is_like(one: Sight, other: Sight) -> bool:
    """Whether the two may be one person although nothing joins them."""
    return sum(weight for weight, _ in _compared(one, other)) >= NOT_EXCLUDED


def _pair(ghost: Sight, other: Sight) -> MirrorPair | None:
    compared = _compared(ghost, other)
    likeness = sum(weight for weight, _ in compared)
    if likeness < ENOUGH:
        return None
    return MirrorPair(ghost.key, other.key, likeness, tuple(reason for _, reason in compared if reason))


def _compared(one: Sight, other: Sight) -> list[tuple[int, str]]:
    return [
        _names(one.names, other.names),
        _numbers(one.numbers, other.numbers),
        _births(one.births, other.births),
        _units(one.units, other.units),
    ]


def _names(ones: Iterable[str], others: Iterable[str]) -> tuple[int, str]:
    return max((_name(one, other) for one in ones for other in others), default=(0, ""))


def _name(one: str, other: str) -> tuple[int, str]:
    if one == other:
        return 3, "姓名相同"
    if one[1:] == other[1:]:
        return 2, "名相同、姓不同"
    if one[:1] == other[:1]:
        return (2, "姓名差一字") if set(one[1:]) & set(other[1:]) else (1, "姓相同")
    return (0, "") if set(one) & set(other) else (-2, "")


def _numbers(ones: frozenset[str], others: frozenset[str]) -> tuple[int, str]:
    if not ones or not others:
        return 0, ""
    return max(_number(one, other) for one in ones for other in others)


def _number(one: str, other: str) -> tuple[int, str]:
    if one == other:
        return 4, "身份证号相同"
    if len(one) == len(other) == ID_LENGTH:
        apart = [place for place in range(ID_LENGTH) if one[place] != other[place]]
        if len(apart) <= SLIP:
            return 3, "身份证号差一两位"
        if one[:14] == other[:14]:
            return 1, "身份证号前 14 位相同"
        return -3, ""
    return (2, "身份证号前 14 位相同") if one[:14] == other[:14] else (-1, "")


def _births(ones: frozenset[int], others: frozenset[int]) -> tuple[int, str]:
    if not ones or not others:
        return 0, ""
    return max(_birth(one, other) for one in ones for other in others)


def _birth(one: int, other: int) -> tuple[int, str]:
    if one == other and one % 100:
        return 2, "出生日期相同"
    if one // 100 == other // 100:
        return 1, "出生年月相同"
    same_digits = sum(left == right for left, right in zip(str(one), str(other), strict=False))
    return (0, "") if same_digits >= DIGITS_OF_A_SLIP else (-1, "")


def _units(ones: frozenset[str], others: frozenset[str]) -> tuple[int, str]:
    if not ones or not others:
        return 0, ""
    return (2, "单位相同") if ones & others else (-2, "")
