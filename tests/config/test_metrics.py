"""What monitoring is told, and that nobody else is told anything."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from bianzhi.accounts.models import User
from bianzhi.audit import chain
from bianzhi.audit.actors import System
from bianzhi.common import jobs, outbox
from bianzhi.common.field_keys import KeysUnreadable
from bianzhi.common.jobs import heartbeat
from bianzhi.common.models import Job, JobState, OutboxMessage
from bianzhi.config import metrics, readiness
from bianzhi.intrusion.models import Alert, AlertState
from bianzhi.intrusion.rules.catalogue import Severity
from tests.accounts.people import account, signed_in

TOKEN = "a-token-of-the-monitoring"
READINESS, METRICS = "bianzhi.config.readiness", "bianzhi.config.metrics"
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def monitoring(settings) -> Client:
    settings.METRICS_TOKEN = TOKEN
    return Client(headers={"Authorization": f"Bearer {TOKEN}"})


def figures(client: Client) -> dict[tuple[str, str], float]:
    """Every sample as (name, labels) → value."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.django_db
def test_for_a_stranger_there_are_no_metrics(client: Client, settings):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for header in ("Bearer wrong", f"Basic {TOKEN}", "Bearer ", ""):
        assert client.get("/metrics", headers={"Authorization": header}).status_code == 404


@pytest.mark.django_db
def test_not_even_the_system_administrator_reads_them_without_token_or_address(settings):
    assert signed_in(account("admin", "system_admin")).get("/metrics").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("allowed", "address", "forwarded", "status"),
    [
        (["127.0.0.1"], "127.0.0.1", "", 200),
        (["10.1.0.0/16"], "10.1.44.5", "", 200),
        (["10.1.0.0/16"], "10.2.0.1", "", 404),
        (["127.0.0.1"], "127.0.0.1", "8.8.8.8", 404),
        (["127.0.0.1"], "not an address", "", 404),
        ([], "127.0.0.1", "", 404),
    ],
)
def test_an_address_is_believed_only_where_it_is_the_visitors_own(
    client, settings, allowed, address, forwarded, status
):
    settings.METRICS_FROM = allowed
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client.get("/metrics", REMOTE_ADDR=address, headers=headers).status_code == status


@pytest.mark.django_db
def test_requests_are_counted_by_the_name_of_the_route_and_never_by_the_address(monitoring):
    before = figures(monitoring)
    for _ in range(3):
        Client().get("/verify/", {"number": "330699198706051234"})
    Client().get("/people/欧阳测试/330699198706051234/")
    after = figures(monitoring)
    key = ("bianzhi_requests_total", "method=GET,route=verify,status=200")
    assert after[key] - before.get(key, 0) == 3
    assert after["bianzhi_request_seconds_count", "route=verify"] >= 3
    missing = ("bianzhi_requests_total", "method=GET,route=unmatched,status=404")
    assert after[missing] - before.get(missing, 0) == 1
    assert not [key for key in after if "330699" in key[1] or "欧阳" in key[1]]


@pytest.mark.django_db
def test_time_and_statements_of_the_database_are_counted(monitoring):
    key = ("bianzhi_request_database_queries_total", "route=healthz")
    before = figures(monitoring)
    Client().get("/healthz")
    after = figures(monitoring)
    assert after[key] - before.get(key, 0) == 1
    assert after["bianzhi_request_database_seconds_total", "route=healthz"] > 0


@pytest.mark.django_db
def test_jobs_outbox_audit_and_disk_are_told(monitoring, settings, tmp_path):
    settings.HOME = tmp_path
    waiting = jobs.enqueue("x", title="等", params={}, actor=System("测试"))
    Job.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(minutes=10))
    Job.objects.create(kind="x", title="坏", state=JobState.FAILED)
    old, given_up = (outbox.put("t", key=key, payload={}) for key in ("1", "2"))
    OutboxMessage.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(minutes=3))
    OutboxMessage.objects.filter(pk=given_up.pk).update(attempts=10)
    heartbeat.beat()
    account("clerk")
    told = figures(monitoring)
    assert told["bianzhi_jobs", "state=waiting"] == told["bianzhi_jobs", "state=failed"] == 1
    assert 600 <= told["bianzhi_oldest_job_seconds", "state=waiting"] < 700
    assert told["bianzhi_outbox_given_up", ""] == 1
    assert 180 <= told["bianzhi_outbox_lag_seconds", ""] < 280
    assert told["bianzhi_audit_height", ""] == chain.head()[0] > 0
    assert told["bianzhi_worker_silent_seconds", ""] < 60
    assert told["bianzhi_disk_free_bytes", ""] > 0
    assert ("bianzhi_last_backup_age_seconds", "") not in told


@pytest.mark.django_db
def test_the_age_of_the_last_backup_and_anchor_are_told(monitoring, settings, tmp_path, monkeypatch):
    settings.BACKUP_DIR = str(tmp_path)
    settings.ANCHORS = [str(tmp_path / "anchors")]
    label = SimpleNamespace(moment=timezone.now() - timedelta(hours=5))
    monkeypatch.setattr(metrics, "_last_backup", {})
    monkeypatch.setattr(f"{METRICS}.backups.standing", lambda: SimpleNamespace(newest=SimpleNamespace(label=label)))
    arrived = SimpleNamespace(is_down=False, arrived_at=timezone.now() - timedelta(seconds=90))
    monkeypatch.setattr(f"{METRICS}.places.state_of", lambda place: arrived)
    told = figures(monitoring)
    assert 5 * 3600 <= told["bianzhi_last_backup_age_seconds", ""] < 5 * 3600 + 60
    assert 90 <= told["bianzhi_last_anchor_age_seconds", ""] < 150
    assert told["bianzhi_anchor_places_down", ""] == 0


