"""The parts of a set on disk: written encrypted where there is a key, read back as they were, and proved."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from bianzhi.kernel.file_digests import Digester, Digests, digests_of, pieces_of
from bianzhi.recovery.sets.refusing import Damaged
from bianzhi.recovery.sets.sealing import BackupKey, seal, unseal

DATABASE: Final = "database"


def object_name(sha256: str) -> str:
    """Where a set keeps a file."""
    return f"objects/{sha256[:2]}/{sha256}"


def write_part(folder: Path, set_name: str, part: str, pieces: Iterable[bytes], key: BackupKey | None) -> None:
    """Write one part of a set through to the medium."""
    place = folder / part
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        if key is None:
            for piece in pieces:
                stream.write(piece)
        else:
            seal(pieces, stream, key, f"{set_name}/{part}")
        stream.flush()
        os.fsync(stream.fileno())


def read_part(root: Path, set_name: str, part: str, key: BackupKey | None) -> Iterator[bytes]:
    """The pieces of one part. Raises Damaged where it is gone or does not open."""
    place = root / set_name / part
    try:
        if key is None:
            yield from pieces_of(place)
        else:
            with place.open("rb") as stream:
                yield from unseal(stream, key, f"{set_name}/{part}")
    except FileNotFoundError as error:
        raise Damaged(f"{set_name}/{part}", "不见了") from error
    except OSError as error:
        raise Damaged(f"{set_name}/{part}", f"读不出（{error.strerror}）") from error


def proved(pieces: Iterable[bytes], expected: Digests, what: str) -> Iterator[bytes]:
    """The pieces as they come; Damaged at their end when they are not what was signed."""
    digester = Digester()
    for piece in pieces:
        digester.update(piece)
        yield piece
    if digester.result() != expected:
        raise Damaged(what, "与签名的摘要不符：被改动")


def note(digests: Digests) -> dict[str, Any]:
    """Digests as a label keeps them."""
    return {"size": digests.size, "sha256": digests.sha256, "sm3": digests.sm3}


def prove_part(root: Path, set_name: str, part: str, expected: Digests, key: BackupKey | None) -> None:
    """Read a part from end to end. Raises Damaged."""
    digests_of(proved(read_part(root, set_name, part, key), expected, f"{set_name}/{part}"))


def sync(folder: Path) -> None:
    """Bring the names in a folder to the medium."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
