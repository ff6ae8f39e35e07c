"""The figures of a unit, a type or the whole district, and how they are added up.

空编 and 超编 are never netted: a total is the sum of what each unit has of each type, so two vacancies in one place
do not hide one person too many in another.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Self

from bianzhi.personnel.rules.capacity import QuotaUse


@dataclass(frozen=True, slots=True)
class Figures:
    """核定、实有、预占、可用、空编、超编, each in persons; adding adds each figure for itself."""

    approved: int = 0
    occupied: int = 0
    reserved: int = 0
    available: int = 0
    vacant: int = 0
    over: int = 0

    @classmethod
    def of(cls, use: QuotaUse) -> Self:
        """The figures of one unit and one quota type; 可用 is not less than 0."""
        return cls(use.approved, use.occupied, use.reserved, max(use.available, 0), use.vacant, use.over)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.approved + other.approved,
            self.occupied + other.occupied,
            self.reserved + other.reserved,
            self.available + other.available,
            self.vacant + other.vacant,
            self.over + other.over,
        )

    @property
    def fill_rate(self) -> Fraction | None:
        """满编率 = 实有 ÷ 核定; None where nothing is approved (无编), which is no rate of 0 or infinity."""
        return Fraction(self.occupied, self.approved) if self.approved else None


NOTHING: Final = Figures()


def total(figures: Iterable[Figures]) -> Figures:
    """The sum, figure by figure."""
    return sum(figures, NOTHING)
