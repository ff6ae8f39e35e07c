"""Bringing the database up to a newer program, with a copy kept before and put back when any step fails.

    1 what is to be done     the steps of structure this program knows and the database has not taken
    2 copy                   a backup set where a folder of backups is configured, and the database of this moment
    3 change                 `migrate`, in a process of its own
    4 prove                  the platform's own checks, the record and its seals among them
    5 back out               after a failure in 3 or 4: the copy of 2 in the place of what is there

An upgrade that was cut off (a power failure) is taken back before anything else: see `fallback`. Files are left
alone: no step of structure touches them. The platform must stand still meanwhile.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from bianzhi.common import in_use
from bianzhi.common.file_locks import Taken
from bianzhi.common.jobs import heartbeat
from bianzhi.kernel.objections import Refused
from bianzhi.recovery import fallback
from bianzhi.recovery.sets.making import make
from bianzhi.recovery.sets.refusing import refusal
from bianzhi.recovery.sets.sealing import office_key
from bianzhi.recovery.sets.verifying import verify

SHOWN: Final = 1500

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


def take_back(*, say: Say) -> None:
    """Put back the copy of an upgrade that was cut off; nothing where none was. Raises Refused."""
    if not fallback.is_marked():
        return
    with _standing_still(say):
        begun = fallback.cut_off()
        if begun is None:
            return
        say(f"上次升级没有完成，正在退回升级前的数据库（{begun.place}）……")
        _put_back(begun.place, "上次升级没有完成")
        fallback.mark_ended(begun.place)


def upgrade(*, say: Say, prove: bool = True) -> Path:
    """Do it; returns where the copy made before lies. Raises Refused before anything is changed, BackedOut after."""
    with _standing_still(say):
        _make_backup(say)
        say("正在备份升级前的数据库……")
        place = fallback.make_copy()
        fallback.mark_begun(place)
        try:
            _change(say, prove=prove)
        except BackedOut as failed:
            say("没有成功，正在退回升级前的数据库……")
            _put_back(place, str(failed))
            fallback.mark_ended(place)
            raise
        fallback.mark_ended(place)
    return place


def _put_back(place: Path, why: str) -> None:
    try:
        fallback.put_back(place)
    except (OSError, sqlite3.Error, psycopg.Error, RuntimeError, Refused) as error:
        ask = f"升级前的完整副本在 {place}，请勿删除；再次运行 ./bianzhi upgrade 会重试，仍不成功请联系技术支持。"
        raise refusal("UP05", f"{why}\n退回没有完成（{error}），平台不能启动", ask) from error


@contextmanager
def _standing_still(say: Say) -> Iterator[None]:
    """Nothing of the platform runs during the block, nor starts. Raises Refused."""
    ask = "请先停止平台（Ctrl-C，或 systemctl stop bianzhi.target）。"
    if heartbeat.is_working():
        raise refusal("UP02", "后台任务进程还在运行，没有改动", ask)
    with ExitStack() as held:
        try:
            is_known = held.enter_context(in_use.standing_still())
        except Taken as taken:
            raise refusal("UP02", "网页服务、后台任务进程或另一个升级还在运行，没有改动", ask) from taken
        if not is_known:
            say("数据目录所在的文件系统不支持文件锁，看不出网页服务是否已停止：请自行确认。")
        yield


# --- the set -------------------------------------------------------------------------------------------------------


def _make_backup(say: Say) -> None:
    """A set like every day's where the office has named a folder; a set that is not sound stops the upgrade."""
    if not settings.BACKUP_DIR:
        say("没有设置 BIANZHI_BACKUP_DIR：只保留数据库副本，不另做整套备份。")
        return
    say("正在做一份整套备份……")
    key = office_key()
    path, _ = make(Path(settings.BACKUP_DIR), incremental=True, key=key)
    verified = verify(path, key=key)
    if verified.problems:
        raise refusal("UP04", f"备份 {path.name} 核验不通过（{verified.problems[0]}），没有升级", "请检查备份盘。")
    say(f"整套备份：{path}")


# --- the change ----------------------------------------------------------------------------------------------------


def _change(say: Say, *, prove: bool) -> None:
    say("正在升级数据库结构……")
    _run(["migrate", "--verbosity", "0"], what="数据库结构升级失败")
    if prove:
        say("正在核对升级后的数据和审计链……")
        _run(["check"], what="升级后的核对没有通过")


def _run(words: list[str], *, what: str) -> None:
    """A management command in a process of its own. Raises BackedOut with the end of what it said."""
    connection.close()
    path = os.pathsep.join(filter(None, sys.path))
    variables = {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", "BIANZHI_UPGRADING": "1"}
    command = [sys.executable, "-m", "bianzhi", *words]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackedOut(f"{what}：\n{(done.stdout + done.stderr).strip()[-SHOWN:]}")
