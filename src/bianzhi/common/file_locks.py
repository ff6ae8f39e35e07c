"""Locks between processes. They lie on an open file, so that they go with a process however it ends."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

UNKNOWN_HERE: Final = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})
"""How a file system says that it has no locks."""


class Taken(RuntimeError):
    """Somebody else holds a lock that goes not together with the one asked for."""


@contextmanager
def locked(file: Path, *, shared: bool = False, wait: bool = False) -> Iterator[bool]:
    """Hold the lock of a file, alone or together with others who share it; processes forked meanwhile hold it too.

    Yields False where the file system has no locks: the block then goes on without. Raises Taken, unless it shall
    wait, and OSError where the file cannot be opened.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _take(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB), file)
    finally:
        os.close(handle)


def _take(handle: int, operation: int, file: Path) -> bool:
    try:
        fcntl.flock(handle, operation)
    except BlockingIOError as error:
        raise Taken(str(file)) from error
    except OSError as error:
        if error.errno not in UNKNOWN_HERE:
            raise
        return False
    return True
