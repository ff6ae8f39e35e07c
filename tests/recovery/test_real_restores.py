"""Restores proved by the restored platform itself, in its own process; with --all under writers and kill -9."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from bianzhi.audit.models import AuditEntry
from bianzhi.recovery.sets import postgresql
from bianzhi.recovery.sets.folders import sets_in
from bianzhi.recovery.sets.homes import MARKER
from bianzhi.recovery.sets.label import Label
from bianzhi.recovery.sets.making import make
from bianzhi.recovery.sets.restoring import Order, restore
from bianzhi.recovery.sets.verifying import verify
from tests.audit.sample_services import open_account
from tests.recovery.conftest import Platform, flip
from tests.recovery.examining import examine

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, BACKUPS, ROUNDS = 4, 5, 3
BIG = 128 * 2**20


class Databases:
    """Empty databases beside the test database; "" on SQLite, where a home brings its own."""

    def __init__(self) -> None:
        self._made: list[str] = []

    def fresh(self) -> str:
        if connection.vendor != "postgresql":
            return ""
        name = f"{connection.settings_dict['NAME']}_r{len(self._made)}"
        self._made.append(name)
        self._do(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._do(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return postgresql.url_of(connection.settings_dict, name)

    def drop_all(self) -> None:
        for name in self._made:
            self._do(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _do(self, statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.fixture
def databases() -> Iterator[Databases]:
    made = Databases()
    yield made
    made.drop_all()


@pytest.fixture
def plain(platform: Platform) -> Platform:
    """The platform without the canary that stands for the key of encrypted columns: here a real process reads it."""
    (platform.home / "keys" / "fields.json").unlink()
    return platform


def test_the_restored_platform_finds_nothing_wrong_with_itself(plain: Platform, tmp_path, databases):
    path, label = make(plain.backups)
    outcome = restore(Order(path, tmp_path / "new", databases.fresh(), keys=plain.home))
    assert outcome.findings == []
    assert set(outcome.seconds) == {"核验备份", "写回文件", "装入数据库", "核对"}
    assert label.audit_seq == AuditEntry.objects.count()


@pytest.mark.slow
def test_a_row_that_was_tampered_with_before_the_backup_is_told_after_the_restore(plain: Platform, tmp_path, databases):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET display_name = '他人' WHERE username = 'li'")
    path, _ = make(plain.backups)
    outcome = restore(Order(path, tmp_path / "new", databases.fresh(), keys=plain.home))
    assert ["被绕过平台改动" in finding for finding in outcome.findings] == [True]
    assert not (tmp_path / "new" / MARKER).exists()


# --- constant writes ---------------------------------------------------------------------------------------------


def write_until(stopped: Event, number: int) -> int:
    """One writer: an audited account after the other."""
    count = 0
    try:
        while not stopped.is_set():
            try:
                open_account(f"writer{number}-{count}")
            except OperationalError:
                continue
            count += 1
    finally:
        connections.close_all()
    return count


@pytest.mark.slow
@pytest.mark.race
def test_backups_under_constant_writes_are_each_one_consistent_state(plain: Platform, tmp_path, databases):
    stopped = Event()
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write_until, stopped, number) for number in range(WRITERS)]
        time.sleep(1)
        try:
            made = [make(plain.backups, incremental=number > 0) for number in range(BACKUPS)]
        finally:
            stopped.set()
        written = sum(writer.result() for writer in writers)
    seqs = [label.audit_seq for _, label in made]
    assert seqs == sorted(set(seqs)), "nothing was written between two backups"
    assert seqs[-1] <= written + 2 == AuditEntry.objects.count()
    for number, (path, label) in enumerate(made):
        assert verify(path).problems == []
        assert label.tables["audit_auditentry"] == label.audit_seq == label.tables["accounts_user"]
        outcome = restore(Order(path, tmp_path / f"new{number}", databases.fresh(), keys=plain.home))
        assert outcome.findings == []
        assert outcome.later.seq == (seqs[-1] if number < BACKUPS - 1 else 0)


# --- kill -9 -----------------------------------------------------------------------------------------------------


def start(home: Path, *arguments: str, url: str = "") -> subprocess.Popen[str]:
    """A command of the platform in a process of its own."""
    variables = {name: text for name, text in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    variables |= {"BIANZHI_HOME": str(home), "DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "bianzhi", *arguments]
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(home: Path, *arguments: str, url: str = "") -> tuple[int, str]:
    process = start(home, *arguments, url=url)
    out, err = process.communicate(timeout=600)
    return process.returncode, out + err


def killed(home: Path, *arguments: str, seen: Path, chance: random.Random, url: str = "") -> bool:
    """Start a command, kill it a moment after `seen` has something in it; whether it was still at work."""
    process = start(home, *arguments, url=url)
    while process.poll() is None and not (seen.is_dir() and any(not p.name.startswith(".") for p in seen.iterdir())):
        time.sleep(0.02)
    time.sleep(chance.random() * 2)
    was_at_work = process.poll() is None
    if was_at_work:
        process.send_signal(signal.SIGKILL)
    process.communicate()
    return was_at_work


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_kill_9_during_backup_and_restore_leaves_nothing_that_passes_for_whole(tmp_path, databases):
    home, backups, chance = tmp_path / "home", tmp_path / "disk", random.Random(9)
    url = databases.fresh()
    assert run(home, "migrate", "--verbosity", "0", url=url)[0] == 0
    backups.mkdir()
    (home / "files").mkdir(exist_ok=True)
    (home / "files" / "big").write_bytes(os.urandom(1 << 20) * (BIG >> 20))
    hits = 0
    for _ in range(ROUNDS):
        hits += killed(home, "backup", str(backups), seen=backups, chance=chance, url=url)
        assert all(one.is_sound for one in sets_in_own(backups, home))
    assert hits
    assert run(home, "backup", str(backups), url=url)[0] == 0
    assert not list(backups.glob("*.partial"))
    path = sets_in_own(backups, home)[0].path
    new, hits = tmp_path / "new", 0
    for _ in range(ROUNDS):
        order = ("restore", str(path), "--into", str(new), "--keys", str(home), "--database-url", databases.fresh())
        words = order if connection.vendor == "postgresql" else order[:-2]
        if killed(home, *words, seen=new, chance=chance):
            hits += 1
            code, said = run(new, "check", url=words[-1] if len(words) > 6 else "")
            assert code != 0
            assert "恢复没有完成" in said
    assert hits
    final = databases.fresh()
    words = (
        "restore",
        str(path),
        "--into",
        str(new),
        "--keys",
        str(home),
        *(("--database-url", final) if final else ()),
    )
    code, said = run(home, *words)
    assert code == 0, said
    assert "全部核对无误" in said
    assert run(new, "audit", "verify", url=final)[0] == 0
    assert (new / "files" / "big").stat().st_size == BIG


# --- as an office does it, by command, while it goes on working ----------------------------------------------------

WRITER = """
import sys, django
django.setup()
from bianzhi.audit import catalogue
from bianzhi.common.db import row_scope
from django.db import OperationalError
catalogue.declare({"test.opened": "开户", "test.renamed": "更名"})
row_scope.act_as_system()
from tests.audit.sample_services import open_account
number = 0
while True:
    try:
        open_account(f"writer{sys.argv[1]}-{number}")
        number += 1
    except OperationalError:
        pass
