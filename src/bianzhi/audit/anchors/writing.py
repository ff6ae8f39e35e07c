"""Telling the places of the head: after each act, and every minute by the worker; each place by a thread of its own.

Nobody waits for a place: a hung mount or a witness that is switched off must stop neither the office nor the worker nor
the other places. What several acts leave within a second is one anchor, since that of the last covers all before it.
"""

import atexit
import logging
import os
import threading
import time
from typing import Final

from django.utils import timezone

from bianzhi.audit.anchors import places
from bianzhi.audit.anchors.lines import Kind, sealed
from bianzhi.audit.chain import head

log = logging.getLogger(__name__)

PAUSE: Final = 1.0
LAST_WORDS: Final = 2.0
"""Seconds a process that ends waits for its last anchor to be written."""
PATIENCE: Final = 3.0
"""Seconds a heartbeat waits for the places."""
HANGS_AFTER: Final = 30.0


def line() -> str:
    """The head of the chain now, as a line to be kept; empty while nothing is recorded."""
    seq, digest = head()
    return str(sealed(seq, digest, timezone.localtime(), Kind.BEAT)) if seq else ""


def write() -> int:
    """Have every place take the head, moved or not: the heartbeat. Returns how many took it within `PATIENCE`.

    A place that still hangs from before is noted as down; the next line it takes is the newest.
    """
    seq, digest = head()
    heralds = [_herald_of(place) for place in places.configured()] if seq else []
    for herald in heralds:
        if herald.hangs:
            places.say_hung(herald.place)
        herald.tell(seq, digest, Kind.BEAT)
    ends = time.monotonic() + PATIENCE
    return sum(herald.flush(ends - time.monotonic()) and herald.took_it for herald in heralds)


class _Herald:
    """Brings one place what was told last, by a thread that lives as long as there is something to bring."""

    def __init__(self, place: places.Place) -> None:
        self.place = place
        self.took_it = False
        self._waiting: tuple[int, str, Kind] | None = None
        self._begun: float | None = None
        self._is_at_it = False
        self._changed = threading.Condition()

    def tell(self, seq: int, digest: str, kind: Kind) -> None:
        """Leave the newest head; an older one that still waits is covered by it."""
        with self._changed:
            if self._waiting is None or self._waiting[0] < seq:
                self._waiting = (seq, digest, kind)
            if not self._is_at_it:
                threading.Thread(target=self._work, name="anchors", daemon=True).start()
                self._is_at_it = True

    def flush(self, seconds: float) -> bool:
        """Wait until nothing waits any longer; False when that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: self._waiting is None and self._begun is None, timeout=seconds)

    @property
    def hangs(self) -> bool:
        """Whether the place has been at one line for longer than any that works."""
        begun = self._begun
        return begun is not None and time.monotonic() - begun > HANGS_AFTER

    def _work(self) -> None:
        while (told := self._next()) is not None:
            took_it = _brought(self.place, *told)
            with self._changed:
                self.took_it, self._begun = took_it, None
                self._changed.notify_all()
            time.sleep(PAUSE)

    def _next(self) -> tuple[int, str, Kind] | None:
        with self._changed:
            told, self._waiting = self._waiting, None
            self._is_at_it = told is not None
            self._begun = time.monotonic() if told is not None else None
            return told


def _brought(place: places.Place, seq: int, digest: str, kind: Kind) -> bool:
    try:
        return places.keep(place, str(sealed(seq, digest, timezone.localtime(), kind)))
    except Exception:
        log.exception("anchors: nothing could be brought to %s", place.name)
        return False


_heralds: Final[dict[tuple[int, places.Place], _Herald]] = {}
"""By process and place: a server that forks must not believe that the thread of its parent is its own."""


def _herald_of(place: places.Place) -> _Herald:
    return _heralds.setdefault((os.getpid(), place), _Herald(place))


def tell(seq: int, digest: str) -> None:
    """An act was committed under this number: have it anchored, without waiting for it."""
    for place in places.configured():
        _herald_of(place).tell(seq, digest, Kind.ACT)


def flush(seconds: float = LAST_WORDS) -> bool:
    """Wait until what was told is written; False when a place took too long."""
    ends = time.monotonic() + seconds
    heralds = [herald for (pid, _), herald in list(_heralds.items()) if pid == os.getpid()]
    return all(herald.flush(ends - time.monotonic()) for herald in heralds)


atexit.register(flush)
