"""Files at rest: sealed on their way to the disk where BIANZHI_ENCRYPT_FILES says so, opened on their way back.

Whoever keeps a file says what it is (`context`: kind and name); a sealed file opens nowhere else. What is read is
always the plain content, and digests are digests of it: whether a file lies sealed or, from earlier, plain is told by
the file itself (`kernel.encryption.sealed_stream`).
"""

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from bianzhi.common import lasting_files, working_files
from bianzhi.common.field_keys import keyring
from bianzhi.kernel.encryption import sealed_stream
from bianzhi.kernel.file_digests import PIECE, Digests, digests_of, pieces_from, pieces_of


def encrypts() -> bool:
    """Whether files are sealed when they are written."""
    return bool(settings.ENCRYPT_FILES)


def stored(pieces: Iterable[bytes], context: str) -> Iterable[bytes]:
    """The content as it is to lie on the disk. Raises KeysUnreadable, CipherUnavailable."""
    return sealed_stream.sealed(keyring(), pieces, context) if encrypts() else pieces


def opened(stream: BinaryIO, context: str | None) -> BinaryIO:
    """The plain content of a file that was opened for reading; closing it closes the file.

    Raises BrokenSeal (an OSError) for one that was altered or is another one, LockedFile where its key is missing.
    """
    try:
        return sealed_stream.opened(keyring(), stream, context) if sealed_stream.is_sealed(stream) else stream
    except BaseException:
        stream.close()
        raise


def open_file(place: Path, context: str | None) -> BinaryIO:
    """The plain content of a file. Raises FileNotFoundError, and as `opened`."""
    return opened(place.open("rb"), context)


def read(place: Path, context: str | None) -> bytes:
    """The whole plain content. Raises as `open_file`."""
    with open_file(place, context) as stream:
        return stream.read()


def size_of(place: Path, context: str | None) -> int:
    """Bytes of the plain content. Raises as `open_file`."""
    with open_file(place, context) as stream:
        return stream.seek(0, os.SEEK_END)


def digests_in(place: Path, context: str | None) -> Digests:
    """The digests of the plain content. Raises as `open_file`."""
    with open_file(place, context) as stream:
        return digests_of(pieces_from(stream))


def write(place: Path, content: bytes | Path | Iterable[bytes], context: str) -> None:
    """Put a file in its place in one step, for its owner alone: nobody ever sees half of it, nor its plain content.

    It is on the disk when this returns: a row that names it may be committed.
    """
    lasting_files.make_folder(place.parent)
    fresh = _apart(place)
    try:
        lasting_files.write_apart(fresh, stored(_pieces(content), context))
        lasting_files.put_over(fresh, place)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


@contextmanager
def plain(place: Path, context: str | None) -> Iterator[Path]:
    """The plain content as a path, for programs that want one: the file itself, or a private copy gone after the block.

    Raises as `open_file`.
    """
    if not is_sealed(place):
        yield place
        return
    with working_files.workspace("plain-") as folder:
        copy = folder / place.name
        with open_file(place, context) as stream, copy.open("wb") as target:
            shutil.copyfileobj(stream, target, PIECE)
        yield copy


def is_sealed(place: Path) -> bool:
    """Whether the file lies sealed. Raises FileNotFoundError."""
    with place.open("rb") as stream:
        return sealed_stream.is_sealed(stream)


def _apart(place: Path) -> Path:
    """Where a file is written before it takes its place: in the working folder, from where a killed process leaves
    nothing; beside its place where that is another disk."""
    folder = working_files.folder()
    if folder.stat().st_dev == place.parent.stat().st_dev:
        return folder / f"{secrets.token_hex(8)}.new"
    return lasting_files.beside(place)


def _pieces(content: bytes | Path | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(content, bytes):
        return [content]
    return pieces_of(content) if isinstance(content, Path) else content
