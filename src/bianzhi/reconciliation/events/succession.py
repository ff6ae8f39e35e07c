"""Units that took another name or went into another: their people moved without a transfer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

FEWEST: Final = 3
"""People who must go together; fewer may simply have been transferred."""

SHARE: Final = 0.5
"""The part of the old unit's people who must be found in one new unit."""


def successors(moves: Iterable[tuple[str, str]], before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, str]:
    """Old name → new name of the units the establishment office no longer knows by the old one.

    `moves` are (unit before, unit after) of each person who moved, `before` and `after` how many people each unit had.
    A unit that still has people has no successor, however many left it.
    """
    flows: dict[str, Counter[str]] = {}
    for old, new in moves:
        flows.setdefault(old, Counter())[new] += 1
    followed = {}
    for old, flow in sorted(flows.items()):
        new, people = max(flow.items(), key=lambda item: (item[1], item[0]))
        if not after.get(old) and people >= FEWEST and people >= SHARE * before.get(old, people):
            followed[old] = new
    return followed
