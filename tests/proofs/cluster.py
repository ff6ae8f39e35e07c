"""A PostgreSQL server that keeps what it promised (fsync on), is killed with all its processes, and starts again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from tests.postgres import Account, NoServer, _make_cluster, _unprivileged_account, programs

LOCK_FILE_SECONDS = 3
"""After kill -9 the next start finds the PID in the old lock file alive for a moment (security dossier §6)."""
TRIES = 10
STARTS_WITHIN = 60


@dataclass
class Cluster:
    """The server in its folder."""

    folder: Path
    account: Account
    binaries: Path
    server: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def url(self, name: str) -> str:
        return f"postgresql://bianzhi@{quote(str(self.folder), safe='')}/{name}"

    def connect(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(name), autocommit=True)

    def start(self) -> None:
        """Start, and try again while the leavings of a killed server are still in the way; bounded."""
        for attempt in range(TRIES):
            if self._started():
                return
            time.sleep(LOCK_FILE_SECONDS if attempt else 0.5)
        raise NoServer((self.folder / "server.log").read_text(errors="replace")[-800:])

    def _started(self) -> bool:
        log = self.folder / "server.log"
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder)]
        command += ["-c", "listen_addresses=", "-c", "timezone=UTC", "-c", "max_connections=60"]
        with log.open("ab") as stream:
            self.server = subprocess.Popen(
                command,
                cwd=self.folder,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
                user=self.account.user,
                group=self.account.group,
            )
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self.server.poll() is None:
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return True
        self.stop()
        return False

    def kill(self) -> None:
        """SIGKILL to the postmaster and every process it started."""
        assert self.server is not None
        children = [
            pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _parent(pid) == self.server.pid
        ]
        for pid in (self.server.pid, *children):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.server.wait()
        time.sleep(LOCK_FILE_SECONDS)

    def stop(self) -> None:
        if self.server is None or self.server.poll() is not None:
            return
        self.server.send_signal(signal.SIGINT)
        try:
            self.server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


@contextmanager
def durable_cluster() -> Iterator[Cluster]:
    """A started cluster with its defaults of durability; removed at the end. Raises NoServer."""
    binaries = programs()
    if binaries is None:
        raise NoServer("initdb and postgres were not found")
    folder = Path(tempfile.mkdtemp(prefix="bianzhi-kill-", dir="/tmp"))
    account = _unprivileged_account() if os.geteuid() == 0 else Account()
    cluster = Cluster(folder, account, binaries)
    try:
        if account.user is not None and account.group is not None:
            os.chown(folder, account.user, account.group)
        _make_cluster(binaries, folder, account)
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
