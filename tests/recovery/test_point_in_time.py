"""pgBackRest: a full copy, an incremental one and the log; the database as it was at a moment, and its proof."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.core.cache import cache
from django.urls import reverse

from bianzhi.recovery.sets import pgbackrest
from tests import postgres
from tests.accounts.people import account, signed_in
from tests.recovery.examining import examine

PROGRAM = shutil.which("pgbackrest")
needs_pgbackrest = pytest.mark.skipif(PROGRAM is None, reason="pgbackrest is not installed")
INFO = {
    "name": "bianzhi",
    "status": {"code": 0, "message": "ok"},
    "archive": [{"min": "000000010000000000000001", "max": "000000010000000000000007"}],
    "backup": [
        {"type": "full", "timestamp": {"start": 1_700_000_000, "stop": 1_700_000_060}, "error": False},
        {"type": "incr", "timestamp": {"start": 1_700_086_400, "stop": 1_700_086_410}, "error": False},
    ],
}


# --- the page ----------------------------------------------------------------------------------------------------


def test_the_newest_copy_and_the_range_of_the_log_are_told():
    found = pgbackrest.read("bianzhi", json.dumps([INFO]))
    assert found.made_at == datetime.fromtimestamp(1_700_086_410, tz=UTC)
    assert (found.kind, found.copies, found.problem) == ("增量", 2, "")
    assert found.log == "000000010000000000000001 至 000000010000000000000007"


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ("[]", "没有这个 stanza"),
        (
            json.dumps([{**INFO, "backup": [], "status": {"code": 2, "message": "no valid backups"}}]),
            "no valid backups",
        ),
        (json.dumps([{**INFO, "status": {"code": 4, "message": "different across repos"}}]), "different across repos"),
        ("not json", "无法识别"),
    ],
)
def test_a_repository_that_is_not_sound_is_a_problem(told, problem):
    assert problem in pgbackrest.read("bianzhi", told).problem


def test_a_program_that_is_not_there_is_a_problem(settings, monkeypatch):
    settings.PGBACKREST_STANZA = "bianzhi"
    monkeypatch.setenv("PATH", "/nonexistent")
    found = pgbackrest.repository()
    assert found is not None
    assert "没有应答" in found.problem


@pytest.mark.django_db
def test_the_page_of_backups_shows_it_where_a_stanza_is_set(settings, monkeypatch):
    client = signed_in(account("xitong", "system_admin"))
    cache.clear()
    assert "pgBackRest" not in client.get(reverse("recovery:overview")).content.decode()
    settings.PGBACKREST_STANZA = "bianzhi"
    found = pgbackrest.read("bianzhi", json.dumps([INFO]))
    monkeypatch.setattr("bianzhi.recovery.web.overview.repository", lambda: found)
    page = client.get(reverse("recovery:overview")).content.decode()
    assert "增量，共 2 份" in page
    assert "000000010000000000000007" in page
    cache.clear()


# --- back to a moment --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Office:
    """A server whose log is kept, and the folder of everything."""

    place: Path
    url: str

    @property
    def data(self) -> Path:
        return Path(self.url.split("@")[1].split("/")[0].replace("%2F", "/")) / "data"

    def database(self, name: str) -> str:
        return self.url.removesuffix("postgres") + name

    def run(self, *words: str) -> str:
        """pgBackRest, as the account of the server."""
        runs_as = postgres.account_of_server()
        command = [str(PROGRAM), f"--config={self.place}/pgbackrest.conf", "--stanza=bianzhi", *words]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, user=runs_as.user, group=runs_as.group, cwd="/"
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def owned_folder() -> Iterator[Path]:
    """A folder of the server's account, short enough for a socket."""
    place, runs_as = Path(tempfile.mkdtemp(prefix="bianzhi-pitr-", dir="/tmp")), postgres.account_of_server()
    try:
        for name in ("", "repository", "log", "lock", "spool", "restored", "restored/data"):
            (place / name).mkdir(exist_ok=True, mode=0o700)
            if runs_as.user is not None and runs_as.group is not None:
                os.chown(place / name, runs_as.user, runs_as.group)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def office() -> Iterator[Office]:
    with owned_folder() as place:
        command = f"{PROGRAM} --config={place}/pgbackrest.conf --stanza=bianzhi archive-push %p"
        kept = {"archive_mode": "on", "archive_command": command, "wal_level": "replica", "full_page_writes": "on"}
        with postgres.throwaway_cluster(**kept) as url:
            running = Office(place, url)
            socket = running.data.parent
            (place / "pgbackrest.conf").write_text(
                f"[global]\nrepo1-path={place}/repository\nlog-path={place}/log\nlock-path={place}/lock\n"
                f"spool-path={place}/spool\nrepo1-retention-full=2\nstart-fast=y\narchive-timeout=60\n"
                f"[bianzhi]\npg1-path={running.data}\npg1-socket-path={socket}\npg1-user=bianzhi\n"
            )
            (place / "pgbackrest.conf").chmod(0o644)
            yield running


def command(home: Path, url: str, *words: str) -> str:
    """A command of the platform in a process of its own."""
    variables = {name: text for name, text in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    variables |= {"BIANZHI_HOME": str(home), "DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-m", "bianzhi", *words], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_pgbackrest
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_database_goes_back_to_a_moment_and_proves_itself(office: Office, tmp_path):
    url = office.database("bianzhi")
    with psycopg.connect(office.url, autocommit=True) as server:
        server.execute("CREATE DATABASE bianzhi")
    command(tmp_path, url, "migrate", "--verbosity", "0")
    office.run("stanza-create")
    office.run("backup", "--type=full")
    command(tmp_path, url, "account", "create", "wang", "--name", "王一")
    office.run("backup", "--type=incr")
    command(tmp_path, url, "account", "create", "lisi", "--name", "李二")
    with psycopg.connect(url, autocommit=True) as server:
        moment = server.execute("SELECT clock_timestamp()").fetchall()[0][0].isoformat(sep=" ")
        server.execute("SELECT pg_sleep(1)")
    command(tmp_path, url, "account", "create", "wrong", "--name", "误操作")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("SELECT pg_switch_wal()")
    assert '"incr"' in office.run("info", "--output=json")
    new = office.place / "restored"
    office.run(f"--pg1-path={new}/data", "--type=time", f"--target={moment}", "--target-action=promote", "restore")
    with postgres.serving(new, archive_mode="off") as restored:
        again = f"postgresql://bianzhi@{quote(str(new), safe='')}/bianzhi"
        with psycopg.connect(again, autocommit=True) as server:
            wait_until_promoted(server)
            names = [name for (name,) in server.execute("SELECT username FROM accounts_user ORDER BY username")]
            assert names == ["lisi", "wang"]
            examine(server)
        assert "核对无误" in command(tmp_path, again, "check")
        command(tmp_path, again, "audit", "verify")
        assert restored


def wait_until_promoted(server: psycopg.Connection) -> None:
    """The log is played back to the moment, then the server takes writes."""
    server.execute("SELECT pg_sleep(0.2)")
    for _ in range(300):
        if server.execute("SELECT pg_is_in_recovery()").fetchone() == (False,):
            return
        server.execute("SELECT pg_sleep(0.1)")
    pytest.fail("the restored server is still in recovery")
