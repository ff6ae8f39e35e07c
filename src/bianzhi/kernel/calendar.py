"""Working days (工作日): the clocks of the trade run on them (R12, R15; domain.md §5.5).

A working day is Monday to Friday, except where the State Council's yearly notice says otherwise. The exceptions are
rows of a table the office may edit; this module computes from such rows and proposes them for a run of years.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from typing import Final, NamedTuple

import chinese_calendar
import holidays
from chinese_calendar import constants as announced

ONE_DAY: Final = timedelta(days=1)
WEEKEND: Final = frozenset({5, 6})
CHINESE_NAMES: Final = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利七十周年纪念日",
}
LAST_ANNOUNCED_YEAR: Final = max(announced.holidays).year
FIRST_ANNOUNCED_YEAR: Final = min(announced.holidays).year
GUESS_SOURCE: Final = "按法定节假日推算，尚无国务院放假通知，公布后请更新"


class CalendarDay(NamedTuple):
    """One row of the calendar table: a day on which the rule of weekdays does not say everything."""

    day: date
    is_workday: bool
    provisional: bool = False
    name: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Answers questions about working days from a table of exceptions to Monday–Friday."""

    exceptions: dict[date, CalendarDay]

    @classmethod
    def of(cls, days: Iterable[tuple[date, bool] | tuple[date, bool, bool] | CalendarDay]) -> "WorkingCalendar":
        """From (date, is_workday), (date, is_workday, provisional) or whole rows; the last word on a day counts."""
        return cls({row[0]: CalendarDay(*row) for row in days})

    def is_working_day(self, day: date) -> bool:
        """True when offices work on `day`."""
        row = self.exceptions.get(day)
        return row.is_workday if row is not None else day.weekday() not in WEEKEND

    def is_provisional(self, day: date) -> bool:
        """True when the answer for `day` rests on a guess, not on a published notice."""
        row = self.exceptions.get(day)
        return row is not None and row.provisional

    def add_working_days(self, start: date, count: int) -> date:
        """The day on which a clock of `count` working days runs out; the day of `start` itself is not counted.

        A zero count gives `start` when that is a working day, else the next working day. Negative counts go back.
        """
        if count == 0:
            return start if self.is_working_day(start) else self.add_working_days(start, 1)
        step, day, left = (ONE_DAY if count > 0 else -ONE_DAY), start, abs(count)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` comes first.

        The inverse of `add_working_days`: for a working day `end`, adding the result to `start` gives `end` again.
        """
        if end < start:
            return -self.working_days_between(end - ONE_DAY, start - ONE_DAY)
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def seed_years(first: int, last: int) -> list[CalendarDay]:
    """Calendar rows of the years `first` to `last`, both included, in order of day.

    Announced years come from chinese_calendar, which follows the notices, and each day is compared with the holidays
    package: where the two differ the row is provisional and says so. Years not yet announced get the statutory days and
    the likely compensation days, all provisional; nobody can foresee the exchanged weekends. Raises ValueError when
    `first` is after `last` or before the first year known.
    """
    if not FIRST_ANNOUNCED_YEAR <= first <= last:
        raise ValueError(f"years must run upwards from {FIRST_ANNOUNCED_YEAR}, got {first}–{last}")
    other = holidays.country_holidays("CN", years=range(first, last + 2), language="zh_CN")
    rows: list[CalendarDay] = []
    for year in range(first, last + 1):
        rows += _announced(year, other) if year <= LAST_ANNOUNCED_YEAR else _guessed(year, other)
    return rows


def _announced(year: int, other: holidays.HolidayBase) -> Iterator[CalendarDay]:
    libraries = f"chinesecalendar {version('chinesecalendar')} 与 holidays {version('holidays')}"
    agreed = f"国务院办公厅年度放假安排（{libraries} 一致）"
    disputed = f"{libraries} 不一致，请按国务院通知核定"
    for day in _days_of(year):
        works = chinese_calendar.is_workday(day)
        differs = works != other.is_working_day(day)
        named = announced.workdays.get(day) or announced.holidays.get(day)
        if named or differs or works != (day.weekday() not in WEEKEND):
            label = CHINESE_NAMES.get(named or "", named or "")
            name = f"{label}调休上班" if day in announced.workdays else label
            yield CalendarDay(day, works, differs, name, disputed if differs else agreed)


def _guessed(year: int, other: holidays.HolidayBase) -> Iterator[CalendarDay]:
    for day in _days_of(year):
        if day in other:
            name = "、".join(dict.fromkeys(other.get_list(day)))
            yield CalendarDay(day, is_workday=False, name=name, provisional=True, source=GUESS_SOURCE)


def _days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += ONE_DAY
