"""Bringing the database up to a newer program, with a copy kept before and put back when any step fails.

    1 what is to be done     the steps of structure this program knows and the database has not taken
    2 copy                   the database of this moment, and a backup set where a folder of backups is configured
    3 change                 `migrate`, in a process of its own
    4 prove                  the platform's own checks, the record and its seals among them
    5 back out               after a failure in 3 or 4: the copy of 2 in the place of what is there

Files are left alone: no step of structure touches them. The platform must stand still meanwhile.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from psycopg import sql

from bianzhi.common.db.ownership import as_owner
from bianzhi.common.jobs import heartbeat
from bianzhi.recovery.sets import postgresql, sqlite
from bianzhi.recovery.sets.making import make
from bianzhi.recovery.sets.refusing import refusal
from bianzhi.recovery.sets.sealing import read_key
from bianzhi.recovery.sets.verifying import verify

SHOWN: Final = 1500
LEAST_FREE: Final = 3
"""So many times the database must fit on the disk: the copy, and room for the change."""

Say = Callable[[str], None]


class BackedOut(Exception):
    """The upgrade failed and the database is what it was; the message says in Chinese what failed."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a database lacks of this program's structure, and whether it holds anything yet."""

    steps: list[str] = field(default_factory=list)
    is_empty: bool = False


def waiting() -> Waiting:
    """The steps to be done. Raises Refused for a database that is newer than this program."""
    loader = MigrationLoader(connection)
    applied, known = set(loader.applied_migrations), set(loader.disk_migrations)
    apps = {app for app, _ in known}
    strange = sorted(f"{app}.{name}" for app, name in applied - known if app in apps)
    if strange:
        ask = "请换用最近使用的版本或更新的版本。"
        raise refusal("UP01", f"数据库结构比本程序新（{strange[0]} 等 {len(strange)} 步），没有改动", ask)
    missing = sorted(f"{app}.{name}" for app, name in known - applied)
    return Waiting(missing, is_empty=not applied)


def upgrade(*, say: Say, prove: bool = True) -> Path:
    """Do it; returns where the copy made before lies. Raises Refused before anything is changed, BackedOut after."""
    _require_standstill()
    place = _make_copy(say)
    _make_backup(say)
    try:
        say("正在升级数据库结构……")
        _run(["migrate", "--verbosity", "0"], what="数据库结构升级失败")
        if prove:
            say("正在核对升级后的数据和审计链……")
            _run(["check"], what="升级后的核对没有通过")
    except BackedOut as failed:
        say("没有成功，正在退回升级前的数据库……")
        try:
            put_back(place)
        except (OSError, sqlite3.Error, psycopg.Error, RuntimeError) as error:
            ask = f"升级前的完整副本在 {place}，请勿删除，请联系技术支持。"
            raise refusal("UP05", f"{failed}\n退回也没有完成（{error}）。请不要启动平台", ask) from error
        raise
    return place


def _require_standstill() -> None:
    if heartbeat.is_working():
        ask = "请先停止平台（Ctrl-C，或 systemctl stop bianzhi.target）。"
        raise refusal("UP02", "后台任务进程还在运行，没有改动", ask)


# --- the copy ------------------------------------------------------------------------------------------------------


def _make_copy(say: Say) -> Path:
    """The database of this moment in a folder of its own; older copies are taken away once it is there."""
    say("正在备份升级前的数据库……")
    root = Path(settings.HOME) / "recovery"
    folder = root / f"before-upgrade-{datetime.now(timezone.get_current_timezone()):%Y%m%dT%H%M%S}"
    folder.mkdir(mode=0o700, parents=True)
    place = folder / "database"
    if connection.vendor == "sqlite":
        source = Path(connection.settings_dict["NAME"])
        if shutil.disk_usage(folder).free < LEAST_FREE * source.stat().st_size:
            ask = f"需要 {LEAST_FREE * source.stat().st_size // 2**20} MB，请清理或扩容后重试。"
            raise refusal("UP03", "磁盘空间不够放升级前的副本，没有改动", ask)
        sqlite.copy(source, place)
    else:
        _dump(place)
    for older in root.glob("before-upgrade-*"):
        if older != folder:
            shutil.rmtree(older)
    return place


