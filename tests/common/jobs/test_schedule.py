"""What comes round: once a day, or every so many seconds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import DatabaseError, connections

from bianzhi.common import jobs
from bianzhi.common.jobs import schedule
from bianzhi.common.jobs.worker import Worker
from bianzhi.common.models import DailyRun, Job, JobState

pytestmark = pytest.mark.django_db
TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)


def test_daily_work_is_a_job_of_its_day_and_runs_once_on_it():
    seen: list[date] = []
    jobs.daily("test.warnings", seen.append, title="计算预警")
    assert schedule.start_daily_work(TODAY) == ["test.warnings"]
    assert schedule.start_daily_work(TODAY) == []
    assert schedule.start_daily_work(TOMORROW) == ["test.warnings"]
    jobs.run_waiting()
    assert seen == [TODAY, TOMORROW]
    assert set(Job.objects.values_list("title", "state")) == {("计算预警", JobState.DONE)}


def test_a_clock_put_back_starts_nothing_again():
    jobs.daily("test.warnings", lambda today: None, title="计算预警")
    schedule.start_daily_work(TOMORROW)
    assert schedule.start_daily_work(TODAY) == []


def test_two_daily_works_of_one_name_are_refused():
    jobs.daily("test.warnings", lambda today: None, title="计算预警")
    with pytest.raises(ValueError, match="twice"):
        jobs.daily("test.warnings", lambda today: None, title="计算预警")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_several_workers_start_a_days_work_once():
    jobs.daily("test.warnings", lambda today: None, title="计算预警")

    def start(number: int) -> list[str]:
        try:
            return schedule.start_daily_work(TODAY)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(start, range(4)))
    assert sum(len(names) for names in started) == 1
    assert Job.objects.count() == 1
    assert DailyRun.objects.get().last_day == TODAY


@pytest.mark.parametrize("failure", [DatabaseError, RuntimeError])
def test_recurring_work_waits_for_its_turn_and_survives_a_failure(failure):
    calls = []

    def fails():
        calls.append(1)
        raise failure

    jobs.every("test.anchor", 3600, fails)
    schedule.run_recurring()
    schedule.run_recurring()
    assert calls == [1]


def test_one_round_of_the_worker_does_the_days_work(monkeypatch):
    seen: list[date] = []
    jobs.daily("test.warnings", seen.append, title="计算预警")
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())
    worker = Worker()
    assert worker.step()
    assert not worker.step()
    assert seen == [TODAY]
