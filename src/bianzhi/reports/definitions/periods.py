"""The choice of a month or a year, for reports on what happened in a period."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from bianzhi.kernel.retirement import YearMonth
from bianzhi.reports.definitions.base import Choice, Query
from bianzhi.reports.rules.months import month_end

YEARS_BACK: Final = 10


def period_options(query: Query) -> Sequence[tuple[str, str]]:
    """This year, this month, the months of the last two years, the ten years before."""
    month = YearMonth.of(query.day)
    months = [month.plus(-back) for back in range(24)]
    years = range(query.day.year, query.day.year - YEARS_BACK, -1)
    return [
        *((str(year), f"{year} 年") for year in years),
        *((f"{each.year}-{each.month:02d}", f"{each.year} 年 {each.month} 月") for each in months),
    ]


def default_period(query: Query) -> str:
    """The year of the day shown."""
    return str(query.day.year)


PERIOD: Final = Choice("period", "期间", options=period_options)


def period_of(query: Query) -> tuple[date, date]:
    """First and last day of the chosen period; it never ends after the day shown."""
    chosen = query.chosen(PERIOD) or default_period(query)
    if len(chosen) == 4:
        first, last = date(int(chosen), 1, 1), date(int(chosen), 12, 31)
    else:
        month = YearMonth(int(chosen[:4]), int(chosen[5:]))
        first, last = month.first_day, month_end(month)
    return first, min(last, query.day)