@pytest.mark.django_db
def test_alerts_not_closed_and_how_long_nobody_answered_one_are_told(monitoring):
    now = timezone.now()
    for key, state, hours in (("1", AlertState.OPEN, 2), ("2", AlertState.HANDLED, 9), ("3", AlertState.CLOSED, 20)):
        raised = now - timedelta(hours=hours)
        times = {"first_at": raised, "last_at": raised, "raised_at": raised}
        Alert.objects.create(rule="denied", subject_key=key, severity=Severity.HIGH, state=state, count=12, **times)
    told = figures(monitoring)
    assert told["bianzhi_alerts", f"severity={Severity.HIGH.value}"] == 2
    assert told["bianzhi_alerts", f"severity={Severity.CRITICAL.value}"] == 0
    assert 2 * 3600 <= told["bianzhi_oldest_unanswered_alert_seconds", ""] < 2 * 3600 + 60


@pytest.mark.django_db
def test_a_question_that_fails_leaves_the_other_figures(monitoring, monkeypatch):
    def gone() -> tuple[int, str]:
        raise DatabaseError

    monkeypatch.setattr(f"{METRICS}.chain.head", gone)
    told = figures(monitoring)
    assert ("bianzhi_audit_height", "") not in told
    assert ("bianzhi_jobs", "state=waiting") in told


def test_what_several_processes_count_is_added_up_and_the_dead_are_forgotten(tmp_path):
    variables = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(REPOSITORY / "src")}

    def python(program: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=True
        )
        return done.stdout

    count = "from bianzhi.common import metrics; metrics.JOBS_ENDED.labels('x', 'done').inc()"
    add = (
        "from prometheus_client import CollectorRegistry, generate_latest, multiprocess\n"
        "registry = CollectorRegistry(); multiprocess.MultiProcessCollector(registry)\n"
        "print(generate_latest(registry).decode())"
    )
    python(count)
    python(count)
    assert 'bianzhi_jobs_ended_total{kind="x",outcome="done"} 2.0' in python(add)
    python("from bianzhi.common import metrics; metrics.forget_dead_processes()")
    assert "bianzhi_jobs_ended_total{" not in python(add)


# --- readiness -----------------------------------------------------------------------------------------------------


@pytest.fixture
def ready(monkeypatch, settings, tmp_path) -> None:
    """Everything in order: a worker alive, an index built."""
    settings.HOME = tmp_path
    heartbeat.beat()
    monkeypatch.setattr(f"{READINESS}.engine.backend", lambda: SimpleNamespace(exists=lambda: True))


@pytest.mark.django_db
@pytest.mark.usefixtures("ready")
def test_a_stranger_is_told_that_all_is_in_order_and_nothing_else(client: Client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
@pytest.mark.usefixtures("ready")
def test_a_stranger_is_told_that_something_is_wrong_and_not_what(client: Client, monkeypatch):
    monkeypatch.setattr(f"{READINESS}.heartbeat.silent_for", lambda: None)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready\n")


@pytest.mark.django_db
@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (lambda patch: patch.setattr(f"{READINESS}.heartbeat.silent_for", lambda: 3600.0), "3600 秒没有动静"),
        (lambda patch: patch.setattr(f"{READINESS}.heartbeat.silent_for", lambda: None), "任务进程没有运行"),
        (lambda patch: patch.setattr(readiness, "LEAST_FREE", 2**62), "磁盘只剩"),
        (
            lambda patch: patch.setattr(readiness, "_known_migrations", lambda: {("common", "9999_next")}),
            "1 步没有升级",
        ),
        (lambda patch: patch.setattr(f"{READINESS}.field_keys.keyring", _no_keys), "加密密钥缺失"),
        (lambda patch: patch.setattr(f"{READINESS}.engine.backend", _no_engine), "检索引擎没有应答"),
        (lambda patch: patch.setattr(f"{READINESS}.connection.cursor", _no_database), "数据库没有应答"),
    ],
)
def test_monitoring_is_told_what_is_wrong(monitoring, monkeypatch, break_it, told):
    break_it(monkeypatch)
    answer = monitoring.get("/readyz")
    assert answer.status_code == 503
    lines = answer.content.decode()
    assert told in lines
    assert "异常" in lines


def _no_keys() -> None:
    raise KeysUnreadable("/secret/place")


def _no_engine() -> None:
    raise ConnectionError("http://user:password@host")


def _no_database() -> None:
    raise DatabaseError("password")


@pytest.mark.django_db
@pytest.mark.usefixtures("ready")
def test_the_system_administrator_sees_the_details_others_do_not():
    administrator, clerk = account("admin", "system_admin"), account("head", "office_director")
    assert "磁盘" in signed_in(administrator).get("/readyz").content.decode()
    assert "磁盘" not in signed_in(clerk).get("/readyz").content.decode()
    assert User.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("ready")
def test_no_detail_names_a_secret_or_a_place(monitoring, monkeypatch):
    for break_it in (_no_keys, _no_engine, _no_database):
        with monkeypatch.context() as patch:
            patch.setattr(f"{READINESS}.field_keys.keyring", break_it)
            patch.setattr(f"{READINESS}.engine.backend", break_it)
            text = monitoring.get("/readyz").content.decode()
        assert "secret" not in text
        assert "password" not in text
