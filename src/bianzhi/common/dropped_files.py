"""Files put into a folder that the platform watches: when they are finished, taken safely, moved aside with a word."""

import logging
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Final

from bianzhi.common import sealed_files

log = logging.getLogger(__name__)

QUIET_SECONDS: Final = 30
"""A file nobody has written to for so long is finished."""
SEALED: Final = ".sealed"
REASON: Final = ".原因.txt"
ADDED: Final = len("20261127-213000-999 ") + max(len(SEALED), len(REASON.encode()))
"""Bytes that a name grows by when the file is moved aside."""
LONGEST_ENDING: Final = 16
_UNFINISHED: Final = (".part", ".tmp", ".crdownload", ".filepart", ".partial")


def readable(name: str) -> str:
    """A file's name as people read it: one that came from Windows without being converted is GB18030."""
    return os.fsencode(name).decode("gb18030", "replace") if _is_raw(name) else name


def _is_raw(name: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in name)


def is_finished(path: Path) -> bool:
    """Whether it is a file that was put there whole: no folder, no name of a copy in progress, quiet for a while."""
    name = path.name
    if name.startswith((".", "~$")) or name.lower().endswith(_UNFINISHED):
        return False
    try:
        told = os.lstat(path)
    except OSError:
        return False
    return not path.is_dir() and time.time() - told.st_mtime >= QUIET_SECONDS


def can_be_moved(path: Path, folders: Iterable[str]) -> bool:
    """Whether it can be moved aside to each of these afterwards, as a file of our own; else it would come for ever."""
    tried = path.with_name(f".{secrets.token_hex(8)}")
    try:
        tried.touch(mode=0o600)
        try:
            for place in (path.parent / to / tried.name for to in folders):
                if place.parent.exists() and not place.parent.is_symlink():
                    tried = tried.rename(place)
        finally:
            tried.unlink()
    except OSError as error:
        log.warning("drop folder: nothing is taken from %s, it cannot be moved aside: %s", path.parent, error.strerror)
        return False
    return True


def copied(path: Path, copy: Path, no_file: str) -> str:
    """Copy the file to where nobody else writes; returns why it could not be done, "" when it was.

    A link is not followed, also when it is put in the file's place meanwhile: `no_file` is said then.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        log.warning("drop folder: %s", error.strerror)
        return "文件无法打开。请检查文件的读取权限后重新投放。"
    with os.fdopen(handle, "rb") as stream, copy.open("wb") as target:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return no_file
        shutil.copyfileobj(stream, target)
    return ""


def move_aside(path: Path, to: str, reason: str = "") -> None:
    """Move the file into the folder `to` beside it, under the moment and its name; `reason` is written beside it.

    Where files are encrypted it lies there sealed, with `SEALED` behind its name (`./bianzhi keys open` opens it).
    """
    folder = path.parent / to
    if folder.is_symlink():
        folder.unlink()
    folder.mkdir(exist_ok=True)
    name = _fitting(readable(path.name), os.pathconf(folder, "PC_NAME_MAX") - ADDED)
    moment = time.strftime("%Y%m%d-%H%M%S")
    place = folder / f"{moment} {name}"
    number = 1
    while place.exists() or place.with_name(f"{place.name}{SEALED}").exists():
        number += 1
        place = folder / f"{moment}-{number} {name}"
    if sealed_files.encrypts() and not path.is_symlink() and path.is_file():
        sealed_files.write(place.with_name(f"{place.name}{SEALED}"), path, f"dropped|{place.name}")
        path.unlink()
    else:
        path.rename(place)
    if reason:
        place.with_name(f"{place.name}{REASON}").write_text(f"{reason}\n", encoding="utf-8")


def _fitting(name: str, most: int) -> str:
    """The name, cut before its ending to so many bytes: what is added to a long one would make it no name any more."""
    ending = PurePath(name).suffix
    if len(ending.encode()) > LONGEST_ENDING:
        ending = ""
    stem = name.removesuffix(ending).encode()[: most - len(ending.encode())]
    return stem.decode(errors="ignore") + ending
