"""Files of the hub (deliveries, rosters, difference lists), kept under the SHA-256 of their content."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from bianzhi.common.kept_files import KeptFiles, sha256_of, sm3_of
from bianzhi.common.sealed_places import Stored

_FILES: Final = KeptFiles("exchange", sha256_of)


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept file: its two digests and its size in bytes."""

    sha256: str
    sm3: str
    size: int


def keep(data: bytes | Path) -> Kept:
    """Keep a file and return what it is known by."""
    size = data.stat().st_size if isinstance(data, Path) else len(data)
    return Kept(_FILES.keep(data), sm3_of(data), size)


def read(sha256: str) -> bytes:
    """The content of a kept file.

    Raises FileNotFoundError when somebody removed it from the folder, BrokenSeal (an OSError) when it was altered.
    """
    return _FILES.read(sha256)


def open_file(sha256: str) -> BinaryIO:
    """The content of a kept file, to be read from anywhere. Raises as `read`."""
    return _FILES.open(sha256)


def plain(sha256: str) -> AbstractContextManager[Path]:
    """The content as a path named by the digest, as long as the block lasts. Raises as `read`."""
    return _FILES.plain(sha256)


def exists(sha256: str) -> bool:
    """Whether the file is there."""
    return _FILES.exists(sha256)


def every() -> Iterator[Stored]:
    """All kept files, for `common.sealed_places`."""
    return _FILES.every()


def path_of(sha256: str) -> Path:
    """Where the file with that digest lies, under BIANZHI_HOME: sealed, where files are encrypted."""
    return _FILES.path_of(sha256)
