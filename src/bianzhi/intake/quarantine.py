"""Harmful files where nobody can open them by accident: BIANZHI_HOME/quarantine/<moment>-<digest>/content and note.

The content lies sealed where files are encrypted. The note tells when and why, never the name the file came under:
names hold those of people.
"""

import json
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from django.conf import settings

from bianzhi.common import sealed_files
from bianzhi.common.field_keys import KeysUnreadable
from bianzhi.common.kept_files import sha256_of
from bianzhi.kernel import clock

log = logging.getLogger(__name__)

KEPT_DAYS: Final = 90
LARGEST: Final = 200 * 2**20
"""A larger file is noted, not kept: a quarantine that fills the disk would be an attack of its own."""


@dataclass(frozen=True, slots=True)
class Isolated:
    """One file that was refused as harmful."""

    at: datetime
    sha256: str
    size: int
    suffix: str
    reason: str


def folder() -> Path:
    """Where they lie."""
    return Path(settings.HOME) / "quarantine"


def isolate(path: Path, name: str, reason: str) -> None:
    """Put a harmful file aside with a note; that this cannot be done changes nothing of its refusal."""
    moment = clock.now()
    digest = sha256_of(path)
    size = path.stat().st_size
    place = folder() / f"{moment:%Y%m%d%H%M%S%f}-{digest[:16]}"
    note = Isolated(moment, digest, size, PurePosixPath(name).suffix.lower()[:12], reason)
    told = {**asdict(note), "at": moment.isoformat()}
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if size <= LARGEST:
            sealed_files.write(place / "content", path, f"quarantine|{digest}")
            (place / "content").chmod(0)
        fresh = place / f"note.{os.getpid()}"
        fresh.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        fresh.replace(place / "note.json")
    except (OSError, KeysUnreadable):
        log.exception("a harmful file could not be put into quarantine")


def isolated(since: datetime) -> Iterator[Isolated]:
    """What was put aside since a moment, oldest first."""
    for note in sorted(folder().glob("*/note.json")):
        try:
            told = json.loads(note.read_text("utf-8"))
            found = Isolated(**{**told, "at": datetime.fromisoformat(told["at"])})
        except (OSError, ValueError, TypeError, KeyError):
            log.warning("quarantine: %s cannot be read", note.parent.name)
            continue
        if found.at >= since:
            yield found


def sweep() -> int:
    """Remove what was put aside long ago; returns how many files."""
    before = f"{clock.now() - timedelta(days=KEPT_DAYS):%Y%m%d%H%M%S%f}"
    old = [each for each in folder().glob("*-*") if each.name < before]
    for each in old:
        shutil.rmtree(each, ignore_errors=True)
    return len(old)
