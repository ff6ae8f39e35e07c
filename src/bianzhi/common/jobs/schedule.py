"""Work that comes round: once a day as a job of its own, or every so many seconds inside each worker."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import transaction

from bianzhi.common.jobs.context import JobContext
from bianzhi.common.jobs.handlers import job
from bianzhi.common.jobs.queue import enqueue
from bianzhi.common.models import DailyRun

log = logging.getLogger(__name__)

BEHIND_PEOPLE: Final = -10
"""Priority of daily work: what somebody sits waiting for goes first."""

DailyFunction = Callable[[date], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Nobody:
    """The schedule asks for jobs in nobody's name."""

    pk: int | None = None


@dataclass(slots=True)
class Recurring:
    """A small act repeated by every worker; `due` is on the monotonic clock."""

    seconds: float
    function: Callable[[], object]
    due: float = 0.0


_daily: Final[dict[str, str]] = {}
_recurring: Final[dict[str, Recurring]] = {}


def daily(name: str, function: DailyFunction, *, title: str) -> None:
    """Run `function(today)` once on every day, as a job called `title`; a day the system slept through is left out.

    The function must be idempotent. Raises ValueError when the name is taken.
    """
    kind = f"daily.{name}"

    def handler(context: JobContext) -> Mapping[str, Any] | None:
        return function(date.fromisoformat(context.params["day"]))

    job(kind)(handler)
    _daily[name] = title


def every(name: str, seconds: float, function: Callable[[], object]) -> None:
    """Call `function` in each worker, at most every `seconds`; it must be short. Raises ValueError on a second one."""
    if name in _recurring:
        raise ValueError(f"recurring work registered twice: {name}")
    _recurring[name] = Recurring(seconds, function)


def start_daily_work(today: date) -> list[str]:
    """Enqueue the daily work nobody has started today; returns the names."""
    done = dict(DailyRun.objects.filter(name__in=_daily).values_list("name", "last_day"))
    return [name for name in _daily if not (name in done and done[name] >= today) and _claim(name, today)]


def _claim(name: str, today: date) -> bool:
    """Whether this worker is the one to start it: one conditional UPDATE decides."""
    with transaction.atomic():
        DailyRun.objects.get_or_create(name=name, defaults={"last_day": date.min})
        if not DailyRun.objects.filter(name=name, last_day__lt=today).update(last_day=today):
            return False
        params = {"day": today.isoformat()}
        enqueue(f"daily.{name}", title=_daily[name], params=params, actor=Nobody(), priority=BEHIND_PEOPLE)
    return True


def run_recurring() -> None:
    """Call what is due; whatever fails is logged and tried again next time."""
    for name, work in _recurring.items():
        if time.monotonic() < work.due:
            continue
        work.due = time.monotonic() + work.seconds
        try:
            work.function()
        except Exception:  # one app may fail in any way; the worker and the work of the others go on
            log.exception("recurring work %s failed", name)
