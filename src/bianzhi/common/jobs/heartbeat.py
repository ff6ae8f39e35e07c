"""The sign of life of the workers: a file in BIANZHI_HOME/jobs that each touches while it is alive, idle or busy.

A thread gives it, so that it goes on during long jobs; it stops when the loop of the worker stands still elsewhere.
A file and not a row, because a worker that wrote to SQLite every few seconds would stand in the way of the pages.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final

from django.conf import settings

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 10.0
SILENT_AFTER: Final = 60.0
"""A worker not heard of for this many seconds is taken for gone."""

STANDS_AFTER: Final = 600.0
"""A loop that runs no job and has not come on for this many seconds stands still: everything else in it is short."""


class Heartbeat:
    """A thread that beats for the length of a `with` block, and wipes the sign at its end."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._has_job = False
        self._turned = time.monotonic()
        self._thread = threading.Thread(target=self._beat, name="worker-heartbeat", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        _file().unlink(missing_ok=True)

    def turn(self) -> None:
        """The loop has come on."""
        self._turned = time.monotonic()

    @contextmanager
    def at_a_job(self) -> Iterator[None]:
        """The block may take as long as it likes: a job has a lease of its own, and people see its progress."""
        self._has_job = True
        try:
            yield
        finally:
            self.turn()
            self._has_job = False

    def _beat(self) -> None:
        while True:
            try:
                if self._has_job or time.monotonic() - self._turned < STANDS_AFTER:
                    beat()
            except OSError:
                log.exception("the sign of life of the worker could not be written")
            if self._over.wait(BEAT_SECONDS):
                return


def beat() -> None:
    """Give one sign of life."""
    file = _file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)


def silent_for() -> float | None:
    """Seconds since a worker was last heard of; None when none is there."""
    try:
        return max(0.0, time.time() - _file().stat().st_mtime)
    except FileNotFoundError:
        return None


def is_working() -> bool:
    """Whether some worker was heard of just now."""
    silence = silent_for()
    return silence is not None and silence < SILENT_AFTER


def _file() -> Path:
    return Path(settings.HOME) / "jobs" / "worker.alive"
