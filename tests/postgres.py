"""A private PostgreSQL server that lives in a temporary folder for as long as the tests run.

Standard library only: the launcher uses it before, and outside of, the test environment.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

STARTS_WITHIN = 30
UNSAFE_BUT_QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "listen_addresses": "",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Account:
    """Whom the server's programs run as; nobody in particular means as ourselves."""

    user: int | None = None
    group: int | None = None


class NoServer(Exception):
    """PostgreSQL could not be started; the message says why."""


def programs() -> Path | None:
    """The folder holding `initdb` and `postgres`, or None where no server is installed."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    folders += [Path("/usr/local/bin"), Path("/usr/local/pgsql/bin"), Path("/opt/homebrew/bin")]
    return next((folder for folder in folders if _complete(folder)), None)


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _complete(folder: Path) -> bool:
    return (folder / "initdb").exists() and (folder / "postgres").exists()


@contextmanager
def throwaway_cluster(**more: str) -> Iterator[str]:
    """Start a server nobody else can reach; yields its DATABASE_URL, stops it and removes its folder at the end.

    `more` are settings of the server, in place of the quick ones or beside them.

    The server refuses to run as root, so root lends it the account `postgres` or `nobody`. It listens on a socket in
    its own folder, never on the network. Raises NoServer.
    """
    binaries = programs()
    if binaries is None:
        raise NoServer("initdb and postgres were not found")
    # /tmp, because the path of a Unix socket may not exceed 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="bianzhi-pg-", dir="/tmp"))
    account = account_of_server()
    server: subprocess.Popen[bytes] | None = None
    try:
        if account.user is not None and account.group is not None:
            os.chown(folder, account.user, account.group)
        _make_cluster(binaries, folder, account)
        server = _start(binaries, folder, account, more)
        yield f"postgresql://bianzhi@{quote(str(folder), safe='')}/postgres"
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_account() -> Account:
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user=found.pw_uid, group=found.pw_gid)
    raise NoServer("PostgreSQL refuses to run as root, and there is neither an account `postgres` nor `nobody`")


def _make_cluster(binaries: Path, folder: Path, account: Account) -> None:
    command = [str(binaries / "initdb"), "--pgdata", str(folder / "data"), "--username", "bianzhi"]
    command += ["--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"]
    made = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, user=account.user, group=account.group
    )
    if made.returncode != 0:
        raise NoServer(f"initdb failed: {made.stderr.strip()[-500:]}")


@contextmanager
def serving(folder: Path, **more: str) -> Iterator[str]:
    """Start a server on the cluster there is in `folder`/data, as one that was restored; yields its DATABASE_URL.

    Raises NoServer.
    """
    binaries = programs()
    if binaries is None:
        raise NoServer("initdb and postgres were not found")
    server = _start(binaries, folder, account_of_server(), more)
    try:
        yield f"postgresql://bianzhi@{quote(str(folder), safe='')}/postgres"
    finally:
        _stop(server)


def account_of_server() -> Account:
    """Whom the server's programs run as on this machine. Raises NoServer."""
    return _unprivileged_account() if os.geteuid() == 0 else Account()


def _start(binaries: Path, folder: Path, account: Account, more: Mapping[str, str]) -> subprocess.Popen[bytes]:
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    for name, value in {**UNSAFE_BUT_QUICK, **more}.items():
        command += ["-c", f"{name}={value}"]
    log = folder / "server.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            command,
            cwd=folder,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            user=account.user,
            group=account.group,
        )
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        if b"ready to accept connections" in log.read_bytes():
            return server
        time.sleep(0.05)
    _stop(server)
    raise NoServer(f"postgres did not start: {log.read_text(errors='replace')[-500:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown (SIGINT closes the clients' sessions), insist after ten seconds."""
    if server.poll() is not None:
        return
    server.send_signal(2)
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
