"""How commands and pages speak of sizes, ages and progress."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from bianzhi.recovery.sets.making import Progress

PAUSE: Final = 0.5


def shown_size(size: int) -> str:
    """12.3 MB."""
    figure = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if figure < 1024:
            return f"{figure:.0f} {unit}" if unit == "B" else f"{figure:.1f} {unit}"
        figure /= 1024
    return f"{figure:.1f} TB"


def age(moment: datetime) -> str:
    """How long ago, in the two units a person would say."""
    minutes = max(0, int((timezone.now() - moment).total_seconds()) // 60)
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} 天 {hours} 小时"
    return f"{hours} 小时 {minutes} 分" if hours else f"{minutes} 分钟"


@contextmanager
def telling(stream: Any) -> Iterator[Progress]:
    """Progress on one line of a terminal; nothing where nobody watches."""
    is_watched = bool(getattr(sys.stderr, "isatty", bool)())
    told_at = 0.0

    def tell(done: int, total: int, message: str) -> None:
        nonlocal told_at
        if is_watched and time.monotonic() - told_at > PAUSE:
            told_at = time.monotonic()
            stream.write(f"\r\033[K{message}", ending="")

    yield tell
    if is_watched:
        stream.write("\r\033[K", ending="")
