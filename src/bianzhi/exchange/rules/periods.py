"""Months as the hub writes them: 2026-10."""

import re
from datetime import date, timedelta
from typing import Final

from bianzhi.kernel.objections import Objection, Severity

_PERIOD: Final = re.compile(r"(19|20)\d{2}-(0[1-9]|1[0-2])")


def objections_to_period(period: str, today: date) -> list[Objection]:
    """A month that has begun."""
    if not _PERIOD.fullmatch(period):
        return [Objection("X10", f"月份“{period[:20]}”写法有误", Severity.BLOCK, {}, "请按 2026-10 填写")]
    if period > f"{today:%Y-%m}":
        return [Objection("X10", f"{period} 尚未到来", Severity.BLOCK, {}, "请选择本月或以前的月份")]
    return []


def last_day(period: str) -> date:
    """The last day of a month."""
    year, month = int(period[:4]), int(period[5:7])
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def month_before(day: date) -> str:
    """The month before that of a day: what a monthly comparison is about."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return f"{year}-{month:02d}"
