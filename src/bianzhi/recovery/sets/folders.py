"""The folder of backups: which sets it holds, who works in it, what was left half-done."""

import shutil
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bianzhi.common.file_locks import Taken, locked
from bianzhi.kernel.objections import Refused
from bianzhi.recovery.sets import label as labels
from bianzhi.recovery.sets import listing, states
from bianzhi.recovery.sets.label import Label, digests_in
from bianzhi.recovery.sets.listing import Line
from bianzhi.recovery.sets.parts import proved, read_part
from bianzhi.recovery.sets.refusing import refusal
from bianzhi.recovery.sets.sealing import BackupKey
from bianzhi.recovery.sets.states import State

PARTIAL: Final = ".partial"
REMOVING: Final = ".removing"
LOCK: Final = ".lock"


@dataclass(frozen=True, slots=True)
class KeptSet:
    """A set in the folder; `label` is None, and `problem` says why, where it cannot be trusted."""

    path: Path
    label: Label | None
    problem: str
    state: State

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.path.name

    @property
    def is_sound(self) -> bool:
        """Whether the label is genuine and nobody has found the set damaged."""
        return self.label is not None and (not self.state.checked_at or self.state.is_good)


def sets_in(folder: Path, *, trusted: Collection[str] = ()) -> list[KeptSet]:
    """Every finished set, newest first. Raises OSError where the folder cannot be read."""
    found = [path for path in folder.iterdir() if path.is_dir() and (path / labels.FILE).exists()]
    finished = [path for path in found if not path.name.endswith((PARTIAL, REMOVING))]
    return [_kept(path, trusted) for path in sorted(finished, key=lambda path: path.name, reverse=True)]


def _kept(path: Path, trusted: Collection[str]) -> KeptSet:
    try:
        return KeptSet(path, labels.read(path, trusted=trusted), "", states.read(path))
    except Refused as refused:
        return KeptSet(path, None, str(refused), states.read(path))


def lines_of(path: Path, label: Label, key: BackupKey | None) -> list[Line]:
    """The list of a set, proved. Raises Damaged."""
    what = f"{label.name}/{listing.NAME}"
    pieces = proved(read_part(path.parent, label.name, listing.NAME, key), digests_in(label.listing), what)
    return listing.from_bytes(b"".join(pieces), label.name)


def require_key(label: Label, key: BackupKey | None) -> BackupKey | None:
    """The key this set asks for, None for a set in clear. Raises Refused."""
    if not label.encrypted_with:
        return None
    if key is None:
        ask = "请用 BIANZHI_BACKUP_KEY_FILE 指明密钥文件。"
        raise refusal("BK02", f"备份 {label.name} 是加密的（密钥 {label.encrypted_with}），没有给出密钥", ask)
    if key.name != label.encrypted_with:
        ask = "请换用做备份时的密钥文件。"
        raise refusal("BK02", f"备份 {label.name} 用密钥 {label.encrypted_with} 加密，所给的是 {key.name}", ask)
    return key


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Nobody else makes or removes backups here meanwhile; what was left half-done is cleared away, before and after.

    Raises Refused while somebody else is at it, or where the folder cannot be used.
    """
    with ExitStack() as held:
        try:
            held.enter_context(locked(folder / LOCK))
        except Taken as taken:
            raise refusal("BK12", f"备份目录 {folder} 正在被另一个备份使用", "请等它结束。") from taken
        except OSError as error:
            ask = "请插上备份盘或检查挂载；平台不会自动建立备份目录。"
            raise refusal("BK11", f"备份目录 {folder} 不能使用（{error.strerror}）", ask) from error
        _clear(folder)
        try:
            yield
        finally:
            with suppress(OSError):
                _clear(folder)


def _clear(folder: Path) -> None:
    for left in folder.iterdir():
        if left.is_dir() and left.name.endswith((PARTIAL, REMOVING)):
            shutil.rmtree(left)


def remove(path: Path) -> None:
    """Take a set away: out of sight in one step, then gone. Call inside `working_in`."""
    aside = path.with_name(path.name + REMOVING)
    path.rename(aside)
    states.forget(path)
    shutil.rmtree(aside)
