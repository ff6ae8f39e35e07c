"""Uploaded and annotated files, kept under the SM3 digest of their content: the same file is kept once."""

import os
from pathlib import Path

from django.conf import settings

from bianzhi.kernel.digests import sm3_hex


def keep(data: bytes) -> str:
    """Keep a file and return its digest."""
    digest = sm3_hex(data)
    place = path_of(digest)
    if not place.exists():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = place.with_suffix(f".{os.getpid()}.new")
        fresh.write_bytes(data)
        fresh.chmod(0o600)
        fresh.replace(place)
    return digest


def read(digest: str) -> bytes:
    """The content of a kept file. Raises FileNotFoundError when somebody removed it from the folder."""
    return path_of(digest).read_bytes()


def path_of(digest: str) -> Path:
    """Where the file with that digest lies, under BIANZHI_HOME."""
    return Path(settings.HOME) / "files" / "imports" / digest[:2] / digest
