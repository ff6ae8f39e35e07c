"""Making a set: the database first, whole and of one moment; then every file; the label last.

Files are written before the row that names them and never change, so whatever the database speaks of is there when
the files are copied. A set under construction carries another name; only a finished one is ever seen.
"""

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings

from bianzhi import __version__
from bianzhi.common import sealed_files
from bianzhi.common.file_locks import Taken, locked
from bianzhi.kernel.encryption.sealed_stream import BrokenSeal, LockedFile
from bianzhi.kernel.file_digests import Digests, digests_of, pieces_of
from bianzhi.recovery.sets import configuration, databases, homes, listing
from bianzhi.recovery.sets import label as labels
from bianzhi.recovery.sets.databases import Copied
from bianzhi.recovery.sets.folders import PARTIAL, KeptSet, lines_of, sets_in, working_in
from bianzhi.recovery.sets.label import Label
from bianzhi.recovery.sets.listing import Line
from bianzhi.recovery.sets.parts import DATABASE, note, object_name, proved, sync, write_part
from bianzhi.recovery.sets.refusing import Damaged, NoRoom, refusal
from bianzhi.recovery.sets.sealing import BackupKey

Progress = Callable[[int, int, str], None]
TOLD: Final = 50
LOCK: Final = ".backup.lock"
ROOM: Final = "请换一块盘，或清理旧备份：./bianzhi backup prune 目录 --keep 日,周,月。"


def quiet(done: int, total: int, message: str) -> None:
    """Progress nobody watches."""


@dataclass(slots=True)
class _Work:
    """A set under construction."""

    folder: Path
    name: str
    key: BackupKey | None
    known: dict[str, str]
    lines: list[Line] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    new_files: int = 0
    new_bytes: int = 0


def make(
    folder: Path, *, incremental: bool = False, key: BackupKey | None = None, progress: Progress = quiet
) -> tuple[Path, Label]:
    """Make a set in `folder`; returns where it is and its label. Raises Refused.

    An incremental one holds only files no earlier sound set of the folder holds; without such a set it becomes full.
    """
    home = Path(settings.HOME)
    _refuse_inside(folder, home)
    begun = time.monotonic()
    with working_in(folder), _scratch(home) as scratch, _full_disk_told(folder):
        copied = databases.copy_to(scratch / DATABASE, said=lambda text: progress(0, 1, text))
        known = _known(folder, key) if incremental else {}
        kind = "incremental" if known else "full"
        name = _free_name(folder, copied.made_at, kind)
        work = _Work(folder / f"{name}{PARTIAL}", name, key, known)
        _require_space(folder, scratch / DATABASE, home if not known else None)
        work.folder.mkdir(mode=0o700)
        database = _keep_database(work, scratch / DATABASE)
        _keep_files(work, home, scratch, progress)
        content = b"".join(listing.as_pieces(work.lines))
        write_part(work.folder, name, listing.NAME, [content], key)
        label = _label(work, copied, kind, database, digests_of([content]), home, time.monotonic() - begun)
        labels.write(label, work.folder)
        return _finish(work), label


def _refuse_inside(folder: Path, home: Path) -> None:
    if folder.resolve() == home.resolve() or home.resolve() in folder.resolve().parents:
        ask = "请指定另一块盘上的目录。"
        raise refusal("BK13", f"备份目录 {folder} 在数据目录 {home} 之内", ask)


@contextmanager
def _scratch(home: Path) -> Iterator[Path]:
    """A folder on the disk of the database for its copy in clear: it must not lie in clear on the backup medium."""
    root = home / "recovery"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(root)
    with locked(root / LOCK, shared=True, wait=True):
        place = root / f"backup-{os.getpid()}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _sweep(root: Path) -> None:
    """Clear away what killed backups left, unless another one, into another folder, is at work just now."""
    try:
        with locked(root / LOCK) as is_known:
            for left in root.glob("backup-*") if is_known else ():
                shutil.rmtree(left)
    except Taken:
        return


@contextmanager
def _full_disk_told(folder: Path) -> Iterator[None]:
    """A disk that fills up meanwhile is refused in words, as one that was too small before."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise NoRoom(f"备份到 {folder} 时磁盘写满，没有留下半份备份", ROOM) from error


def _known(folder: Path, key: BackupKey | None) -> dict[str, str]:
    """SHA-256 of every file an earlier sound set of the same secrecy holds, and that set's name."""
    wanted = key.name if key else ""
    found: dict[str, str] = {}
    for kept in reversed(sets_in(folder)):
        if kept.is_sound and kept.label is not None and kept.label.encrypted_with == wanted:
            found |= _held(kept, kept.label, key)
    return found


