"""The only place that reads the clock. Dates in this product are calendar days in China."""

import os
from datetime import date, datetime, timedelta, timezone
from typing import Final

# No daylight saving since 1991, so a fixed offset is exact and needs no time-zone database on the machine.
CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
TODAY_VARIABLE: Final = "BIANZHI_TODAY"


class ClockError(ValueError):
    """BIANZHI_TODAY is set to something that is not a date."""


def today() -> date:
    """Today in Asia/Shanghai, or the day named by BIANZHI_TODAY (training, demonstrations, tests).

    Raises ClockError when BIANZHI_TODAY is set and is not YYYY-MM-DD.
    """
    fixed = os.environ.get(TODAY_VARIABLE, "").strip()
    if not fixed:
        return now().date()
    try:
        return date.fromisoformat(fixed)
    except ValueError as error:
        raise ClockError(f"环境变量 {TODAY_VARIABLE} 应为 YYYY-MM-DD，现为「{fixed}」") from error


def now() -> datetime:
    """The real moment, aware, in Asia/Shanghai; for recorded-at columns, which BIANZHI_TODAY never moves."""
    return datetime.now(CHINA)
