"""Restoring a set into an empty home: everything proved before, counted and checked after.

The home carries a marker from the first byte to the last proof; the platform refuses to start in a home that has one.
A restore that is interrupted leaves nothing anybody could mistake for the platform, and is simply begun again.
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from bianzhi.recovery.sets import homing, postgresql, sqlite
from bianzhi.recovery.sets.folders import require_key
from bianzhi.recovery.sets.homes import DATABASE as SQLITE_FILE
from bianzhi.recovery.sets.label import Label, digests_in, key_name_in
from bianzhi.recovery.sets.later import Later, known_later
from bianzhi.recovery.sets.making import Progress, quiet
from bianzhi.recovery.sets.parts import DATABASE, object_name, proved, read_part
from bianzhi.recovery.sets.proofs import Restored
from bianzhi.recovery.sets.refusing import Damaged, refusal
from bianzhi.recovery.sets.sealing import BackupKey
from bianzhi.recovery.sets.verifying import Verified, verify

SETTINGS: Final = "restored-configuration.json"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be restored, and where to."""

    path: Path
    home: Path
    database_url: str = ""
    key: BackupKey | None = None
    trusted: str = ""
    keys: Path | None = None
    """Where the keys that were kept apart lie, as `keys/` and `secrets/`; None when they are in the home already."""


@dataclass(slots=True)
class Outcome:
    """What a restore came to. `findings` are what the platform's own proofs said of the restored state."""

    label: Label
    seconds: dict[str, float] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    later: Later = field(default_factory=Later)
    age_minutes: int = 0

    @property
    def total_seconds(self) -> float:
        """From the first byte read to the last proof."""
        return sum(self.seconds.values())


def restore(order: Order, progress: Progress = quiet) -> Outcome:
    """Restore a set. Raises Refused, and leaves the home marked as incomplete, where that fails half-way."""
    begun = time.monotonic()
    verified = _proved(order, progress)
    label = verified.label
    outcome = Outcome(label, later=known_later(label, order.path.parent), age_minutes=_age(label.moment))
    begun = _took(outcome, "核验备份", begun)
    homing.require_space(order.home, label.size + 2 * int(label.database["size"]))
    homing.require_keys(order.home, label.keys_apart, order.keys)
    homing.prepare(order.home, label.name)
    homing.put_keys(order.home, order.keys)
    key = require_key(label, order.key)
    _put_files(order, verified, key, progress)
    begun = _took(outcome, "写回文件", begun)
    progress(0, 1, "正在装入数据库")
    _put_database(order, label, key)
    begun = _took(outcome, "装入数据库", begun)
    progress(0, 1, "正在核对恢复后的数据")
    outcome.findings = Restored(order.home, order.database_url).findings()
    _took(outcome, "核对", begun)
    homing.release(order.home)
    return outcome


def _age(made_at: datetime) -> int:
    return max(0, int((timezone.now() - made_at).total_seconds()) // 60)


def _took(outcome: Outcome, step: str, begun: float) -> float:
    now = time.monotonic()
    outcome.seconds[step] = round(now - begun, 1)
    return now


def _proved(order: Order, progress: Progress) -> Verified:
    """The set, read from end to end; refused before anything is written when any byte is not what was signed."""
    vouched = {order.trusted, key_name_in(order.home), key_name_in(order.keys) if order.keys else ""} - {""}
    verified = verify(order.path, key=order.key, trusted=vouched, progress=progress)
    if verified.problems:
        raise Damaged(verified.label.name, f"不完好，没有恢复：{'；'.join(verified.problems[:10])}")
    label = verified.label
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    apps = {app for app, _ in known}
    strange = [name for name in label.migrations if name.split(".")[0] in apps and tuple(name.split(".")) not in known]
    if strange:
        ask = f"请用 {label.product} 或更新的版本恢复。"
        raise refusal("BK17", f"备份的数据库结构比本程序新（{strange[0]}）", ask)
    _require_target(label, order)
    return verified


def _require_target(label: Label, order: Order) -> None:
    if label.engine == "postgresql" and not order.database_url:
        ask = "请新建一个空库，用 --database-url postgres://账号:密码@主机/库名 指明。"
        raise refusal("BK18", "这是 PostgreSQL 数据库的备份，没有指明恢复到哪个库", ask)
    if label.engine == "sqlite" and order.database_url:
        raise refusal("BK18", "这是 SQLite 数据库的备份，不能装入 PostgreSQL", "请去掉 --database-url。")
    if label.engine == "postgresql":
        with postgresql.Target.at(order.database_url).connect() as held:
            if postgresql.tables(held):
                raise refusal("BK10", "目标数据库不是空的，没有改动", "请新建一个空库后重试。")


def _put_files(order: Order, verified: Verified, key: BackupKey | None, progress: Progress) -> None:
    root = order.path.resolve().parent
    for number, line in enumerate(verified.lines):
        progress(number, len(verified.lines), f"正在写回文件 {number}/{len(verified.lines)}")
        part = object_name(line.sha256)
        pieces = proved(read_part(root, line.held_in, part, key), line.digests, f"{line.held_in}/{part}")
        _write(order.home / line.path, pieces)
    told = {"backup": verified.label.name, "settings": verified.label.configuration}
    (order.home / SETTINGS).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write(place: Path, pieces: Iterable[bytes]) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with place.open("wb") as stream:
        for piece in pieces:
            stream.write(piece)
    place.chmod(0o600)


def _put_database(order: Order, label: Label, key: BackupKey | None) -> None:
    """Load the database, count its rows, and end every session that was open in it."""
    pieces = read_part(order.path.resolve().parent, label.name, DATABASE, key)
    place = order.home / (SQLITE_FILE if label.engine == "sqlite" else "recovery/database")
    _write(place, proved(pieces, digests_in(label.database), f"{label.name}/{DATABASE}"))
    if label.engine == "sqlite":
        _require_counts(label, sqlite.read(place).tables)
        with closing(sqlite3.connect(place)) as opened, opened:
            opened.execute("DELETE FROM django_session")
        return
    try:
        postgresql.load(place, order.database_url)
    finally:
        shutil.rmtree(place.parent)
    _require_counts(label, postgresql.counts_at(order.database_url))
    with postgresql.Target.at(order.database_url).connect() as held:
        held.execute("DELETE FROM django_session")


def _require_counts(label: Label, found: dict[str, int]) -> None:
    wrong = sorted(name for name in {*label.tables, *found} if label.tables.get(name) != found.get(name))
    if wrong:
        name = wrong[0]
        ask = f"{name} 应有 {label.tables.get(name)} 行，实有 {found.get(name)} 行"
        raise refusal("BK19", f"装入后的行数与备份不符（{ask}）")
