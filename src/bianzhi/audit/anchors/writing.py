"""Telling the places of the head: after each act by a thread of the process, every minute by the worker.

The act never waits for a place: a hung mount or a witness that is switched off must not stop the office. What several
acts leave within a second is one anchor, since the anchor of the last covers all before it.
"""

import atexit
import os
import threading
import time
from typing import Final

from django.conf import settings
from django.utils import timezone

from bianzhi.audit.anchors import places
from bianzhi.audit.anchors.lines import Kind, sealed
from bianzhi.audit.chain import head

PAUSE: Final = 1.0
LAST_WORDS: Final = 2.0
"""Seconds a process that ends waits for its last anchor to be written."""


def line() -> str:
    """The head of the chain now, as a line to be kept; empty while nothing is recorded."""
    seq, digest = head()
    return str(sealed(seq, digest, timezone.localtime(), Kind.BEAT)) if seq else ""


def write() -> int:
    """Write the head to every place, moved or not: the heartbeat. Returns how many places took it."""
    reached = places.configured()
    newest = line() if reached else ""
    return sum(places.keep(place, newest) for place in reached) if newest else 0


class _Herald:
    """The thread that writes what was told last."""

    def __init__(self) -> None:
        self._waiting: tuple[int, str] | None = None
        self._busy = False
        self._changed = threading.Condition()
        threading.Thread(target=self._work, name="anchors", daemon=True).start()

    def tell(self, seq: int, digest: str) -> None:
        """Leave the newest head; an older one that still waits is covered by it."""
        with self._changed:
            if self._waiting is None or self._waiting[0] < seq:
                self._waiting = (seq, digest)
                self._changed.notify_all()

    def flush(self, seconds: float) -> bool:
        """Wait until nothing waits any longer; False when that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: self._waiting is None and not self._busy, timeout=seconds)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting is not None)
                told, self._waiting, self._busy = self._waiting, None, True
            if told is not None:
                _write_act(*told)
            with self._changed:
                self._busy = False
                self._changed.notify_all()
            time.sleep(PAUSE)


def _write_act(seq: int, digest: str) -> None:
    try:
        text = str(sealed(seq, digest, timezone.localtime(), Kind.ACT))
    except OSError:
        places.log.exception("anchors: the key could not be read")
        return
    for place in places.configured():
        places.keep(place, text)


_heralds: Final[dict[int, _Herald]] = {}
"""By process: a server that forks must not believe that the thread of its parent is its own."""


def tell(seq: int, digest: str) -> None:
    """An act was committed under this number: have it anchored, without waiting for it."""
    if not settings.ANCHORS:
        return
    pid = os.getpid()
    if pid not in _heralds:
        _heralds.clear()
        _heralds[pid] = _Herald()
        atexit.register(flush)
    _heralds[pid].tell(seq, digest)


def flush(seconds: float = LAST_WORDS) -> bool:
    """Wait until what was told is written; False when a place took too long."""
    herald = _heralds.get(os.getpid())
    return herald is None or herald.flush(seconds)
