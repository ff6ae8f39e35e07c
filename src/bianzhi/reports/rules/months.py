"""Runs of month ends for the trend."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from bianzhi.kernel.retirement import YearMonth


def month_end(month: YearMonth) -> date:
    """The last day of a month."""
    return month.plus(1).first_day - timedelta(days=1)


def month_ends(day: date, months: int) -> list[date]:
    """The last days of the `months` − 1 months before the one of `day`, and `day` itself."""
    current = YearMonth.of(day)
    return [month_end(current.plus(-back)) for back in range(months - 1, 0, -1)] + [day]


def running_totals(changes: Iterable[tuple[date, int]], days: Sequence[date]) -> list[int]:
    """The sum of all changes up to and including each of the ascending `days`."""
    ordered = sorted(changes)
    totals: list[int] = []
    at = total = 0
    for day in days:
        while at < len(ordered) and ordered[at][0] <= day:
            total += ordered[at][1]
            at += 1
        totals.append(total)
    return totals
