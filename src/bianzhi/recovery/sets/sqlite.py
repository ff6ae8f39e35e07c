"""SQLite: the backup API in one step, which in WAL mode neither waits for writers nor keeps them waiting."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.utils import timezone

from bianzhi.recovery.sets.facts import Facts
from bianzhi.recovery.sets.refusing import Damaged, NoRoom, refusal


def copy(source: Path, place: Path) -> Facts:
    """Copy a live database into one file of its own. Raises Refused when there is none, Damaged when it is."""
    if not source.exists():
        raise refusal("BK06", f"没有数据库文件 {source}", "请先启动一次，或检查 BIANZHI_HOME。")
    place.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=60)) as live,
        closing(sqlite3.connect(place)) as copied,
    ):
        # One step: a copy in several steps starts anew whenever another process writes in between.
        live.backup(copied, pages=-1)
        made_at = timezone.localtime().isoformat(timespec="seconds")
        copied.execute("PRAGMA journal_mode=DELETE")
    place.chmod(0o600)
    return read(place, made_at)


def require_space(source: Path, folder: Path, *, times: int = 1) -> None:
    """Raises NoRoom where the disk of a folder does not take so many copies of the database."""
    needed, free = times * source.stat().st_size, shutil.disk_usage(folder).free
    if free < needed:
        told = f"数据盘剩余 {free // 2**20} MB，放数据库副本需要约 {needed // 2**20} MB，没有改动"
        raise NoRoom(told, "请清理或扩容后重试。")


def read(place: Path, made_at: str = "") -> Facts:
    """What a database file holds, once it is proved sound. Raises Damaged."""
    try:
        with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as copied:
            found = copied.execute("PRAGMA integrity_check").fetchone()[0]
            if found != "ok":
                raise Damaged("database", f"不完好：{found}")
            return Facts(made_at, sqlite3.sqlite_version, _tables(copied), _audit(copied), _migrations(copied))
    except sqlite3.DatabaseError as error:
        raise Damaged("database", f"不是完好的 SQLite 数据库（{error}）") from error


def _tables(copied: sqlite3.Connection) -> dict[str, int]:
    names = copied.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return {name: _count(copied, name) for (name,) in names.fetchall()}


def _count(copied: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    return int(copied.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608 - a name of its own schema


def _audit(copied: sqlite3.Connection) -> tuple[int, str]:
    found = copied.execute("SELECT seq, hash FROM audit_auditentry ORDER BY seq DESC LIMIT 1").fetchone()
    return (int(found[0]), str(found[1])) if found else (0, "")


def _migrations(copied: sqlite3.Connection) -> list[str]:
    return [f"{app}.{name}" for app, name in copied.execute("SELECT app, name FROM django_migrations ORDER BY id")]
