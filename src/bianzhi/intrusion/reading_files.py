"""Readings on the disk: a file an hour for each process, under BIANZHI_HOME/requests.

Appending a line costs microseconds and no lock of the database; nothing waits for it, and a killed process loses
nothing it had answered. Workers read the files of the last hours.
"""

import json
import logging
import os
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from bianzhi.intrusion.rules.reading_log import Reading, line, read
from bianzhi.kernel import clock

log = logging.getLogger(__name__)

KEPT_HOURS: Final = 7 * 24
_NAME: Final = "%Y%m%d%H"


def folder() -> Path:
    """Where they lie."""
    return Path(settings.HOME) / "requests"


class _Pen:
    """The file this process writes to now."""

    def __init__(self) -> None:
        self._place = Path()
        self._handle = -1
        self._lock = threading.Lock()

    def write(self, place: Path, text: str) -> None:
        with self._lock:
            if place != self._place or not place.exists():
                self._turn(place)
            os.write(self._handle, text.encode())

    def _turn(self, place: Path) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._place = place


_pen: Final = _Pen()


def append(reading: Reading) -> None:
    """Write a reading down. That it cannot be written must not stop the office: it is logged."""
    moment = datetime.fromtimestamp(reading.at, clock.CHINA)
    place = folder() / f"{moment:{_NAME}}-{socket.gethostname()}-{os.getpid()}.log"
    try:
        _pen.write(place, line(reading))
    except OSError:
        log.exception("a reading could not be written down")


def between(first: datetime, last: datetime) -> Iterator[Reading]:
    """The readings from `first` up to and with `last`."""
    start, end = int(first.timestamp()), int(last.timestamp())
    for hour, place in _files():
        if hour > last or hour + timedelta(hours=1) <= first:
            continue
        try:
            text = place.read_text("utf-8", errors="replace")
        except OSError:
            log.warning("%s cannot be read", place.name)
            continue
        yield from (reading for reading in read(text) if start <= reading.at <= end)


def sweep(now: datetime) -> int:
    """Remove what is older than is kept; returns how many files."""
    old = [place for hour, place in _files() if hour < now - timedelta(hours=KEPT_HOURS)]
    for place in old:
        place.unlink(missing_ok=True)
    return len(old)


def _files() -> Iterator[tuple[datetime, Path]]:
    for place in sorted(folder().glob("*.log")):
        try:
            yield datetime.strptime(place.name[:10], _NAME).replace(tzinfo=clock.CHINA), place
        except ValueError:
            continue


# --- the limit of reads, where requests find it without asking the database ----------------------------------------


def keep_limit(reads_per_minute: int) -> None:
    """Write down how many pages a minute somebody may open."""
    place = folder() / "limit.json"
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = place.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps({"reads_per_minute": reads_per_minute}), "utf-8")
    fresh.replace(place)


class _Limit:
    """The limit as last read, and of which state of the file."""

    def __init__(self) -> None:
        self._stamp: tuple[Path, int] | None = None
        self._value = 0

    def value(self) -> int:
        place = folder() / "limit.json"
        try:
            stamp = (place, place.stat().st_mtime_ns)
            if stamp != self._stamp:
                self._value = int(json.loads(place.read_text("utf-8"))["reads_per_minute"])
                self._stamp = stamp
        except (OSError, ValueError, KeyError, TypeError):
            return 0
        return self._value


_limit: Final = _Limit()


def limit() -> int:
    """How many pages a minute somebody may open; 0, without limit, until the first watch has written it down."""
    return _limit.value()
