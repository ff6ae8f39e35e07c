"""The sign of life of the workers: a file in BIANZHI_HOME/jobs that each touches while it is alive, idle or busy.

A file and not a row, because a worker that wrote to SQLite every few seconds would stand in the way of the pages.
"""

import logging
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Final

from django.conf import settings

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 10.0
SILENT_AFTER: Final = 60.0
"""A worker not heard of for this many seconds is taken for gone."""


class Heartbeat:
    """A thread that beats for the length of a `with` block, and wipes the sign at its end."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="worker-heartbeat", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        _file().unlink(missing_ok=True)

    def _beat(self) -> None:
        while True:
            try:
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
