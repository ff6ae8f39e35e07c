"""Whether the office was in time with a case: working days with the office, against the matter's clock."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

WorkingDays = Callable[[date, date], int]
"""Working days after one day, up to and including another."""


@dataclass(frozen=True, slots=True)
class Course:
    """A case's way through the office: when it was received and decided (None: not yet), and when it was away.

    `away` are the stretches during which it lay with the applicant to be put right: those days are nobody's fault here.
    """

    received_on: date
    decided_on: date | None
    clock_days: int
    away: tuple[tuple[date, date | None], ...] = ()


def days_taken(course: Course, today: date, between: WorkingDays) -> int:
    """Working days the case has been with the office."""
    end = course.decided_on or today
    stretches = [(max(left, course.received_on), min(back or end, end)) for left, back in course.away if left < end]
    return max(between(course.received_on, end) - sum(between(*stretch) for stretch in stretches), 0)


def is_late(course: Course, today: date, between: WorkingDays) -> bool:
    """Whether the clock of the matter has run out, decided or not."""
    return days_taken(course, today, between) > course.clock_days


def average(numbers: Iterable[int]) -> Decimal | None:
    """The mean with one decimal; None of nothing."""
    listed = list(numbers)
    if not listed:
        return None
    return (Decimal(sum(listed)) / len(listed)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
