"""Harmful files where nobody can open them by accident, under BIANZHI_HOME/quarantine:

    <moment>-<digest>/note.json    one for each refusal: when, why, from which account
    content/<sha256>               what was refused, once however often it comes

The content lies sealed where files are encrypted. The note never tells the name the file came under: names hold those
of people.
"""

import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
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
MOST: Final = 2 * 2**30
"""All contents together; beyond it the oldest are given up, and their notes stay."""
_NAMED: Final = 16


@dataclass(frozen=True, slots=True)
class Isolated:
    """One file that was refused as harmful; `account` is None where no account sent it."""

    at: datetime
    sha256: str
    size: int
    suffix: str
    reason: str
    account: int | None = None


def folder() -> Path:
    """Where they lie."""
    return Path(settings.HOME) / "quarantine"


def isolate(path: Path, name: str, reason: str, *, account: int | None) -> Isolated:
    """Put a harmful file aside with a note; that this cannot be done changes nothing of its refusal."""
    suffix = PurePosixPath(name).suffix.lower()[:12]
    file = Isolated(clock.now(), sha256_of(path), path.stat().st_size, suffix, reason, account)
    try:
        _write_note(file)
        if file.size <= LARGEST:
            _keep(path, file.sha256)
    except (OSError, KeysUnreadable):
        log.exception("a harmful file could not be put into quarantine")
    return file


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
    """Remove notes of long ago, and contents no note speaks of any more; returns how many notes."""
    before = f"{clock.now() - timedelta(days=KEPT_DAYS):%Y%m%d%H%M%S%f}"
    notes = list(folder().glob("*-*"))
    old = [each for each in notes if each.name < before]
    for each in old:
        shutil.rmtree(each, ignore_errors=True)
    spoken_of = {each.name.partition("-")[2] for each in notes if each.name >= before}
    for each in _contents().glob("*"):
        if each.name[:_NAMED] not in spoken_of:
            each.unlink(missing_ok=True)
    return len(old)


def _contents() -> Path:
    return folder() / "content"


def _write_note(file: Isolated) -> None:
    place = folder() / f"{file.at:%Y%m%d%H%M%S%f}-{file.sha256[:_NAMED]}"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = place / f"note.{os.getpid()}"
    fresh.write_text(json.dumps({**asdict(file), "at": file.at.isoformat()}, ensure_ascii=False), "utf-8")
    fresh.replace(place / "note.json")


def _keep(path: Path, digest: str) -> None:
    place = _contents() / digest
    if not place.exists():
        sealed_files.write(place, path, f"quarantine|{digest}")
        place.chmod(0)
        _give_up_oldest()


def _give_up_oldest() -> None:
    found: list[tuple[float, int, Path]] = []
    for place in _contents().glob("*"):
        with suppress(FileNotFoundError):  # another process gives up the same
            told = place.stat()
            found.append((told.st_mtime, told.st_size, place))
    total = sum(size for _, size, _ in found)
    for _, size, place in sorted(found):
        if total <= MOST:
            return
        place.unlink(missing_ok=True)
        total -= size
