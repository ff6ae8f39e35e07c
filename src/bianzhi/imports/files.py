"""Uploaded and annotated files, kept under the SM3 digest of their content."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bianzhi.common.kept_files import KeptFiles, sm3_of
from bianzhi.common.sealed_places import Stored

_FILES: Final = KeptFiles("imports", sm3_of)


def keep(data: bytes) -> str:
    """Keep a file and return its digest."""
    return _FILES.keep(data)


def read(digest: str) -> bytes:
    """The content of a kept file.

    Raises FileNotFoundError when somebody removed it from the folder, BrokenSeal (an OSError) when it was altered.
    """
    return _FILES.read(digest)


def every() -> Iterator[Stored]:
    """All kept files, for `common.sealed_places`."""
    return _FILES.every()


def path_of(digest: str) -> Path:
    """Where the file with that digest lies, under BIANZHI_HOME."""
    return _FILES.path_of(digest)
