"""Data fetched by the hub itself: our own register, a department's database, files in a drop folder."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.db import connection
from sqlalchemy.exc import DataError

from bianzhi.common import jobs
from bianzhi.common.models import JobState
from bianzhi.exchange.databases import CannotPull, Pull, _plain, pull_to_parquet, single_select
from bianzhi.exchange.jobs import dropbox
from bianzhi.exchange.jobs.pulling import pull_due
from bianzhi.exchange.models import Delivery, DeliveryState, Source, Transport
from bianzhi.exchange.rules import sources as addresses
from bianzhi.exchange.services.deliveries import open_roster
from bianzhi.exchange.services.pulling import dropbox_of, request_pull
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.models import Occupancy
from tests.exchange.rosters import as_csv, source_of
from tests.exchange.rosters import people as people_of
from tests.matters.people import People

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANZHI_TODAY", "2026-03-02")


def _silent(done: int, total: int, message: str) -> None:
    """Progress nobody looks at."""


@pytest.fixture
def register(people: People) -> Source:
    return source_of(people.director, "establishment", transport=Transport.REGISTER, settings={"schedule": "monthly"})


def test_the_register_is_delivered_with_complete_numbers_of_the_months_last_day(people: People, register: Source):
    people.cast.fill(people.cast.bureau, "A1", 3, on=date(2026, 2, 2))
    job = request_pull(actor=people.office_clerk, source_id=register.pk, period="2026-02")
    jobs.run_waiting()
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    delivery = Delivery.objects.get()
    assert delivery.state == DeliveryState.ACCEPTED, delivery.reason
    rows = pq.read_table(open_roster(delivery)).to_pylist()
    held = Occupancy.objects.as_of(date(2026, 2, 28)).select_related("person")
    assert sorted(row["id_number"] for row in rows) == sorted(each.person.id_number for each in held)
    assert {row["sex"] for row in rows} <= {"男", "女"}
    assert {row["quota_type"] for row in rows} >= {"行政编制"}
    assert not delivery.report["problems"]


def test_the_register_pulled_twice_unchanged_is_one_delivery(people: People, register: Source):
    people.cast.fill(people.cast.bureau, "A1", 3, on=date(2026, 2, 2))
    for _ in range(2):
        request_pull(actor=people.office_clerk, source_id=register.pk, period="2026-02")
        jobs.run_waiting()
    assert Delivery.objects.count() == 1


def test_only_the_establishment_office_delivers_from_the_register(people: People):
    with pytest.raises(Refused) as refused:
        source_of(people.director, "finance", transport=Transport.REGISTER)
    assert refused.value.codes == ["X75"]


def test_due_sources_are_pulled_once_their_day_has_come(people: People, register: Source):
    people.cast.fill(people.cast.bureau, "A1", 1, on=date(2026, 2, 2))
    assert pull_due(date(2026, 3, 4)) == {"asked": []}
    assert pull_due(date(2026, 3, 6)) == {"asked": [register.code]}
    jobs.run_waiting()
    assert pull_due(date(2026, 3, 7)) == {"asked": []}


def test_a_source_that_is_uploaded_is_not_pulled(people: People):
    source = source_of(people.director)
    with pytest.raises(Refused) as refused:
        request_pull(actor=people.office_clerk, source_id=source.pk, period="2026-02")
    assert refused.value.codes == ["X68"]


@pytest.mark.django_db(transaction=True)
def test_a_real_postgresql_table_is_pulled_read_only(people: People, monkeypatch: pytest.MonkeyPatch):
    url, secret = _postgresql()
    monkeypatch.setenv("BIANZHI_SOURCE_TEST", secret)
    monkeypatch.setattr(
        addresses, "OPTIONS", addresses.OPTIONS | {"host"}
    )  # the server of the tests may be on a socket
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE payroll_for_pull (姓名 text, 证件号码 text, 参保单位名称 text, 参保时间 date)")
        cursor.executemany(
            "INSERT INTO payroll_for_pull VALUES (%s, %s, %s, '2020-01-01')",
            [(name, number, unit) for name, number, _, _, unit in people_of(30)],
        )
    connection.commit()
    try:
        query = "SELECT * FROM payroll_for_pull WHERE 姓名 <> :period"
        out = Path(settings.HOME) / "pulled.parquet"
        wanted = Pull(url, query, "2026-02", "BIANZHI_SOURCE_TEST")
        assert pull_to_parquet(wanted, out, _silent) == 30
        table = pq.read_table(out)
        assert table.column_names == ["姓名", "证件号码", "参保单位名称", "参保时间"]
        assert table.column("参保时间").to_pylist()[0] == "2020-01-01"
        with pytest.raises(CannotPull, match="超过 10 行"):
            pull_to_parquet(Pull(url, query, "2026-02", "BIANZHI_SOURCE_TEST", most_rows=10), out, _silent)
        with pytest.raises(CannotPull, match="read-only"):
            _write_in_a_pull(url, out)
        slow = Pull(url, "SELECT pg_sleep(5), '1' AS 姓名", "2026-02", "BIANZHI_SOURCE_TEST", seconds=1)
        with pytest.raises(CannotPull, match="timeout"):
            pull_to_parquet(slow, out, _silent)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE payroll_for_pull")
        connection.commit()


def _write_in_a_pull(url: str, out: Path) -> None:
    """A SELECT that writes: the server itself refuses, because the session may only read."""
    hidden = "SELECT * FROM nextval('auth_seq_for_pull')"
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE auth_seq_for_pull")
    connection.commit()
    try:
        pull_to_parquet(Pull(url, hidden, "2026-02", "BIANZHI_SOURCE_TEST"), out, _silent)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SEQUENCE auth_seq_for_pull")
        connection.commit()


def _postgresql() -> tuple[str, str]:
    """Address without password, and the password; skipped where the tests run on SQLite."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: set DATABASE_URL")
    told = connection.settings_dict
    host = told["HOST"] or "localhost"
    query = f"?host={host}" if host.startswith("/") else ""
    where = "" if query else f"{host}:{told['PORT'] or 5432}"
    return f"postgresql://{told['USER']}@{where}/{told['NAME']}{query}", told["PASSWORD"] or ""


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM people",
        "SELECT 1; DROP TABLE people",
        "INSERT INTO a SELECT * FROM b",
        "WITH gone AS (DELETE FROM people RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copy FROM people",
        "SELECT * FROM people FOR UPDATE",
        "COPY people TO PROGRAM 'sh'",
        "SELECT 1 /*!50000 INTO OUTFILE '/tmp/x' */",
        "SELECT 1 /*M!100100 INTO OUTFILE '/tmp/x' */",
        "selec * form",
        "",
    ],
)
def test_only_one_reading_statement_is_run(query: str):
    with pytest.raises(CannotPull):
        single_select(query, "postgres")


