"""An upgrade that fails leaves the database exactly as it was; one that succeeds is proved."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from bianzhi.recovery.sets import postgresql

REPOSITORY = Path(__file__).resolve().parents[2]
PRODUCT, NEXT = "bianzhi.config.settings", "tests.recovery.nextversion.settings"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]


@dataclass
class Installation:
    """A home and a database of its own, worked on by commands as an operator runs them."""

    home: Path
    url: str

    def run(self, *words: str, settings: str = PRODUCT, next_version: str = "", **more: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "bianzhi", *words],
            capture_output=True,
            text=True,
            check=False,
            env={
                **os.environ,
                "BIANZHI_HOME": str(self.home),
                "DATABASE_URL": self.url,
                "DJANGO_SETTINGS_MODULE": settings,
                "NEXT_VERSION": next_version,
                "PYTHONPATH": f"{REPOSITORY / 'src'}{os.pathsep}{REPOSITORY}",
                **more,
            },
        )
        return done.returncode, done.stdout + done.stderr

    def everything(self) -> dict[str, list[str]]:
        """Every row of every table, and the names of triggers and functions, as text."""
        if self.url:
            with psycopg.connect(self.url) as held:
                tables = [name for (name,) in held.execute("SELECT tablename FROM pg_tables WHERE schemaname='public'")]
                found = {name: sorted(str(row) for row in held.execute(f'SELECT * FROM "{name}"')) for name in tables}
                made = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
                found["triggers"] = sorted(name for (name,) in held.execute(made))
                made = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                found["functions"] = sorted(name for (name,) in held.execute(made))
                return found
        with closing(sqlite3.connect(self.home / "db.sqlite3")) as opened:
            made = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            tables = [name for (name,) in opened.execute(made)]
            found = {name: sorted(str(row) for row in opened.execute(f'SELECT * FROM "{name}"')) for name in tables}
            made = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            found["triggers"] = sorted(name for (name,) in opened.execute(made))
            return found


@pytest.fixture(scope="module")
def installed(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[Installation]:
    """An installation of today's version with somebody in it; tests take it one after the other."""
    home, url = tmp_path_factory.mktemp("upgraded") / "home", ""
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            name = f"{connection.settings_dict['NAME']}_upgrade"
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
            url = postgresql.url_of(connection.settings_dict, name)
    made = Installation(home, url)
    assert made.run("upgrade")[0] == 0
    code, told = made.run("account", "create", "liming", "--name", "李", "--role", "security_admin")
    assert code == 0, told
    yield made
    if url:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def test_an_upgrade_whose_step_fails_leaves_everything_as_it_was(installed):
    before = installed.everything()
    code, told = installed.run("upgrade", settings=NEXT, next_version="fails")
    assert code == 1
    assert "第二步出错" in told
    assert "已退回升级前的状态" in told
    assert installed.everything() == before
    assert installed.run("check")[0] == 0


@pytest.mark.slow
def test_after_an_upgrade_that_was_cut_off_nothing_runs_until_the_next_has_taken_it_back(installed):
    before = installed.everything()
    assert installed.run("upgrade", settings=NEXT, next_version="cut off")[0] == -signal.SIGKILL
    assert "nextversion_novelty" in installed.everything()
    code, told = installed.run("check")
    assert code == 1
    assert "升级被打断" in told
    code, told = installed.run("upgrade")
    assert code == 0, told
    assert "无需升级" in told
    assert installed.everything() == before


@pytest.mark.slow
def test_an_upgrade_that_damages_the_register_is_found_out_and_taken_back(installed):
    before = installed.everything()
    code, told = installed.run("upgrade", settings=NEXT, next_version="damages")
    assert code == 1
    assert "核对没有通过" in told
    assert installed.everything() == before


@pytest.mark.slow
def test_nothing_is_begun_while_a_worker_runs(installed):
    alive = installed.home / "jobs" / "worker.alive"
    alive.parent.mkdir(exist_ok=True)
    alive.touch()
    code, told = installed.run("upgrade", settings=NEXT)
    alive.unlink()
    assert code == 1
    assert "还在运行" in told
    assert "nextversion_novelty" not in installed.everything()


@pytest.mark.slow
def test_an_upgrade_that_succeeds_is_proved_and_keeps_the_copy_made_before(installed, tmp_path):
    assert "无需升级" in installed.run("upgrade")[1]
    assert "nextversion.0002_perhaps_failing" in installed.run("upgrade", "--plan", settings=NEXT)[1]
    code, told = installed.run("upgrade", settings=NEXT, BIANZHI_BACKUP_DIR=str(tmp_path))
    assert code == 0, told
    assert "核对无误" in told
    assert "nextversion_novelty" in installed.everything()
    assert len(list(installed.home.glob("recovery/before-upgrade-*/database"))) == 1
    assert [path.name.endswith(("-full", "-incremental")) for path in tmp_path.iterdir() if path.is_dir()] == [True]


@pytest.mark.slow
def test_a_database_of_a_newer_program_is_refused_with_words(installed):
    if "nextversion_novelty" not in installed.everything():
        assert installed.run("upgrade", settings=NEXT)[0] == 0
    forged = "INSERT INTO django_migrations (app, name, applied) VALUES ('common', '9999_later', '2026-11-27 00:00:00')"
    if installed.url:
        with psycopg.connect(installed.url) as held:
            held.execute(forged)
    else:
        with closing(sqlite3.connect(installed.home / "db.sqlite3")) as opened, opened:
            opened.execute(forged)
    code, told = installed.run("upgrade")
    assert code == 1
    assert "比本程序新" in told
