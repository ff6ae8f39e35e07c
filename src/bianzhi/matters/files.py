"""The files of cases, kept under the SHA-256 of their content: the same file is kept once, and no name is a path."""

import hashlib
import os
import re
from pathlib import Path
from typing import Final

from django.conf import settings

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class NotADigest(ValueError):
    """What was asked for is no digest; nothing else is ever looked up."""


def keep(data: bytes) -> str:
    """Keep a file and return its SHA-256; a kept one that was damaged since is put right."""
    digest = hashlib.sha256(data).hexdigest()
    place = path_of(digest)
    if not place.exists() or hashlib.sha256(place.read_bytes()).hexdigest() != digest:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = place.with_suffix(f".{os.getpid()}.new")
        fresh.write_bytes(data)
        fresh.chmod(0o600)
        fresh.replace(place)
    return digest


def read(digest: str) -> bytes:
    """The content of a kept file. Raises FileNotFoundError when somebody removed it from the folder, NotADigest."""
    return path_of(digest).read_bytes()


def path_of(digest: str) -> Path:
    """Where the file with that digest lies. Raises NotADigest."""
    if not _DIGEST.fullmatch(digest):
        raise NotADigest(digest)
    return Path(settings.MEDIA_ROOT) / "cases" / digest[:2] / digest
