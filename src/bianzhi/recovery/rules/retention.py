"""Which sets are kept: the newest of the last days, weeks and months, what those need, and the last good one."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A set as the policy sees it; `needs` are sets that hold files of it."""

    name: str
    made_at: datetime
    needs: frozenset[str]
    is_good: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """How many days, weeks and months are covered."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 12

    @classmethod
    def read(cls, text: str) -> "Policy":
        """From "7,4,12". Raises ValueError."""
        words = [word.strip() for word in text.split(",")]
        if len(words) != 3 or not all(word.isdecimal() for word in words):
            raise ValueError("保留份数应写成 每日,每周,每月，例如 7,4,12")
        return cls(*map(int, words))


def kept(candidates: Sequence[Candidate], policy: Policy) -> frozenset[str]:
    """Names of the sets to keep."""
    newest_first = sorted(candidates, key=lambda one: (one.made_at, one.name), reverse=True)
    chosen = {
        *_newest_of_each(newest_first, policy.daily, lambda at: at.date()),
        *_newest_of_each(newest_first, policy.weekly, lambda at: at.isocalendar()[:2]),
        *_newest_of_each(newest_first, policy.monthly, lambda at: (at.year, at.month)),
    }
    good = [one.name for one in newest_first if one.is_good]
    chosen |= set(good[:1]) or {one.name for one in newest_first[:1]}
    return _with_needs(chosen, {one.name: one.needs for one in candidates})


def _newest_of_each(
    newest_first: Sequence[Candidate], count: int, period_of: Callable[[datetime], Hashable]
) -> list[str]:
    """The newest set of each of the last `count` periods that have one; a good one before one that is not."""
    found: dict[Hashable, Candidate] = {}
    for one in newest_first:
        period = period_of(one.made_at)
        if period not in found or (one.is_good and not found[period].is_good):
            found[period] = one
    return [one.name for one in list(found.values())[:count]]


def _with_needs(chosen: set[str], needs: dict[str, frozenset[str]]) -> frozenset[str]:
    """The chosen sets and every set they lean on."""
    waiting, found = list(chosen), set(chosen)
    while waiting:
        for name in needs.get(waiting.pop(), frozenset()) - found:
            found.add(name)
            waiting.append(name)
    return frozenset(found)
