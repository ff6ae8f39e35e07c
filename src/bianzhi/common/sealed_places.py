"""Every place files are kept in: which master keys they rest on, moving them to the current one, proving they open.

Each app registers its places in `AppConfig.ready`, each place names its files with what they are bound to.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final

from bianzhi.common import lasting_files, sealed_files, working_files
from bianzhi.common.field_keys import keyring
from bianzhi.common.integrity import Finding
from bianzhi.kernel.encryption import sealed_stream
from bianzhi.kernel.encryption.ciphers import Forged
from bianzhi.kernel.file_digests import pieces_from

Progress = Callable[[str, int, int], None]
"""Called with the label of a place, files looked at and files moved so far; may raise to stop."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file where it is kept. `name` tells an operator which it is; `open` and `replace` know nothing of sealing."""

    name: str
    context: str
    open: Callable[[], BinaryIO]
    replace: Callable[[Iterable[bytes]], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Files of one kind."""

    label: str
    files: Callable[[], Iterator[Stored]]


@dataclass(frozen=True, slots=True)
class InUse:
    """How many files rest on each master key, by its id; and how many lie plain."""

    by_key: Counter[str]
    plain: int
    broken: int


_places: Final[dict[str, Place]] = {}


def register(label: str, files: Callable[[], Iterator[Stored]]) -> None:
    """Add a place. Raises ValueError when the label is taken."""
    if label in _places:
        raise ValueError(f"place of files registered twice: {label}")
    _places[label] = Place(label, files)


def registered() -> list[Place]:
    """Every place in the order of registration."""
    return list(_places.values())


def on_disk(paths: Iterable[Path], context_of: Callable[[Path], str]) -> Iterator[Stored]:
    """Files of this machine; what is being written, and what disappears meanwhile, is passed over."""
    for path in paths:
        if path.is_file() and not path.name.endswith(".new") and not path.name.startswith("."):
            yield Stored(path.name, context_of(path), partial(_opened, path), _replacing(path))


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


def in_use() -> InUse:
    """What the files of every place rest on."""
    found = InUse(Counter(), 0, 0)
    plain = broken = 0
    for _, stored in _every():
        try:
            with stored.open() as stream:
                if sealed_stream.is_sealed(stream):
                    found.by_key[sealed_stream.read_head(stream).key_id.hex()] += 1
                else:
                    plain += 1
        except FileNotFoundError:
            continue
        except sealed_stream.BrokenSeal:
            broken += 1
    return InUse(found.by_key, plain, broken)


def anything_sealed() -> bool:
    """Whether any file rests on a key at all."""
    for _, stored in _every():
        with stored.open() as stream:
            if sealed_stream.is_sealed(stream):
                return True
    return False


def move(place: Place, progress: Progress) -> int:
    """Move the files of a place to the current master key, and seal those that lie plain where files are encrypted.

    Returns how many. May be stopped anywhere and run again: each file is either as it was or done. Raises BrokenSeal,
    LockedFile for a file that does not open: nothing is moved blindly.
    """
    looked_at = moved = 0
    for stored in place.files():
        try:
            moved += _moved(stored)
        except FileNotFoundError:
            continue  # it was released or disposed of meanwhile
        except Forged as error:
            raise type(error)(f"{place.label} {stored.name}：{error}") from error
        looked_at += 1
        progress(place.label, looked_at, moved)
    return moved


def every_file_opens() -> Iterator[Finding]:
    """The proof that every sealed file is whole at both ends and opens with the keys of this machine.

    What lies between is proved by whoever registered its digest. Plain files that killed processes left are told too.
    """
    for place, stored in _every():
        try:
            with sealed_files.opened(stored.open(), stored.context):
                pass
        except FileNotFoundError:
            continue
        except OSError as error:
            yield Finding(f"{place.label} {stored.name}", f"文件无法打开：{error}")
    for folder in working_files.left_behind():
        yield Finding(f"工作目录 {working_files.FOLDER}/{folder.name}", "中断的程序留下的临时文件，下次启动时自动清除")


def _every() -> Iterator[tuple[Place, Stored]]:
    for place in _places.values():
        for stored in place.files():
            yield place, stored


def _moved(stored: Stored) -> bool:
    keys = keyring()
    with stored.open() as stream:
        if sealed_stream.is_sealed(stream):
            head = sealed_stream.read_head(stream)
            if head.key_id == keys.current:
                return False
            stored.replace(chain([head.rewrapped(keys).encoded], pieces_from(stream)))
            return True
        if not sealed_files.encrypts():
            return False
        stored.replace(sealed_stream.sealed(keys, pieces_from(stream), stored.context))
        return True


def _replacing(path: Path) -> Callable[[Iterable[bytes]], None]:
    def replace(pieces: Iterable[bytes]) -> None:
        """Beside it, with its mode, safe on disk, then in its place: a reader has the old file or the new one."""
        fresh = lasting_files.beside(path)
        try:
            lasting_files.write_apart(fresh, pieces)
            shutil.copymode(path, fresh)
            lasting_files.put_over(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)

    return replace
