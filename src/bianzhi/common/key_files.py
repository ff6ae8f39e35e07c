"""Keys in files of their own, beside the database and never in it: made once, readable by their owner alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bianzhi.common import lasting_files


def read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """The key in `path`; a fresh one is written there first when there is none.

    Of two processes that do so at once, the first one's stays. Raises OSError where the file cannot be read or made.
    """
    if not path.exists():
        write_new(path, make())
    return path.read_bytes()


def write_new(path: Path, content: bytes) -> bool:
    """Write a key for its owner alone; False, and nothing changed, when the file is there already."""
    with _apart(path, content) as fresh:
        try:
            lasting_files.put_new(fresh, path)
        except FileExistsError:
            return False
    return True


def write_over(path: Path, content: bytes) -> None:
    """Write another key in place of the one there, whole or not at all."""
    with _apart(path, content) as fresh:
        lasting_files.put_over(fresh, path)


@contextmanager
def _apart(path: Path, content: bytes) -> Iterator[Path]:
    """The content in a file of its own in the same folder, safe on disk; it is gone after the block."""
    lasting_files.make_folder(path.parent)
    fresh = lasting_files.beside(path)
    try:
        lasting_files.write_apart(fresh, [content])
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)