def _held(kept: KeptSet, label: Label, key: BackupKey | None) -> dict[str, str]:
    try:
        lines = lines_of(kept.path, label, key)
    except Damaged:
        return {}
    return {line.sha256: kept.name for line in lines if line.held_in == kept.name and _is_there(kept.path, line, key)}


def _is_there(path: Path, line: Line, key: BackupKey | None) -> bool:
    """Whether the file lies in its set, in clear with its size; its content is proved by `verify`."""
    place = path / object_name(line.sha256)
    return place.is_file() and (place.stat().st_size == line.size if key is None else place.stat().st_size > 0)


def _free_name(folder: Path, made_at: str, kind: str) -> str:
    """A name of its own, by which sets sort in the order they were made."""
    moment = datetime.fromisoformat(made_at)
    while any(folder.glob(f"{moment:%Y%m%dT%H%M%S}-*")):
        moment += timedelta(seconds=1)
    return f"{moment:%Y%m%dT%H%M%S}-{kind}"


def _require_space(folder: Path, database: Path, home: Path | None) -> None:
    needed = database.stat().st_size
    if home is not None:
        needed += sum(path.stat().st_size for _, path in homes.files_below(home) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoom(f"备份目录剩余 {free // 2**20} MB，本次需要约 {needed // 2**20} MB", ROOM)


def _keep_database(work: _Work, place: Path) -> Digests:
    digests = digests_of(place)
    write_part(work.folder, work.name, DATABASE, proved(pieces_of(place), digests, DATABASE), work.key)
    return digests


def _keep_files(work: _Work, home: Path, scratch: Path, progress: Progress) -> None:
    waiting = list(homes.files_below(home))
    for number, (path, file) in enumerate(waiting):
        progress(number, len(waiting), f"正在备份文件 {number}/{len(waiting)}")
        try:
            _keep_file(work, path, file, scratch)
        except FileNotFoundError:
            continue  # it was removed after the list was made: scratch, or disposed of by appraisal
    progress(len(waiting), len(waiting), "正在写清单")


def _keep_file(work: _Work, path: str, file: Path, scratch: Path) -> None:
    digests = digests_of(file)
    named = homes.names_of_digest(path)
    if named and not _is_named_right(named, file, digests):
        work.damaged.append(path)
    if digests.sha256 not in work.known:
        try:
            _hold(work, file, digests)
        except Damaged:  # it grew while it was read: take a copy that keeps still
            shutil.copyfile(file, scratch / "moving")
            digests = digests_of(scratch / "moving")
            _hold(work, scratch / "moving", digests)
    line = Line(path, digests.size, digests.sha256, digests.sm3, work.known[digests.sha256])
    work.lines.append(line)


def _is_named_right(named: str, file: Path, digests: Digests) -> bool:
    """Whether a file is named by its content: by the plain content, where it lies sealed."""
    if sealed_files.is_sealed(file):
        try:
            digests = sealed_files.digests_in(file, None)
        except LockedFile:
            return True  # its key is missing here: that says nothing of the file
        except BrokenSeal:
            return False
    return named in (digests.sha256, digests.sm3)


def _hold(work: _Work, file: Path, digests: Digests) -> None:
    part = object_name(digests.sha256)
    write_part(work.folder, work.name, part, proved(pieces_of(file), digests, part), work.key)
    work.known[digests.sha256] = work.name
    work.new_files += 1
    work.new_bytes += digests.size


def _label(
    work: _Work, copied: Copied, kind: str, database: Digests, lines: Digests, home: Path, seconds: float
) -> Label:
    signed_with, public_key = labels.signer()
    return Label(
        name=work.name,
        made_at=copied.made_at,
        kind=kind,
        needs=sorted({line.held_in for line in work.lines} - {work.name}),
        engine=copied.engine,
        engine_version=copied.engine_version,
        database=note(database),
        listing=note(lines),
        tables=copied.tables,
        audit_seq=copied.audit_seq,
        audit_hash=copied.audit_hash,
        product=__version__,
        migrations=copied.migrations,
        files=len(work.lines),
        size=sum(line.size for line in work.lines),
        new_files=work.new_files,
        new_bytes=work.new_bytes,
        encrypted_with=work.key.name if work.key else "",
        signed_with=signed_with,
        public_key=public_key,
        keys_apart=homes.key_names(home),
        damaged=work.damaged[:TOLD],
        configuration=configuration.configuration(),
        seconds=round(seconds, 1),
    )


def _finish(work: _Work) -> Path:
    """Everything to the medium, then the name under which a set is seen."""
    for folder in {path.parent for path in work.folder.rglob("*")}:
        sync(folder)
    place = work.folder.with_name(work.name)
    work.folder.rename(place)
    sync(place.parent)
    return place
