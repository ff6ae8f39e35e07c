"""Where files lie before they are originals: received, unchecked, shown to nobody; sealed where files are encrypted.

BIANZHI_HOME/archive/quarantine/<file id>/content       on its way, or refused
BIANZHI_HOME/archive/quarantine/<file id>/piece-<from>  of a file that comes in pieces, until it is whole
BIANZHI_HOME/archive/withheld/<file id>                 marked 秘密 or above (R27): mode 0000, for the keeper of
                                                        secrets to take away; no page and no program reads it
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Final

from bianzhi.archives.storage import archive_home
from bianzhi.common import sealed_files
from bianzhi.common.sealed_places import Stored, on_disk
from bianzhi.kernel.file_digests import pieces_from

_PIECE: Final = "piece-"


def folder_of(file_id: int) -> Path:
    """The folder of an incoming file."""
    return archive_home() / "quarantine" / str(file_id)


def content_of(file_id: int) -> Path:
    """Where an incoming file lies until it is kept."""
    return folder_of(file_id) / "content"


def open_content(file_id: int) -> BinaryIO:
    """The bytes of an incoming file. Raises FileNotFoundError, BrokenSeal (an OSError)."""
    return sealed_files.open_file(content_of(file_id), _context(file_id))


def plain(file_id: int) -> AbstractContextManager[Path]:
    """The bytes as a path, for programs that want one, as long as the block lasts. Raises as `open_content`."""
    return sealed_files.plain(content_of(file_id), _context(file_id))


def put(file_id: int, content: bytes | Path) -> int:
    """Put a whole file in quarantine in one step; returns its size in bytes."""
    sealed_files.write(content_of(file_id), content, _context(file_id))
    return content.stat().st_size if isinstance(content, Path) else len(content)


def write_at(file_id: int, offset: int, data: bytes) -> int:
    """Write a piece of a file that comes in pieces; whatever stood behind `offset` is written anew.

    Returns the size now. Raises FileNotFoundError when an earlier piece is missing.
    """
    size = 0
    for place, start in _pieces(file_id):
        if start >= offset:
            place.unlink()
        elif start == size:
            size += sealed_files.size_of(place, _context(file_id, start))
            if size > offset:
                kept = sealed_files.read(place, _context(file_id, start))[: offset - start]
                _write_piece(file_id, start, kept)
                size = offset
    if size < offset:
        raise FileNotFoundError(content_of(file_id))
    _write_piece(file_id, offset, data)
    return offset + len(data)


def join(file_id: int) -> None:
    """Make one file of the pieces, when the last one is there; done already, nothing happens."""
    pieces = _pieces(file_id)
    if not pieces:
        return
    if not content_of(file_id).exists():
        sealed_files.write(content_of(file_id), _joined(file_id, pieces), _context(file_id))
    for place, _ in pieces:
        place.unlink()


def release(file_id: int) -> None:
    """Clear the place of a file that has been kept."""
    shutil.rmtree(folder_of(file_id), ignore_errors=True)


def withhold(file_id: int) -> None:
    """Move a file marked secret out of everybody's reach; done already, nothing happens."""
    join(file_id)
    place = archive_home() / "withheld" / str(file_id)
    content = content_of(file_id)
    if content.exists():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        content.chmod(0)
        content.replace(place)
    release(file_id)


def every() -> Iterator[Stored]:
    """Contents and pieces, for `common.sealed_places`."""
    return on_disk(sorted((archive_home() / "quarantine").glob("*/*")), _context_at)


def leftovers(older_than: float) -> list[int]:
    """Ids in quarantine whose folders nobody has touched for so many seconds."""
    place = archive_home() / "quarantine"
    folders = place.iterdir() if place.is_dir() else []
    return sorted(int(each.name) for each in folders if each.name.isdecimal() and age_of(each) >= older_than)


def age_of(place: Path) -> float:
    """Seconds since something was put into a folder or taken out."""
    return time.time() - place.stat().st_mtime


def _pieces(file_id: int) -> list[tuple[Path, int]]:
    """The pieces with where they begin, in their order."""
    found = [place for place in folder_of(file_id).glob(f"{_PIECE}*") if place.name.removeprefix(_PIECE).isdecimal()]
    return sorted(((place, int(place.name.removeprefix(_PIECE))) for place in found), key=lambda each: each[1])


def _write_piece(file_id: int, start: int, data: bytes) -> None:
    sealed_files.write(folder_of(file_id) / f"{_PIECE}{start:015}", data, _context(file_id, start))


def _joined(file_id: int, pieces: list[tuple[Path, int]]) -> Iterator[bytes]:
    for place, start in pieces:
        with sealed_files.open_file(place, _context(file_id, start)) as stream:
            yield from pieces_from(stream)


def _context_at(place: Path) -> str:
    start = int(place.name.removeprefix(_PIECE)) if place.name.startswith(_PIECE) else None
    return _context(int(place.parent.name), start)


def _context(file_id: int, start: int | None = None) -> str:
    return f"archive-quarantine|{file_id}" + ("" if start is None else f"|{start}")