def test_no_other_secret_of_the_server_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("BIANZHI_SECRET_KEY", "x")
    wanted = Pull("postgresql://a@localhost/b", "SELECT 1", "2026-02", "BIANZHI_SECRET_KEY")
    with pytest.raises(CannotPull, match="环境变量名"):
        pull_to_parquet(wanted, tmp_path / "a.parquet", _silent)


def test_a_missing_secret_is_named(tmp_path: Path):
    wanted = Pull("postgresql://a@localhost/b", "SELECT 1", "2026-02", "BIANZHI_SOURCE_NOWHERE")
    with pytest.raises(CannotPull, match="BIANZHI_SOURCE_NOWHERE"):
        pull_to_parquet(wanted, tmp_path / "a.parquet", _silent)


def test_a_database_that_is_away_is_said_to_be(people: People, monkeypatch: pytest.MonkeyPatch):
    told = {"url": "postgresql://a@127.0.0.1:1/b", "query": "SELECT 1"}
    source = source_of(people.director, "hr", transport=Transport.DATABASE, settings=told)
    job = request_pull(actor=people.office_clerk, source_id=source.pk, period="2026-02")
    jobs.run_waiting()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "数据库拒绝或中断" in job.error


@pytest.mark.parametrize(
    "told",
    [
        {"url": "postgresql://a:secret@host/b", "query": "SELECT 1"},
        {"url": "sqlite:////etc/passwd", "query": "SELECT 1"},
        {"url": "mysql://a@host/b?local_infile=1", "query": "SELECT 1"},
        {"url": "mysql://a@host/b?read_default_file=/etc/mysql/debian.cnf", "query": "SELECT 1"},
        {"url": "postgresql://a@host/b?sslmode=require&password=secret", "query": "SELECT 1"},
        {"url": "postgresql://a@host/b?host=/run/postgresql", "query": "SELECT 1"},
        {"url": "postgresql://a@host/b", "query": ""},
        {"url": "", "query": "SELECT 1"},
        {"url": "postgresql://a@host/b", "query": "SELECT 1", "password_env": "PATH"},
    ],
)
def test_a_database_source_keeps_no_password_and_names_a_known_database(people: People, told: dict[str, str]):
    with pytest.raises(Refused) as refused:
        source_of(people.director, "hr", transport=Transport.DATABASE, settings=told)
    assert refused.value.codes == ["X73"]


def test_an_address_may_ask_for_encryption(people: People):
    told = {"url": "postgresql://a@host/b?sslmode=require", "query": "SELECT 1"}
    assert source_of(people.director, "hr", transport=Transport.DATABASE, settings=told).settings == told


def test_an_option_that_reads_files_of_the_server_is_refused_when_connecting_too(tmp_path: Path):
    wanted = Pull("mysql://a@127.0.0.1:1/b?local_infile=1", "SELECT 1", "2026-02")
    with pytest.raises(CannotPull, match="local_infile"):
        pull_to_parquet(wanted, tmp_path / "a.parquet", _silent)


def test_what_a_database_says_of_a_value_tells_nobodys_number():
    said = DataError("SELECT 1", {}, ValueError('invalid input syntax for type date: "330699199001011233"'))
    assert "330699" not in _plain(said)
    assert "invalid input syntax" in _plain(said)


