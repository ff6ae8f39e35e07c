"""The jobs of workers that are gone."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.common.jobs import running
from bianzhi.common.jobs.channel import Progress, RowChannel, channel
from bianzhi.common.jobs.context import JobContext
from bianzhi.common.jobs.reaper import reap
from bianzhi.common.models import Job, JobState, OutboxMessage, SerialCounter

pytestmark = pytest.mark.django_db
REPOSITORY = Path(__file__).resolve().parents[3]


def abandoned(*, attempts: int = 1, lease: float = -60) -> Job:
    """A job whose worker claimed it and was never heard of again."""
    job = jobs.enqueue("test.work", title="试办", params={}, actor=System("测试"))
    DBTaskResult.objects.ready().get().claim("gone")
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, attempts=attempts, leased_until=timezone.now() + timedelta(seconds=lease)
    )
    return job


def test_an_abandoned_job_is_run_again():
    jobs.job("test.work")(lambda context: {"done": True})
    job = abandoned()
    assert reap() == 1
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.DONE, 2)


def test_the_task_of_the_gone_worker_does_not_stay_running():
    abandoned()
    reap()
    assert not DBTaskResult.objects.running().exists()
    assert DBTaskResult.objects.ready().count() == 1


def test_after_the_last_attempt_the_job_fails_in_words():
    job = abandoned(attempts=running.MAX_ATTEMPTS)
    reap()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "后台进程中断" in job.error


def test_a_job_under_lease_is_left_alone():
    job = abandoned(lease=30)
    assert reap() == 0
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_a_job_that_gives_signs_of_life_is_left_alone_even_while_it_holds_the_only_write_lock():
    job = abandoned()
    channel().publish(job, Progress(1, 2, "正在写入"))
    assert reap() == 0


def test_the_progress_of_a_running_job_is_seen_from_outside_its_transaction():
    job = abandoned(lease=30)
    channel().publish(job, Progress(30, 120, "正在写入人员"))
    shown = jobs.latest(Job.objects.get(pk=job.pk))
    assert (shown.percent, shown.message) == (25, "正在写入人员")


def test_what_was_published_is_forgotten_when_the_job_starts_again():
    job = abandoned(lease=30)
    channel().publish(job, Progress(30, 120, "正在写入人员"))
    channel().ask_to_cancel(job.pk)
    channel().forget(job.pk)
    assert not channel().is_asked_to_cancel(job.pk)


def write_and(end: Callable[[JobContext], Any]) -> Callable[[JobContext], Any]:
    """A job whose first worker is paused for longer than its lease, while a second takes the job up and does it."""
    runs: list[int] = []

    def work(context: JobContext) -> Any:
        runs.append(len(runs) + 1)
        is_first = runs == [1]
        if is_first:
            Job.objects.filter(pk=context.job.pk).update(leased_until=timezone.now() - timedelta(minutes=1))
            channel().forget(context.job.pk)
            assert reap() == 1
            jobs.run_waiting()
        with transaction.atomic():
            SerialCounter.objects.create(series=f"run {1 if is_first else 2}", last=1)
            if not is_first:
                context.complete({"run": 2})
                return None
            return end(context)

    return work


def fail(context: JobContext) -> None:
    raise KeyError("broken by what the second run did")


def go_on(context: JobContext) -> None:
    if channel().is_taken_over(context.job):
        context.taken_over.set()
    context.progress(1, 2)
    context.complete({"run": 1})


@pytest.mark.parametrize("end", [lambda context: context.complete({"run": 1}), fail, go_on])
def test_a_worker_that_was_paused_writes_nothing_once_another_took_its_job_up(end):
    jobs.job("test.work")(write_and(end))
    job = jobs.enqueue("test.work", title="试办", params={}, actor=System("测试"))
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts, job.error) == (JobState.DONE, {"run": 2}, 2, "")
    assert list(SerialCounter.objects.filter(series__startswith="run").values_list("series", flat=True)) == ["run 2"]
    assert not OutboxMessage.objects.filter(topic="jobs.failed").exists()


def test_a_worker_that_was_paused_keeps_no_lease_of_the_run_after_its_own():
    paused = abandoned(lease=30)
    paused.refresh_from_db()
    assert not RowChannel().is_taken_over(paused)
    Job.objects.filter(pk=paused.pk).update(started_at=timezone.now())
    before = Job.objects.get(pk=paused.pk)
    RowChannel().publish(paused, Progress(1, 2, "旧的"))
    after = Job.objects.get(pk=paused.pk)
    assert (after.leased_until, after.message) == (before.leased_until, "")
    assert RowChannel().is_taken_over(paused)
    running.put_back(paused, attempts=0, message="")
    assert Job.objects.get(pk=paused.pk).state == JobState.RUNNING


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="one engine is enough for killing a process")
def test_a_worker_killed_in_the_middle_of_a_job_loses_nothing(tmp_path):
    home = {**os.environ, "BIANZHI_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "bianzhi.config.settings"}
    home["DATABASE_URL"] = ""
    home["PYTHONPATH"] = f"{REPOSITORY / 'src'}{os.pathsep}{REPOSITORY}"

    def shell(program: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{program}"],
            env=home,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    shell("from django.core.management import call_command; call_command('migrate', verbosity=0)")
    shell(
        "from tests.common.jobs import sleepy_work\nfrom bianzhi.common import jobs\n"
        "from bianzhi.audit.actors import System\n"
        "jobs.enqueue('test.sleepy', title='慢', params={}, actor=System('x'))"
    )
    program = (
        "import django; django.setup()\nfrom tests.common.jobs import sleepy_work\n"
        "from bianzhi.common.jobs.worker import Worker\nWorker().run()"
    )
    first = subprocess.Popen([sys.executable, "-c", program], env=home)
    _until(lambda: _job(tmp_path)[0] == "running")
    first.send_signal(signal.SIGKILL)
    first.wait()
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database, database:
        database.execute("UPDATE common_job SET leased_until = '2020-01-01 00:00:00'")
    for file in (tmp_path / "jobs").glob("*.json"):
        os.utime(file, (0, 0))
    second = subprocess.Popen([sys.executable, "-c", program], env={**home, "SLEEPY": "0"})
    try:
        _until(lambda: _job(tmp_path)[0] == "done")
    finally:
        second.terminate()
        second.wait(timeout=10)
    assert _job(tmp_path) == ("done", 2, '{"slept": true}')


def _job(home: Path) -> tuple[str, int, str]:
    with closing(sqlite3.connect(home / "db.sqlite3")) as database:
        found: tuple[str, int, str] = database.execute("SELECT state, attempts, result FROM common_job").fetchone()
    return found


def _until(true, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.3)
