"""Which job is run first, and how a worker that is asked to end gives its job back."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction

from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.common.jobs import heartbeat, running, schedule
from bianzhi.common.jobs.worker import Worker
from bianzhi.common.management.commands import worker as command
from bianzhi.common.models import Job, JobState, OutboxMessage, SerialCounter

ACTOR = System("测试")


def ask(name: str, priority: int = 0) -> Job:
    return jobs.enqueue("test.work", title=name, params={}, actor=ACTOR, priority=priority)


@pytest.mark.django_db
def test_the_most_urgent_job_is_run_first_then_the_one_asked_for_first():
    order: list[str] = []
    jobs.job("test.work")(lambda context: order.append(context.job.title))
    for name, priority in (("甲", 0), ("乙", -10), ("丙", 50), ("丁", 0)):
        ask(name, priority)
    jobs.run_waiting()
    assert order == ["丙", "甲", "丁", "乙"]


@pytest.mark.django_db
def test_daily_work_lets_people_go_first():
    order: list[str] = []
    jobs.job("test.work")(lambda context: order.append("person"))
    jobs.daily("test.daily", lambda today: order.append("daily"), title="每日")
    schedule.start_daily_work(date(2026, 11, 27))
    ask("急")
    jobs.run_waiting()
    assert order == ["person", "daily"]


@pytest.mark.django_db
def test_a_job_put_back_keeps_its_place_in_the_queue():
    order: list[str] = []

    @jobs.job("test.work")
    def work(context):
        if context.job.title == "急" and not order:
            order.append("interrupted")
            running.stopping.set()
            context.progress(1, 2)
        running.stopping.clear()
        order.append(context.job.title)

    ask("急", 50)
    ask("缓")
    jobs.run_waiting()
    assert order == ["interrupted", "急", "缓"]


@pytest.mark.django_db
def test_an_error_of_the_program_is_told_to_the_administrator_a_refusal_is_not():
    @jobs.job("test.work")
    def work(context):
        raise jobs.JobFailed("缺少表头") if context.job.title == "拒" else KeyError("x")

    ask("拒")
    broken = ask("坏")
    jobs.run_waiting()
    assert [message.payload for message in OutboxMessage.objects.filter(topic="jobs.failed")] == [{"job": broken.pk}]


@pytest.mark.django_db(transaction=True)
def test_asked_twice_to_end_a_worker_breaks_off_where_it_stands_and_nothing_is_half_written(monkeypatch):
    before = signal.signal(signal.SIGTERM, command._stop)

    def ask_to_end() -> None:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.3)

    @jobs.job("test.work")
    def work(context):
        with transaction.atomic():
            SerialCounter.objects.create(series="half", last=1)
            threading.Thread(target=ask_to_end).start()
            try:
                time.sleep(60)
            except Exception:  # noqa: BLE001 - a careless handler that swallows whatever happens
                time.sleep(60)

    begun = time.monotonic()
    try:
        job = ask("长")
        running.run_job.call(job.pk)
    finally:
        signal.signal(signal.SIGTERM, before)
    job.refresh_from_db()
    assert time.monotonic() - begun < 30
    assert (job.state, job.attempts) == (JobState.WAITING, 0)
    assert not SerialCounter.objects.filter(series="half").exists()


def test_asked_twice_while_idle_a_worker_just_ends():
    running.stopping.set()
    command._stop(signal.SIGTERM, None)
    assert running.stopping.is_set()


def test_a_worker_gives_signs_of_life_while_it_works_and_none_afterwards(settings, tmp_path):
    settings.HOME = tmp_path
    assert not heartbeat.is_working()
    with heartbeat.Heartbeat():
        deadline = time.monotonic() + 10
        while not heartbeat.is_working() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert heartbeat.is_working()
    assert heartbeat.silent_for() is None


def test_a_worker_not_heard_of_for_a_minute_is_taken_for_gone(settings, tmp_path):
    settings.HOME = tmp_path
    heartbeat.beat()
    os.utime(tmp_path / "jobs" / "worker.alive", (0, time.time() - 61))
    assert not heartbeat.is_working()


def soon(happens: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.01)
    return happens()


def test_a_worker_that_stands_still_gives_no_sign_of_life_except_at_a_job(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(heartbeat, "STANDS_AFTER", 1.0)
    sign, heart = tmp_path / "jobs" / "worker.alive", heartbeat.Heartbeat()
    with heart:
        assert soon(sign.exists)
        time.sleep(1.2)
        sign.unlink()
        time.sleep(0.1)
        assert not sign.exists()
        with heart.at_a_job():
            assert soon(sign.exists)
            time.sleep(1.2)
            sign.unlink()
            assert soon(sign.exists), "a job may take long"
        sign.unlink()
        assert soon(sign.exists), "after it the loop has come on"


@pytest.mark.django_db
def test_each_part_of_a_round_counts_as_coming_on(monkeypatch):
    turned = []
    monkeypatch.setattr(heartbeat.Heartbeat, "turn", lambda self: turned.append(time.monotonic()))
    Worker().step()
    assert len(turned) >= 4
