"""Age bands of the trade's tables (T07)."""

from collections.abc import Sequence
from datetime import date
from typing import Final

BANDS: Final[Sequence[tuple[str, int]]] = (
    ("25岁及以下", 25),
    ("26—30岁", 30),
    ("31—35岁", 35),
    ("36—40岁", 40),
    ("41—45岁", 45),
    ("46—50岁", 50),
    ("51—54岁", 54),
    ("55—59岁", 59),
    ("60岁及以上", 999),
)
"""(label, highest age of the band)."""


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def born_after(day: date, highest_age: int) -> date:
    """Whoever was born after this day is at most `highest_age` years old on `day`."""
    return years_before(day, highest_age + 1)
