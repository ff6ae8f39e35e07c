"""A real MariaDB server, started for this module: rows come out, nothing goes in."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pymysql
import pytest

from bianzhi.exchange.databases import CannotPull, Pull, pull_to_parquet
from tests.exchange.rosters import people

PASSWORD = "only-for-this-test"
VARIABLE = "BIANZHI_SOURCE_MARIADB"


def _silent(done: int, total: int, message: str) -> None:
    """Progress nobody looks at."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server with a table of thirty people and a user who holds more rights than it should."""
    program, install = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    if program is None or install is None:
        pytest.skip("no MariaDB server on this machine (apt install mariadb-server)")
    place = tmp_path_factory.mktemp("mariadb")
    data, sock = place / "data", place / "sock"
    common = [f"--datadir={data}", "--user=root"]
    subprocess.run([install, "--no-defaults", *common, "--skip-test-db"], check=True, capture_output=True)
    port = _free_port()
    address = [f"--socket={sock}", f"--port={port}", "--bind-address=127.0.0.1", f"--pid-file={place / 'pid'}"]
    with (place / "log").open("wb") as log:
        running = subprocess.Popen([program, "--no-defaults", *common, *address], stdout=log, stderr=log)
        try:
            _prepare(sock, port)
            yield port
        finally:
            running.terminate()
            running.wait(30)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("MariaDB did not start")


def _prepare(sock: Path, port: int) -> None:
    _wait_for(port)
    admin = pymysql.connect(unix_socket=str(sock), user="root", charset="utf8mb4")
    with admin, admin.cursor() as cursor:
        cursor.execute("CREATE DATABASE hr CHARACTER SET utf8mb4")
        cursor.execute(
            "CREATE TABLE hr.payroll (姓名 VARCHAR(50), 证件号码 CHAR(18), 参保单位名称 VARCHAR(80), 参保时间 DATE)"
        )
        cursor.executemany(
            "INSERT INTO hr.payroll VALUES (%s, %s, %s, '2020-01-01')",
            [(name, number, unit) for name, number, _, _, unit in people(30)],
        )
        cursor.execute(
            "CREATE FUNCTION hr.touch() RETURNS INT BEGIN "
            "INSERT INTO hr.payroll VALUES ('x','x','x',NULL); RETURN 1; END"
        )
        cursor.execute(f"CREATE USER reader@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
        cursor.execute("GRANT ALL ON hr.* TO reader@'127.0.0.1'")
        admin.commit()


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)


def _pull(port: int, query: str, scheme: str = "mysql", **limits: int) -> Pull:
    return Pull(f"{scheme}://reader@127.0.0.1:{port}/hr", query, "2026-02", VARIABLE, **limits)


@pytest.mark.parametrize("scheme", ["mysql", "mariadb"])
def test_a_table_is_pulled_as_text(server: int, tmp_path: Path, scheme: str):
    out = tmp_path / "a.parquet"
    assert pull_to_parquet(_pull(server, "SELECT * FROM payroll", scheme), out, _silent) == 30
    rows = pq.read_table(out).to_pylist()
    assert rows[0] == dict(
        zip(("姓名", "证件号码", "参保单位名称", "参保时间"), (*_first(), "2020-01-01"), strict=True)
    )


def _first() -> tuple[str, ...]:
    name, number, _, _, unit = people(1)[0]
    return name, number, unit


def test_the_month_is_put_in(server: int, tmp_path: Path):
    query = "SELECT * FROM payroll WHERE DATE_FORMAT(参保时间, '%Y-%m') < :period"
    assert pull_to_parquet(_pull(server, query), tmp_path / "a.parquet", _silent) == 30


def test_a_function_that_writes_is_refused_by_the_server(server: int, tmp_path: Path):
    with pytest.raises(CannotPull, match=r"(?i)read.only"):
        pull_to_parquet(_pull(server, "SELECT touch()"), tmp_path / "a.parquet", _silent)
    assert pull_to_parquet(_pull(server, "SELECT * FROM payroll"), tmp_path / "b.parquet", _silent) == 30


def test_a_statement_that_takes_too_long_is_cut_off(server: int, tmp_path: Path):
    started = time.monotonic()
    slow = "SELECT count(*) AS 姓名 FROM payroll a, payroll b, payroll c, payroll d, payroll e, payroll f"
    with pytest.raises(CannotPull, match=r"(?i)max_statement_time|interrupt"):
        pull_to_parquet(_pull(server, slow, seconds=1), tmp_path / "a.parquet", _silent)
    assert time.monotonic() - started < 20


def test_more_rows_than_allowed_are_not_taken(server: int, tmp_path: Path):
    with pytest.raises(CannotPull, match="超过 10 行"):
        pull_to_parquet(_pull(server, "SELECT * FROM payroll", most_rows=10), tmp_path / "a.parquet", _silent)


def test_a_wrong_password_is_told_without_it(server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(VARIABLE, "wrong-secret")
    with pytest.raises(CannotPull) as refused:
        pull_to_parquet(_pull(server, "SELECT * FROM payroll"), tmp_path / "a.parquet", _silent)
    assert "wrong-secret" not in str(refused.value)
