"""The files of cases, kept under the SHA-256 of their content: the same file is kept once, and no name is a path."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bianzhi.common.kept_files import KeptFiles, sha256_of
from bianzhi.common.sealed_files import write
from bianzhi.common.sealed_places import Stored
from bianzhi.kernel.encryption.sealed_stream import BrokenSeal

_FILES: Final = KeptFiles("cases", sha256_of)


class NotADigest(ValueError):
    """What was asked for is no digest; nothing else is ever looked up."""


def keep(data: bytes) -> str:
    """Keep a file and return its SHA-256; a kept one that was damaged since is put right."""
    digest = _FILES.keep(data)
    if not _is_whole(digest):
        write(path_of(digest), data, _FILES.context_of(digest))
    return digest


def read(digest: str) -> bytes:
    """The content of a kept file.

    Raises FileNotFoundError when somebody removed it from the folder, NotADigest, BrokenSeal (an OSError).
    """
    path_of(digest)
    return _FILES.read(digest)


def every() -> Iterator[Stored]:
    """All kept files, for `common.sealed_places`."""
    return _FILES.every()


def path_of(digest: str) -> Path:
    """Where the file with that digest lies. Raises NotADigest."""
    try:
        return _FILES.path_of(digest)
    except ValueError:
        raise NotADigest(digest) from None


def _is_whole(digest: str) -> bool:
    try:
        return hashlib.sha256(_FILES.read(digest)).hexdigest() == digest
    except BrokenSeal:
        return False
