"""Runs of days: every fact of the register holds over a half-open period."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open run of days, [start, end); an end of None means "still so". Raises ValueError when it holds no day."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"起止时间有误：结束日期 {self.end} 应晚于开始日期 {self.start}")

    def __str__(self) -> str:
        return f"{self.start} 至 {self.end or '今'}"

    @property
    def is_open(self) -> bool:
        """True while no end is known."""
        return self.end is None

    @property
    def days(self) -> int | None:
        """How many days it holds; None while open."""
        return None if self.end is None else (self.end - self.start).days

    def covers(self, day: date) -> bool:
        """True when the fact holds on `day`: the first day does, the end day no longer does."""
        return self.start <= day and (self.end is None or day < self.end)

    def contains(self, other: Self) -> bool:
        """True when every day of `other` lies inside this period."""
        return self.start <= other.start and (self.end is None or (other.end is not None and other.end <= self.end))

    def overlaps(self, other: Self) -> bool:
        """True when both hold on at least one same day."""
        return (other.end is None or self.start < other.end) and (self.end is None or other.start < self.end)

    def abuts(self, other: Self) -> bool:
        """True when one begins on the very day the other ends."""
        return self.end == other.start or other.end == self.start

    def closed_at(self, day: date) -> Self:
        """The same period ended on `day`, which is the first day the fact no longer holds.

        Raises ValueError when `day` is not after the start, or when the period has already ended before it.
        """
        if self.end is not None and self.end < day:
            raise ValueError(f"该时段已于 {self.end} 结束，不能再以 {day} 结束")
        return replace(self, end=day)

    def intersection(self, other: Self) -> Self | None:
        """The days both hold, or None when there are none."""
        if not self.overlaps(other):
            return None
        ends = [end for end in (self.end, other.end) if end is not None]
        return replace(self, start=max(self.start, other.start), end=min(ends, default=None))


def in_order(periods: Iterable[Period]) -> list[Period]:
    """Sorted by start; of equal starts the one that ends first comes first."""
    return sorted(periods, key=lambda period: (period.start, period.end or date.max))


def gaps(periods: Iterable[Period]) -> list[Period]:
    """The stretches no period covers between the first start and the last end."""
    found: list[Period] = []
    reached: date | None = None
    for period in in_order(periods):
        if reached is not None and reached < period.start:
            found.append(Period(reached, period.start))
        end = period.end or date.max
        reached = end if reached is None else max(reached, end)
    return found


def overlaps(periods: Iterable[Period]) -> list[tuple[Period, Period]]:
    """Every pair of periods that share a day, in order of start."""
    open_ones: list[Period] = []
    pairs: list[tuple[Period, Period]] = []
    for period in in_order(periods):
        open_ones = [earlier for earlier in open_ones if earlier.overlaps(period)]
        pairs.extend((earlier, period) for earlier in open_ones)
        open_ones.append(period)
    return pairs
