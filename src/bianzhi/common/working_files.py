"""Plain files that live as long as one act: in a private folder of this process, and gone with it.

    BIANZHI_HOME/work/<process>-<random>/…        mode 0700; locked by the process for as long as it lives

Programs that want a path (readers of foreign files, DuckDB, Spark) get the plain content of sealed files here. One
that was killed leaves its folder unlocked: the next process that starts removes it. BIANZHI_HOME/work may be a file
system in memory (tmpfs) where even deleted blocks must not reach a disk.
"""

import atexit
import os
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

FOLDER: Final = "work"
_LOCK: Final = ".lock"
_MAKING: Final = ".making-"
_MAKING_SECONDS: Final = 60.0
_turn: Final = threading.Lock()
_held: dict[tuple[int, str], Path] = {}
"""The folder of this process, by process and home: a forked process makes its own. Its lock goes with the process."""


@contextmanager
def workspace(prefix: str = "") -> Iterator[Path]:
    """A private folder that is gone, with all in it, after the block."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=folder(), ignore_cleanup_errors=True) as place:
        yield Path(place)


def folder() -> Path:
    """The folder of this process; made, and what dead processes left removed, when it is first asked for."""
    key = (os.getpid(), str(settings.HOME))
    with _turn:
        if key not in _held or not _held[key].is_dir():
            sweep()
            _held[key] = _made()
        return _held[key]


def sweep() -> int:
    """Remove the folders of processes that are gone; returns how many there were. Called whenever a process starts."""
    removed = 0
    for place in _folders():
        if _is_left(place):
            shutil.rmtree(place, ignore_errors=True)
            removed += 1
    return removed


def left_behind() -> list[Path]:
    """The folders of processes that are gone, which the next start removes."""
    return [place for place in _folders() if _is_left(place)]


def _folders() -> list[Path]:
    root = Path(settings.HOME) / FOLDER
    return sorted(place for place in root.iterdir() if place.is_dir()) if root.is_dir() else []


def _made() -> Path:
    """A folder that takes its name only when it is locked: nobody takes it for a dead one's."""
    name = f"{os.getpid()}-{secrets.token_hex(4)}"
    making = Path(settings.HOME) / FOLDER / f"{_MAKING}{name}"
    making.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    making.mkdir(mode=0o700)
    _take(os.open(making / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    place = making.rename(making.with_name(name))
    atexit.register(_put_away, os.getpid(), place)
    return place


def _put_away(owner: int, place: Path) -> None:
    """At the end of the process that made it, not of one that was forked from it."""
    if os.getpid() == owner:
        shutil.rmtree(place, ignore_errors=True)


def _is_left(place: Path) -> bool:
    """Whether nobody holds its lock; one that is only being made is given its time."""
    try:
        if place.name.startswith(_MAKING):
            return time.time() - place.stat().st_mtime > _MAKING_SECONDS
        handle = os.open(place / _LOCK, os.O_RDWR)
        try:
            return _take(handle)
        finally:
            os.close(handle)
    except FileNotFoundError:
        return place.is_dir()
    except OSError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
