"""Writing as on a past day: services take the day as `today`, this gives them the hour as well."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, tzinfo
from typing import Final
from unittest.mock import patch

from django.utils import timezone

from bianzhi.demo.papers import moment

BETWEEN_ACTS: Final = timedelta(minutes=7)


class _Hands:
    """The hands of the clock while the past is written."""

    now: datetime


class _Past(datetime):
    """Stands where `django.utils.timezone` looks for the time."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return _Hands.now.astimezone(tz) if tz else _Hands.now.replace(tzinfo=None)


@contextmanager
def on(day: date) -> Iterator[None]:
    """Rows written inside bear moments of that day, from nine in the morning on.

    The demonstration writes its past through the services that write the present: their moments come from
    `timezone.now`, and nothing else should have to know of a second clock. The audit record is written when the unit
    of work ends, outside: it says truthfully when the demonstration was loaded.
    """
    _Hands.now = moment(day)
    with patch.object(timezone, "datetime", _Past):
        yield


def pass_time() -> None:
    """A little later."""
    _Hands.now += BETWEEN_ACTS
