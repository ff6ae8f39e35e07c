"""An office on PostgreSQL with four roles: everything by command and over HTTP as the role that owns nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

from tests import postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


class Office:
    """A server of its own, since roles belong to the server, and a home."""

    def __init__(self, home: Path, url: str) -> None:
        self.home, self._server = home, url.split("@", 1)[1].removesuffix("/postgres")

    def url(self, role: str, database: str = "bianzhi") -> str:
        return f"postgresql://{role}@{self._server}/{database}"

    def variables(self, role: str = "bianzhi_app", database: str = "bianzhi") -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        others = {
            "BIANZHI_DATABASE_OWNER_URL": self.url("bianzhi_owner"),
            "BIANZHI_BACKUP_DATABASE_URL": self.url("bianzhi_backup"),
        }
        return {
            **kept,
            **(others if role == "bianzhi_app" else {}),
            "BIANZHI_HOME": str(self.home),
            "DATABASE_URL": self.url(role, database),
            "BIANZHI_SECOND_FACTOR": "optional",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }

    def run(self, *words: str, role: str = "bianzhi_app", database: str = "bianzhi", code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bianzhi", *words],
            env=self.variables(role, database),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    if postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.throwaway_cluster() as url:
        made = Office(tmp_path / "home", url)
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("CREATE DATABASE bianzhi")
            server.execute("CREATE DATABASE again")
        yield made


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class Browser:
    """Enough of one to log in and read pages."""

    def __init__(self, port: int) -> None:
        self.base, self.jar = f"http://127.0.0.1:{port}", CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.jar)
        )

    def get(self, path: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(self.base + path))

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        self.get(path)
        token = next(cookie.value for cookie in self.jar if cookie.name == "csrftoken")
        data = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        headers = {"Referer": self.base + path}
        return self._open(urllib.request.Request(self.base + path, data, headers))

    def _open(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._opener.open(request, timeout=60) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def serving(office: Office) -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "waitress", f"--listen=127.0.0.1:{port}", "bianzhi.config.wsgi:application"],
        env=office.variables(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        server.terminate()
        server.wait()


def wait_for(browser: Browser) -> None:
    for _ in range(600):
        try:
            if browser.get("/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server does not answer")


def test_an_office_runs_as_the_role_that_owns_nothing(office: Office, serving: int, tmp_path: Path):
    office.run("migrate", "--verbosity", "0", role="bianzhi")
    assert "没有数据库角色" in office.run("database", "check", role="bianzhi", code=1)
    office.run("database", "roles", "--apply", role="bianzhi")
    assert "不受行级安全约束" in office.run("database", "check", role="bianzhi", code=1)
    assert "与规定一致" in office.run("database", "check")
    office.run("migrate", "--verbosity", "0")
    office.run("demo", "--size", "small")
    office.run("worker", "--once")
    assert "核对无误" in office.run("check")
    office.run("audit", "verify")
    browser = Browser(serving)
    wait_for(browser)
    assert browser.post("/accounts/login/", username="caizheng", password="Yunjiang@2026")[0] == 200
    status, roster = browser.get("/personnel/people/")
    assert status == 200
    assert "/personnel/people/" in roster
    backups = tmp_path / "disk"
    backups.mkdir()
    office.run("backup", str(backups))
    path = next(each for each in backups.iterdir() if each.is_dir())
    words = ("restore", str(path), "--into", str(tmp_path / "new"), "--keys", str(office.home))
    assert "全部核对无误" in office.run(*words, "--database-url", office.url("bianzhi", "again"))
    with psycopg.connect(office.url("bianzhi_app")) as app:
        assert app.execute("SELECT count(*) FROM personnel_person").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("DELETE FROM audit_auditentry")
    with psycopg.connect(office.url("bianzhi_audit_reader")) as inspector:
        assert inspector.execute("SELECT count(*) > 0 FROM audit_auditentry").fetchone() == (True,)