def _dump(place: Path) -> None:
    """Everything of the owner's, with the rights others were given in it."""
    with as_owner():
        target = postgresql.Target.of(connection.settings_dict)
        with target.connect() as held:
            program = postgresql.program("pg_dump", held.info.server_version // 10000)
        command = [program, "--format=custom", "--no-owner", f"--file={place}", f"--dbname={target.conninfo}"]
        postgresql.run([*command, "--no-password"], target, what="导出数据库失败")
    place.chmod(0o600)


def _make_backup(say: Say) -> None:
    """A set like every day's where the office has named a folder; a set that is not sound stops the upgrade."""
    if not settings.BACKUP_DIR:
        say("没有设置 BIANZHI_BACKUP_DIR：只保留数据库副本，不另做整套备份。")
        return
    say("正在做一份整套备份……")
    key = read_key(Path(settings.BACKUP_KEY_FILE)) if settings.BACKUP_KEY_FILE else None
    path, _ = make(Path(settings.BACKUP_DIR), incremental=True, key=key)
    verified = verify(path, key=key)
    if verified.problems:
        raise refusal("UP04", f"备份 {path.name} 核验不通过（{verified.problems[0]}），没有升级", "请检查备份盘。")
    say(f"整套备份：{path}")


# --- the change ----------------------------------------------------------------------------------------------------


def _run(words: list[str], *, what: str) -> None:
    """A management command in a process of its own. Raises BackedOut with the end of what it said."""
    connection.close()
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "bianzhi", *words]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackedOut(f"{what}：\n{(done.stdout + done.stderr).strip()[-SHOWN:]}")


# --- backing out ---------------------------------------------------------------------------------------------------


def put_back(place: Path) -> None:
    """The copy in the place of the database. Raises OSError, sqlite3.Error, psycopg.Error, Refused."""
    connection.close()
    if connection.vendor == "sqlite":
        _put_back_file(place, Path(connection.settings_dict["NAME"]))
    else:
        with as_owner():
            _put_back_archive(place, postgresql.Target.of(connection.settings_dict))
    connection.close()


def _put_back_file(place: Path, database: Path) -> None:
    """SQLite's own copying, in one transaction of the database: killed half-way, it is done or not begun."""
    with (
        closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as copied,
        closing(sqlite3.connect(database, timeout=60)) as live,
    ):
        copied.backup(live, pages=-1)
        live.execute("PRAGMA journal_mode=WAL")
        live.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _put_back_archive(place: Path, target: postgresql.Target) -> None:
    with target.connect() as held:
        server = held.info.server_version // 10000
        _clear(held)
    command = [postgresql.program("pg_restore", server), "--single-transaction", "--exit-on-error", "--no-owner"]
    command += [f"--dbname={target.conninfo}", "--no-password", str(place)]
    postgresql.run(command, target, what="装回数据库失败")


def _clear(held: psycopg.Connection[Any]) -> None:
    """Take away every table, view, sequence and function of the schema, in one transaction."""
    ours = (
        "SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'"
        " ELSE 'TABLE' END, c.relname FROM pg_class c"
        " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('e', 'i', 'a')"
        " AND c.relkind = 'S')"
    )
    functions = (
        "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )
    for kind, name in held.execute(ours).fetchall():
        held.execute(sql.SQL("DROP {} IF EXISTS {} CASCADE").format(sql.SQL(kind), sql.Identifier(name)))
    for (signature,) in held.execute(functions).fetchall():
        held.execute(sql.SQL("DROP FUNCTION IF EXISTS {} CASCADE").format(sql.SQL(signature)))
    held.commit()
