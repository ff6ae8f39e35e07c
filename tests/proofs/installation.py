"""A platform of its own: home, database, web server and worker as real processes that can be killed at any moment."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from bianzhi.recovery.sets import postgresql
from tests.proofs.cluster import Cluster

ANSWERS_WITHIN = 300
DATABASE = "kill9"


@dataclass
class Installation:
    """Where it lives and what runs of it."""

    home: Path
    cluster: Cluster | None
    today: str
    port: int = 0
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return self.cluster.url(DATABASE) if self.cluster is not None else ""

    def variables(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        return kept | {
            "BIANZHI_HOME": str(self.home),
            "BIANZHI_TODAY": self.today,
            "BIANZHI_SECOND_FACTOR": "optional",
            "BIANZHI_IDLE_MINUTES": "600",
            "BIANZHI_SESSION_HOURS": "100",
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "bianzhi.config.settings",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }

    def start(self) -> None:
        """Web server and worker; returns when the server answers."""
        self.port = _free_port()
        listen = ["-m", "waitress", f"--listen=127.0.0.1:{self.port}", "--threads=8", "bianzhi.config.wsgi:application"]
        self.running = [self._process(*listen), self._process("-m", "bianzhi", "worker")]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + ANSWERS_WITHIN
        while time.monotonic() < deadline:
            assert self.running[0].poll() is None, self.told()
            try:
                with opener.open(f"{self.site}/healthz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (OSError, urllib.error.URLError):
                time.sleep(0.1)
        raise AssertionError(f"the server did not answer: {self.told()}")

    def _process(self, *words: str) -> subprocess.Popen[bytes]:
        with (self.home / "output.log").open("ab") as stream:
            return subprocess.Popen(
                [sys.executable, *words], env=self.variables(), stdout=stream, stderr=stream, start_new_session=True
            )

    def told(self) -> str:
        return (self.home / "output.log").read_text(errors="replace")[-2000:]

    def kill(self) -> None:
        """SIGKILL to server and worker, whatever they are at, and to what they started."""
        for process in self.running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        for process in self.running:
            process.wait()
        self.running = []

    def stop(self) -> None:
        self.kill()

    def command(self, *words: str) -> tuple[int, str]:
        """A command of the platform, to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "bianzhi", *words],
            env=self.variables(),
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        return done.returncode, done.stdout + done.stderr

    # --- the database, read past the platform ---------------------------------------------------------------------

    def rows(self, statement: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        if self.cluster is None:
            with closing(sqlite3.connect(self.home / "db.sqlite3", timeout=30)) as database:
                return database.execute(statement.replace("%s", "?"), list(arguments)).fetchall()
        with self.cluster.connect(DATABASE) as database:
            return database.execute(statement, list(arguments)).fetchall()

    def broken(self) -> list[str]:
        """What the database's own proofs find: integrity_check on SQLite, amcheck on PostgreSQL."""
        if self.cluster is None:
            told = self.rows("PRAGMA integrity_check") + self.rows("PRAGMA foreign_key_check")
            return [str(row) for row in told if row != ("ok",)]
        self.rows("SELECT 1")
        with self.cluster.connect(DATABASE) as database:
            database.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
            tables = database.execute(
                "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE c.relkind = 'r' AND n.nspname = 'public'"
            ).fetchall()
            found = [
                f"{table}: {row}"
                for (table,) in tables
                for row in database.execute("SELECT * FROM verify_heapam(%s::regclass)", [table]).fetchall()
            ]
            try:
                database.execute(
                    "SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am a ON a.oid = c.relam"
                    " JOIN pg_namespace n ON n.oid = c.relnamespace"
                    " WHERE a.amname = 'btree' AND c.relkind = 'i' AND n.nspname = 'public'"
                ).fetchall()
            except Exception as error:  # noqa: BLE001 - whatever amcheck says is the finding
                found.append(str(error))
            return found


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def copy_of_this_database(home: Path, cluster: Cluster | None, today: str) -> Installation:
    """The committed test database with its keys and files as a platform of its own."""
    shutil.copytree(settings.HOME, home, ignore=shutil.ignore_patterns("test*.sqlite3*", "static", "logs", "search"))
    (home / "static").mkdir()
    made = Installation(home, cluster, today)
    if cluster is None:
        assert connection.connection is not None or connection.cursor() is not None
        with closing(sqlite3.connect(home / "db.sqlite3")) as target:
            connection.connection.backup(target)
            target.execute("PRAGMA journal_mode=WAL")
        return made
    with cluster.connect("postgres") as database:
        database.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        database.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
    source = postgresql.Target.of(connection.settings_dict)
    dump = home / "dump.sql"
    dumped = [str(cluster.binaries / "pg_dump"), "--no-owner", "--no-privileges", f"--file={dump}", source.conninfo]
    subprocess.run(dumped, env={**os.environ, "PGPASSWORD": source.password}, check=True, capture_output=True)
    loaded = [str(cluster.binaries / "psql"), "-q", "-v", "ON_ERROR_STOP=1", f"--file={dump}", cluster.url(DATABASE)]
    subprocess.run(loaded, check=True, capture_output=True)
    return made