@pytest.fixture
def folder(people: People) -> Path:
    source = source_of(people.director, transport=Transport.FOLDER)
    place = dropbox_of(source)
    place.mkdir(parents=True, exist_ok=True)
    for old in place.rglob("*"):
        if old.is_file() or old.is_symlink():
            old.unlink()
    return place


def test_a_finished_file_is_delivered_for_the_month_in_its_name_and_moved(folder: Path):
    _drop(folder / "工资 2026年1月.csv", as_csv(people_of(5)))
    assert dropbox.look()
    jobs.run_waiting()
    delivery = Delivery.objects.get()
    assert (delivery.period, delivery.state) == ("2026-01", DeliveryState.ACCEPTED)
    assert delivery.received_by is None
    assert [path.suffixes for path in (folder / "done").iterdir()] == [[".csv", ".sealed"]]
    assert not dropbox.look()


def test_a_file_still_being_written_waits(folder: Path):
    (folder / "新.csv").write_bytes(as_csv(people_of(5)))
    _drop(folder / "半个.csv.part", as_csv(people_of(5)))
    assert not dropbox.look()


def test_what_is_no_roster_is_moved_aside_with_the_reason(folder: Path):
    _drop(folder / "说明.docx", b"PK")
    _drop(folder / "空.csv", b"")
    secret = folder.parent / "别处.csv"
    secret.write_bytes(b"secret")
    link = folder / "名册.csv"
    link.symlink_to(secret)
    os.utime(link, (time.time() - 99,) * 2, follow_symlinks=False)
    assert dropbox.look()
    jobs.run_waiting()
    assert not Delivery.objects.exists()
    reasons = sorted(path.read_text() for path in (folder / "refused").glob("*.原因.txt"))
    assert any("不是普通文件" in reason for reason in reasons)
    assert any("不接收 .docx" in reason for reason in reasons)
    assert any("文件是空的" in reason and "重新报送" in reason for reason in reasons)


def test_a_name_that_windows_wrote_is_read_and_keeps_no_other_waiting(folder: Path):
    raw = Path(os.fsdecode(os.fsencode(folder) + b"/" + "工资 2026年1月.csv".encode("gb18030")))
    _drop(raw, as_csv(people_of(5)))
    _drop(folder / "后来 2026年1月.csv", as_csv(people_of(6)))
    assert dropbox.look()
    jobs.run_waiting()
    assert {each.file_name for each in Delivery.objects.all()} == {"工资 2026年1月.csv", "后来 2026年1月.csv"}
    assert {each.period for each in Delivery.objects.all()} == {"2026-01"}
    assert not dropbox.look()


def test_a_file_nobody_may_read_is_moved_aside_and_keeps_no_other_waiting(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    opened = os.open

    def refusing(path: Path, *args: int, **kwargs: int) -> int:
        if "甲" in str(path):
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **kwargs)

    _drop(folder / "甲.csv", as_csv(people_of(5)))
    _drop(folder / "乙.csv", as_csv(people_of(6)))
    monkeypatch.setattr("bianzhi.common.dropped_files.os.open", refusing)
    jobs.enqueue(dropbox.TAKE_JOB, title="接收", params={}, actor=dropbox.DROPBOX)
    jobs.run_waiting()
    assert [each.file_name for each in Delivery.objects.all()] == ["乙.csv"]
    assert "读取权限" in next((folder / "refused").glob("*.原因.txt")).read_text()


def test_a_link_in_place_of_a_folder_leads_nothing_elsewhere(folder: Path, tmp_path: Path):
    (folder / "done").rmdir() if (folder / "done").is_dir() else None
    (folder / "done").symlink_to(tmp_path)
    _drop(folder / "名册 2026-01.csv", as_csv(people_of(5)))
    assert dropbox.look()
    jobs.run_waiting()
    assert Delivery.objects.count() == 1
    assert not list(tmp_path.glob("*名册*"))
    assert list((folder / "done").glob("*名册*"))


def test_what_could_not_be_moved_aside_is_not_taken_again_and_again(folder: Path):
    (folder / "done").rmdir() if (folder / "done").is_dir() else None
    (folder / "done").write_text("a file where a folder should be")
    _drop(folder / "名册 2026-01.csv", as_csv(people_of(5)))
    assert not dropbox.look()
    (folder / "done").unlink()
    assert dropbox.look()
    jobs.run_waiting()
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("编办2026-10.xlsx", "2026-10"),
        ("202610工资.csv", "2026-10"),
        ("2026年9月.xls", "2026-09"),
        ("名册.csv", "2026-02"),
        ("20261031.csv", "2026-02"),
    ],
)
def test_the_month_stands_in_the_name(name: str, month: str):
    assert dropbox.period_in(name, "2026-02") == month


def test_parts_stand_in_the_name():
    assert dropbox.parts_in("工资2026-10第2部分共3部分.csv") == (2, 3)
    assert dropbox.parts_in("payroll part1of2.csv") == (1, 2)
    assert dropbox.parts_in("工资.csv") == (1, 1)


def _drop(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    os.utime(path, (time.time() - 99,) * 2)
