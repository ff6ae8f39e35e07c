"""What of BIANZHI_HOME belongs into a backup: everything that cannot be made again, and no key."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

LEFT_OUT: Final = {
    "anchors": "how the places of anchors were doing",
    "archive/derivatives": "made again from the originals",
    "cache": "claims and counts of the last minutes",
    "files/exchange/reading": "scratch space",
    "jobs": "progress of running jobs",
    "keys": "keys are never part of a backup",
    "logs": "logs",
    "recovery": "scratch space of backups and drills",
    "search": "built again from the register",
    "secrets": "keys are never part of a backup",
    "work": "plain files of acts that were going on",
    "static": "made again at every start",
}
"""Folders below the home that stay out, and why. A folder nobody has named here is backed up."""

KEY_FOLDERS: Final = frozenset({"keys", "secrets"})
KEY_ENDINGS: Final = (".pem", ".key", ".p12", ".pfx", ".jks")
UNFINISHED: Final = (".new", ".part", ".tmp")
DATABASE: Final = "db.sqlite3"
MARKER: Final = "RESTORE-INCOMPLETE"
HALF_UPGRADED: Final = "UPGRADE-INCOMPLETE"


def files_below(home: Path) -> Iterator[tuple[str, Path]]:
    """(path below the home with slashes, file) of every file that belongs into a backup, in a stable order.

    Links to folders are followed, since a store may lie on another disk; each folder is visited once.
    """
    seen: set[str] = set()
    for folder, names, files in os.walk(home, followlinks=True):
        below = PurePosixPath(Path(folder).relative_to(home).as_posix())
        real = os.path.realpath(folder)
        if real in seen:
            names[:] = []
            continue
        seen.add(real)
        names[:] = sorted(name for name in names if is_kept(str(below / name)))
        for name in sorted(files):
            path = str(below / name)
            if is_kept(path) and Path(folder, name).is_file():
                yield path, Path(folder, name)


def is_kept(path: str) -> bool:
    """Whether a file or folder, named from the home on, belongs into a backup."""
    parts = PurePosixPath(path).parts
    above = {"/".join(parts[: depth + 1]) for depth in range(len(parts))}
    if above & LEFT_OUT.keys() or KEY_FOLDERS & set(parts):
        return False
    name = parts[-1].lower() if parts else ""
    if len(parts) == 1 and (name.startswith(DATABASE) or name in (MARKER.lower(), HALF_UPGRADED.lower())):
        return False
    return not name.endswith((*KEY_ENDINGS, *UNFINISHED)) and not name.startswith(".new-")


def key_names(home: Path) -> list[str]:
    """The keys this home has, by name only: what must be put back beside a restored backup."""
    found = [path for folder in sorted(KEY_FOLDERS) for path in (home / folder).rglob("*") if path.is_file()]
    return sorted(path.relative_to(home).as_posix() for path in found)


def names_of_digest(path: str) -> str:
    """The digest a content-addressed file is named by, "" where its name is none."""
    name = PurePosixPath(path).name
    return name if len(name) == 64 and not set(name) - set("0123456789abcdef") else ""
