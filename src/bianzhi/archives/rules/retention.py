"""保管期限: when a term is over, and which one is longer (机关文件材料归档范围和文书档案保管期限规定)."""

from datetime import date
from typing import Final

TERMS: Final = {"Y": None, "D30": 30, "D10": 10}
"""Years by code; None is 永久."""


def first_day_over(year: int | None, retention: str) -> date | None:
    """The first day after the term of an item: terms run from 1 January after its year; None for permanent."""
    term = TERMS.get(retention)
    return date(year + term + 1, 1, 1) if year and term else None


def is_over(year: int | None, retention: str, today: date) -> bool:
    """Whether an item may be appraised for disposal."""
    over = first_day_over(year, retention)
    return over is not None and over <= today


def is_longer(new: str, old: str) -> bool:
    """Whether a term is longer than another: an appraisal prolongs, it never shortens."""
    order = ("D10", "D30", "Y")
    return new in order and old in order and order.index(new) > order.index(old)
