"""A lock that a killed process leaves open: the operating system holds it on an open file."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from bianzhi.fulltext.backend import EngineDown, IndexBusy

STEP: Final = 0.05


@contextmanager
def only_one(path: Path, *, wait: float = 0.0) -> Iterator[None]:
    """Be the only one, among all processes, in here.

    Raises IndexBusy when the lock stays taken for `wait` seconds, EngineDown when its file cannot be opened.
    """
    until = time.monotonic() + wait
    with _opened(path) as handle:
        while not _take(handle):
            if time.monotonic() >= until:
                raise IndexBusy(path.name)
            time.sleep(STEP)
        try:
            yield
        finally:
            _leave(handle)


def _opened(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+b")
    except OSError as error:
        raise EngineDown(f"{path.name}: {error}") from error


if sys.platform == "win32":
    import msvcrt

    def _take(handle: IO[bytes]) -> bool:
        handle.seek(0)
        try:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _leave(handle: IO[bytes]) -> None:
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(handle: IO[bytes]) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _leave(handle: IO[bytes]) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
