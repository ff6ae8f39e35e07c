"""The drill: the newest backup restored into a place of its own, proved there, and taken away again.

The keys come from the platform itself, as somebody who restores after a fire would put them back.
"""

import logging
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import dj_database_url
import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg import sql

from bianzhi.common.file_locks import Taken, locked
from bianzhi.kernel.objections import Refused
from bianzhi.recovery.services.noting import DrillFacts
from bianzhi.recovery.sets import postgresql
from bianzhi.recovery.sets.folders import KeptSet, sets_in
from bianzhi.recovery.sets.making import Progress, quiet
from bianzhi.recovery.sets.refusing import refusal
from bianzhi.recovery.sets.restoring import Order, Outcome, restore
from bianzhi.recovery.sets.sealing import BackupKey

log = logging.getLogger(__name__)

PREFIX: Final = "bianzhi_drill_"
NOTE: Final = "database"
LOCK: Final = ".drill.lock"


def drill(folder: Path, *, key: BackupKey | None = None, progress: Progress = quiet) -> DrillFacts:
    """Restore the newest set of the folder and tell how it went; a failure is a report, not an exception.

    Raises Refused while another drill is at work: that says nothing of the backup.
    """
    with _alone():
        return _report(folder, key, progress)


def _report(folder: Path, key: BackupKey | None, progress: Progress) -> DrillFacts:
    begun_at = timezone.now()
    try:
        newest = _newest(folder)
        with ExitStack() as stack:
            place = stack.enter_context(_place())
            url = stack.enter_context(_database(place))
            outcome = restore(Order(newest.path, place / "home", url, key, keys=Path(settings.HOME)), progress)
    except Refused as refused:
        return DrillFacts(begun_at, problems=[str(refused)])
    except (OSError, sqlite3.Error, psycopg.Error) as error:
        log.exception("the drill was broken off")
        return DrillFacts(begun_at, problems=[f"演练中断，没有做完：{error}"])
    return DrillFacts(
        begun_at,
        outcome.label,
        outcome.age_minutes,
        round(outcome.total_seconds),
        _steps(outcome),
        outcome.findings,
    )


def _newest(folder: Path) -> KeptSet:
    try:
        found = sets_in(folder)
    except OSError as error:
        raise refusal("BK11", f"备份目录 {folder} 读不到（{error.strerror}）", "请插上备份盘或检查挂载。") from error
    if not found:
        raise refusal("BK20", f"备份目录 {folder} 里没有备份", "请先做一次备份。")
    return found[0]


def _steps(outcome: Outcome) -> list[tuple[str, str]]:
    label = outcome.label
    told = [(name, f"{seconds:.1f} 秒") for name, seconds in outcome.seconds.items()]
    rows = sum(label.tables.values())
    return [
        *told,
        ("数据库", f"{len(label.tables)} 张表、{rows:,} 行，逐表行数一致"),
        ("文件", f"{label.files:,} 个，摘要一致"),
    ]


@contextmanager
def _alone() -> Iterator[None]:
    root = Path(settings.HOME) / "recovery"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as held:
        try:
            held.enter_context(locked(root / LOCK))
        except Taken as taken:
            raise refusal("BK23", "已有恢复演练在进行，没有另做一次", "请等它结束。") from taken
        yield


@contextmanager
def _place() -> Iterator[Path]:
    """A folder of its own in the home; what a killed drill left is cleared away."""
    root = Path(settings.HOME) / "recovery"
    for left in root.glob("drill-*"):
        _drop(left)
        shutil.rmtree(left)
    place = root / f"drill-{os.getpid()}"
    place.mkdir(mode=0o700, parents=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _database(place: Path) -> Iterator[str]:
    """The address of an empty database of its own; "" on SQLite, where the file lies in the place."""
    if connection.vendor != "postgresql":
        yield ""
        return
    name = PREFIX + secrets.token_hex(6)
    (place / NOTE).write_text(name, encoding="utf-8")
    _on_server(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
    try:
        yield postgresql.url_of(_server(), name)
    finally:
        _drop(place)


def _drop(place: Path) -> None:
    """Drop the database a drill has noted as its own."""
    noted = place / NOTE
    if not noted.exists():
        return
    name = noted.read_text(encoding="utf-8")
    if name.startswith(PREFIX):
        _on_server(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    noted.unlink()


def _server() -> dict[str, Any]:
    """Where drills may make databases."""
    if settings.DRILL_DATABASE_URL:
        return dict(dj_database_url.parse(settings.DRILL_DATABASE_URL))
    return dict(connection.settings_dict)


def _on_server(statement: sql.Composed) -> None:
    with postgresql.Target.of(_server()).connect() as held:
        held.autocommit = True
        try:
            held.execute(statement)
        except psycopg.errors.InsufficientPrivilege as error:
            ask = "请由数据库管理员授予 CREATEDB，或用 BIANZHI_DRILL_DATABASE_URL 指明演练用的账号。"
            raise refusal("BK21", "数据库账号没有建库权限，演练不能进行", ask) from error
