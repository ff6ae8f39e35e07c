"""Keys in files of their own, beside the database and never in it: made once, readable by their owner alone."""

import os
from collections.abc import Callable
from pathlib import Path


def read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """The key in `path`; a fresh one is written there first when there is none.

    Of two processes that do so at once, the first one's stays. Raises OSError where the file cannot be read or made.
    """
    if not path.exists():
        write_new(path, make())
    return path.read_bytes()


def write_new(path: Path, content: bytes) -> bool:
    """Write a key for its owner alone; False, and nothing changed, when the file is there already."""
    fresh = _beside(path, content)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    return True


def write_over(path: Path, content: bytes) -> None:
    """Write another key in place of the one there, whole or not at all."""
    _beside(path, content).replace(path)


def _beside(path: Path, content: bytes) -> Path:
    """The content in a file of its own in the same folder, safe on disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return fresh
