"""A month as a page of a calendar: whole weeks, Monday first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

FIRST: Final = date(2000, 1, 1)
WEEKDAYS: Final = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Month:
    """One month."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str, *, default: date, last: date) -> "Month":
        """From "2026-03"; the month of `default` for anything else, and for a month before 2000 or after `last`."""
        year, separator, number = text.partition("-")
        digits = (year + number).isascii() and (year + number).isdigit()
        if not (separator and digits and len(year) == 4 and len(number) == 2 and 1 <= int(number) <= 12):
            return cls.of(default)
        if not FIRST.year <= int(year) <= last.year:
            return cls.of(default)
        return cls(int(year), int(number))

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02d}"

    @property
    def label(self) -> str:
        """2026 年 3 月."""
        return f"{self.year} 年 {self.number} 月"

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.plus(1).first_day - timedelta(days=1)

    def plus(self, count: int) -> "Month":
        """The month so many months later."""
        months = self.year * 12 + self.number - 1 + count
        return Month(months // 12, months % 12 + 1)

    def weeks(self) -> Sequence[Sequence[date]]:
        """Whole weeks from the Monday on or before the first day to the Sunday on or after the last."""
        start = self.first_day - timedelta(days=self.first_day.weekday())
        count = (self.last_day - start).days // 7 + 1
        return [[start + timedelta(days=7 * week + day) for day in range(7)] for week in range(count)]