"""


@contextmanager
def constant_writes(home: Path, url: str) -> Iterator[None]:
    """Two processes that write one audited act after the other for as long as the block lasts."""
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": "bianzhi.config.settings", "BIANZHI_HOME": str(home)}
    variables |= {"DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(number)], env=variables) for number in range(2)]
    try:
        wait_for_writes(home, url)
        yield
        assert [writer.poll() for writer in writers] == [None, None], "a writer gave up"
    finally:
        for writer in writers:
            writer.terminate()
            writer.wait()


def wait_for_writes(home: Path, url: str) -> None:
    """Until the record grows."""
    for _ in range(600):
        if rows_in(home, url, "audit_auditentry"):
            return
        time.sleep(0.1)
    pytest.fail("nothing is written")


def rows_in(home: Path, url: str, table: str) -> list[tuple[Any, ...]]:
    """Every row of a table of the live or restored platform, in the order of its first column."""
    statement = f"SELECT * FROM {table} ORDER BY 1"
    if url:
        with postgresql.Target.at(url).connect() as held:
            return held.execute(statement).fetchall()
    with closing(sqlite3.connect(f"file:{home}/db.sqlite3?mode=ro", uri=True, timeout=60)) as held:
        return held.execute(statement).fetchall()


def digests(home: Path, url: str, tables: list[str]) -> dict[str, str]:
    """One digest of all rows of each table."""
    return {table: hashlib.sha256(repr(rows_in(home, url, table)).encode()).hexdigest() for table in tables}


def newest_set(backups: Path, home: Path) -> tuple[Path, Label]:
    """The newest set and its label."""
    newest = sets_in_own(backups, home)[0]
    assert newest.label is not None
    return newest.path, newest.label


def restored(home: Path, path: Path, new: Path, url: str) -> tuple[int, str]:
    words = ["restore", str(path), "--into", str(new), "--keys", str(home)]
    return run(home, *words, *(["--database-url", url] if url else []))


WRITTEN_AFTER = {"django_migrations", "audit_auditentry", "audit_rowseal"}
"""The backup is noted once it is made; the restored platform is migrated."""


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_by_command_a_backup_under_constant_writes_comes_back_equal_and_a_flipped_byte_does_not(tmp_path, databases):
    home, backups, url = tmp_path / "home", tmp_path / "disk", databases.fresh()
    assert run(home, "migrate", "--verbosity", "0", url=url)[0] == 0
    backups.mkdir()
    (home / "files").mkdir(exist_ok=True)
    (home / "files" / "original").write_bytes(os.urandom(1 << 20))
    with constant_writes(home, url):
        assert run(home, "backup", str(backups), url=url)[0] == 0
        under_writes = newest_set(backups, home)
    assert run(home, "backup", str(backups), "--incremental", url=url)[0] == 0
    at_rest = newest_set(backups, home)
    assert under_writes[1].audit_seq < at_rest[1].audit_seq
    new_url = ""
    for number, (path, label) in enumerate((under_writes, at_rest)):
        new, new_url = tmp_path / f"new{number}", databases.fresh()
        code, said = restored(home, path, new, new_url)
        assert code == 0, said
        assert run(new, "check", url=new_url)[0] == 0
        assert run(new, "audit", "verify", url=new_url)[0] == 0
        entries = rows_in(new, new_url, "audit_auditentry")
        assert entries == rows_in(home, url, "audit_auditentry")[: len(entries)]
        assert len(entries) == label.audit_seq
        assert (new / "files" / "original").read_bytes() == (home / "files" / "original").read_bytes()
        if new_url:
            with postgresql.Target.at(new_url).connect() as held:
                examine(held)
    tables = sorted(set(at_rest[1].tables) - WRITTEN_AFTER)
    assert digests(tmp_path / "new1", new_url, tables) == digests(home, url, tables)
    flip(next(at_rest[0].glob("database*")), 4000)
    code, said = restored(home, at_rest[0], tmp_path / "refused", databases.fresh())
    assert code == 1
    assert "摘要" in said, said
    assert not (tmp_path / "refused" / "files").exists()


def sets_in_own(backups: Path, home: Path):
    """The sets of the folder, trusting the key of the home that made them."""
    from bianzhi.recovery.sets.label import key_name_in

    return sets_in(backups, trusted={key_name_in(home)} - {""})
