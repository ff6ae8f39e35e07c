"""The office's working calendar: its own table where it has one, the national holidays elsewhere (domain §5.5)."""

from datetime import date
from functools import lru_cache
from typing import Final

from bianzhi.common.models import CalendarDay
from bianzhi.kernel import calendar
from bianzhi.kernel.calendar import WorkingCalendar

YEARS_AHEAD: Final = 3
"""How far clocks and warnings look: further years are guesses anyway."""


def load(today: date) -> WorkingCalendar:
    """The calendar up to a few years after `today`, in one query.

    A year with rows in the table is as the table says; every other year comes from the holiday libraries,
    provisional where the State Council has announced nothing yet.
    """
    rows = [
        calendar.CalendarDay(row.day, row.is_working, row.provisional, row.name, row.source)
        for row in CalendarDay.objects.all()
    ]
    kept = {row.day.year for row in rows}
    seeded = _seed(calendar.FIRST_ANNOUNCED_YEAR, today.year + YEARS_AHEAD)
    return WorkingCalendar.of([*(row for row in seeded if row.day.year not in kept), *rows])


@lru_cache(maxsize=4)
def _seed(first: int, last: int) -> tuple[calendar.CalendarDay, ...]:
    return tuple(calendar.seed_years(first, last))
