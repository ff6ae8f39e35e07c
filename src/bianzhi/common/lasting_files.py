"""Files that are whole as soon as they have their name, and still there after a power cut.

Written under a name nobody else has, brought to the disk, then named, and the name brought to the disk too.
"""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def beside(place: Path) -> Path:
    """A name next to `place` for what is being written: no other writer has it, no reader takes it for a file."""
    return place.with_name(f".{secrets.token_hex(8)}.new")


def write_apart(fresh: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that is not there yet, for its owner alone; at the end it is on the disk."""
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())


def put_over(fresh: Path, place: Path) -> None:
    """Give it its name, in place of whatever had it."""
    fresh.replace(place)
    _sync(place.parent)


def put_new(fresh: Path, place: Path) -> None:
    """Give it its name as well, which nothing may have yet. Raises FileExistsError."""
    os.link(fresh, place)
    _sync(place.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each for its owner alone, and bring their names to the disk."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Make the names in a folder last; systems that cannot sync a folder are left alone."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
