"""What must be in order before this installation does its work, asked one by one for `/readyz`."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from bianzhi.common import field_keys
from bianzhi.common.jobs import heartbeat
from bianzhi.kernel.encryption.ciphers import CipherUnavailable
from bianzhi.search import engine

log = logging.getLogger(__name__)

LEAST_FREE: Final = 512 * 2**20
"""Bytes that must be free: a day's backup and the write-ahead log need room."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing asked: its name, whether it is in order, and in Chinese how it stands."""

    name: str
    is_good: bool
    told: str


class NotReady(Exception):
    """The thing asked for is not in order; the message is Chinese and names no secret."""


def findings() -> list[Finding]:
    """Everything asked, in the order in which it should be put right."""
    return [_asked(name, ask) for name, ask in _QUESTIONS.items()]


def _asked(name: str, ask: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, ask())
    except NotReady as reason:
        return Finding(name, False, str(reason))
    except DatabaseError:
        log.exception("readiness: %s could not be asked", name)
        return Finding(name, False, "数据库没有应答")
    except OSError as error:
        log.exception("readiness: %s could not be asked", name)
        return Finding(name, False, f"读不到（{error.strerror or type(error).__name__}）")


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "有应答"


def _migrations() -> str:
    applied = set(MigrationRecorder(connection).applied_migrations())
    missing = _known_migrations() - applied
    if missing:
        raise NotReady(f"数据库结构还有 {len(missing)} 步没有升级，请运行 ./bianzhi upgrade")
    return f"{len(_known_migrations())} 步都已执行"


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations or ())


def _keys() -> str:
    try:
        field_keys.keyring()
    except field_keys.KeysUnreadable as problem:
        raise NotReady("加密密钥缺失或不能使用，请从另行保管的副本恢复") from problem
    except CipherUnavailable as problem:
        raise NotReady("本机没有所选的加密算法") from problem
    return "可以使用"


def _disk() -> str:
    places = {Path(settings.HOME), *([Path(settings.BACKUP_DIR)] if settings.BACKUP_DIR else [])}
    left = {place: shutil.disk_usage(place).free for place in places}
    short = min(left.values())
    if short < LEAST_FREE:
        raise NotReady(f"磁盘只剩 {short // 2**20} MB，少于 {LEAST_FREE // 2**20} MB，请清理或扩容")
    return f"可用 {short // 2**30} GB"


def _worker() -> str:
    silence = heartbeat.silent_for()
    if silence is None:
        raise NotReady("任务进程没有运行，请启动 ./bianzhi worker")
    if silence >= heartbeat.SILENT_AFTER:
        raise NotReady(f"任务进程已有 {int(silence)} 秒没有动静，请查看其日志后重新启动")
    return f"{int(silence)} 秒前有动静"


def _index() -> str:
    try:
        is_there = engine.backend().exists()
    except Exception as problem:
        log.warning("readiness: the index could not be asked", exc_info=problem)
        raise NotReady("检索引擎没有应答") from problem
    if not is_there:
        raise NotReady("检索索引还没有建立，任务进程会自动建立")
    return "已建立"


_QUESTIONS: Final[dict[str, Callable[[], str]]] = {
    "数据库": _database,
    "数据库结构": _migrations,
    "密钥": _keys,
    "磁盘": _disk,
    "任务进程": _worker,
    "检索索引": _index,
}


def are_good(found: Iterable[Finding]) -> bool:
    """Whether everything is in order."""
    return all(finding.is_good for finding in found)
