"""Django's cache as files, so that all processes of the web server have one: claims of forms, counts, short memories.

    BIANZHI_HOME/cache/<digest of the key>      the value; the time of the file is when it ends
    BIANZHI_HOME/cache/<two digits>.lock        held while one of the keys that begin so is looked at or written

Files and not rows: every page is counted, and a row would cost each page a commit; and a claim stands whatever becomes
of the transaction of the act. Each method is one step among all threads and processes, `add` and `incr` included.
A cache that cannot be written stops nobody: it is logged, and answers as if nothing were there.
"""

import logging
import os
import pickle
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from bianzhi.common.file_locks import locked
from bianzhi.kernel.digests import sm3_hex

log = logging.getLogger(__name__)

T = TypeVar("T")
LONGEST: Final = 30 * 24 * 3600.0
"""Seconds after which what was to stay for ever ends."""
SWEEP_SECONDS: Final = 60.0
_NOTHING: Final = object()
_LOCK: Final = ".lock"
_SWEPT: Final = "swept"


class SharedCache(BaseCache):
    """The backend for `CACHES`; its LOCATION is a folder of its own on a disk of this machine."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._root = Path(location)

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value where none is; False where one is."""

        def added(place: Path) -> bool:
            if _read(place) is not _NOTHING:
                return False
            _write(place, value, self._end(timeout))
            return True

        return self._alone(key, version, added, otherwise=True)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The value, or `default`."""
        found = self._alone(key, version, _read, otherwise=_NOTHING)
        return default if found is _NOTHING else found

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value."""
        self._alone(key, version, partial(_write, value=value, end=self._end(timeout)), otherwise=None)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count, without moving the end. Raises ValueError where nothing is counted."""

        def counted(place: Path) -> int | None:
            value = _read(place)
            if value is _NOTHING:
                return None
            number = int(value) + delta
            _write(place, number, place.stat().st_mtime)
            return number

        number = self._alone(key, version, counted, otherwise=None)
        if number is None:
            raise ValueError(f"no such key: {key}")
        return number

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Move the end; False where nothing is."""

        def touched(place: Path) -> bool:
            if _read(place) is _NOTHING:
                return False
            end = self._end(timeout)
            os.utime(place, (end, end))
            return True

        return self._alone(key, version, touched, otherwise=False)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget a value; False where there was none."""

        def deleted(place: Path) -> bool:
            was_there = _read(place) is not _NOTHING
            place.unlink(missing_ok=True)
            return was_there

        return self._alone(key, version, deleted, otherwise=False)

    def clear(self) -> None:
        """Forget everything."""
        for place in self._places():
            with self._locked(place):
                place.unlink(missing_ok=True)

    def _alone(self, key: Any, version: int | None, act: Callable[[Path], T], *, otherwise: T) -> T:
        """What `act` does with the file of a key while nobody else is at it; `otherwise` where the disk refuses."""
        place = self._root / sm3_hex(self.make_and_validate_key(key, version=version))
        try:
            with self._locked(place):
                done = act(place)
            self._sweep()
        except OSError:
            log.exception("the cache in %s cannot be used", self._root)
            return otherwise
        return done

    def _locked(self, place: Path) -> AbstractContextManager[bool]:
        self._root.mkdir(mode=0o700, exist_ok=True)
        return locked(self._root / f"{place.name[:2]}{_LOCK}", wait=True)

    def _sweep(self) -> None:
        """Once a minute, by whichever process comes first: what has ended goes."""
        mark = self._root / _SWEPT
        if mark.exists() and abs(time.time() - mark.stat().st_mtime) < SWEEP_SECONDS:
            return
        mark.touch(mode=0o600)
        for place in self._places():
            if _is_over(place):
                with self._locked(place):
                    if _is_over(place):
                        place.unlink(missing_ok=True)

    def _places(self) -> list[Path]:
        found = self._root.iterdir() if self._root.is_dir() else ()
        return [place for place in found if place.suffix != _LOCK and place.name != _SWEPT]

    def _end(self, timeout: float | None) -> float:
        end = self.get_backend_timeout(timeout)
        return time.time() + LONGEST if end is None else max(end, 0.0)


def _read(place: Path) -> Any:
    """The value, `_NOTHING` where there is none, it has ended, or a killed process left half of it."""
    if _is_over(place):
        return _NOTHING
    try:
        return pickle.loads(place.read_bytes())  # noqa: S301 - only the platform's own account writes in its home
    except Exception:  # what an older program kept may be unreadable in many ways
        log.warning("%s in the cache cannot be read", place.name, exc_info=True)
        return _NOTHING


def _write(place: Path, value: Any, end: float) -> None:
    """The time is set last: until then the file counts as ended.

    Written over what was there: a file that was emptied first is brought to the disk by ext4 each time.
    """
    content = pickle.dumps(value)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(handle, content)
        os.ftruncate(handle, len(content))
        os.utime(handle, (end, end))
    finally:
        os.close(handle)


def _is_over(place: Path) -> bool:
    try:
        return place.stat().st_mtime <= time.time()
    except FileNotFoundError:
        return True
