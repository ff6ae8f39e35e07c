"""Jobs from the wish to the result, and every way they can end."""

from __future__ import annotations

import time
from threading import Thread

import pytest
from django.db import OperationalError, connections, transaction
from django_tasks_db.models import DBTaskResult

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.audit.jobs_by_hand import cancel_job
from bianzhi.audit.models import AuditEntry
from bianzhi.common import jobs
from bianzhi.common.jobs import running
from bianzhi.common.models import Job, JobState
from bianzhi.kernel.objections import Objection, Refused

pytestmark = pytest.mark.django_db
ACTOR = System("测试")


def ask(kind: str = "test.work", **params) -> Job:
    return jobs.enqueue(kind, title="试办", params=params, actor=ACTOR)


def done(job: Job) -> Job:
    jobs.run_waiting()
    job.refresh_from_db()
    return job


def test_a_job_runs_with_its_parameters_and_keeps_its_result():
    @jobs.job("test.work")
    def work(context):
        context.progress(2, 4, "一半")
        return {"sum": context.params["a"] + 1}

    job = done(ask(a=1))
    assert (job.state, job.result, job.attempts) == (JobState.DONE, {"sum": 2}, 1)
    assert (job.percent, job.error, job.message) == (100, "", "")
    assert job.finished_at is not None


def test_a_job_asked_for_in_a_transaction_that_fails_was_never_asked_for():
    def ask_and_fail():
        with transaction.atomic():
            ask()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        ask_and_fail()
    assert not Job.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_who_asked_is_kept():
    user = User.objects.create_user("li", None, display_name="李")
    assert jobs.enqueue("test.work", title="试办", params={}, actor=user).requested_by == user
    assert ask().requested_by is None


def test_a_refusal_is_told_with_its_reasons():
    @jobs.job("test.work")
    def work(context):
        raise Refused([Objection("R02", "空编不足：可用 0 名")])

    job = done(ask())
    assert job.state == JobState.FAILED
    assert "可用 0 名" in job.error


def test_an_error_of_the_program_is_told_without_its_details():
    @jobs.job("test.work")
    def work(context):
        raise KeyError("secret detail")

    job = done(ask())
    assert job.state == JobState.FAILED
    assert str(job.pk) in job.error
    assert "secret" not in job.error


def test_a_kind_nobody_handles_fails_in_words():
    assert "没有能办理" in done(ask("test.unheard_of")).error


def test_a_database_that_refuses_is_tried_again_up_to_the_cap():
    tries = []

    @jobs.job("test.work")
    def work(context):
        tries.append(1)
        raise OperationalError("database is locked")

    job = done(ask())
    assert len(tries) == running.MAX_ATTEMPTS
    assert job.state == JobState.FAILED
    assert "已尝试 3 次" in job.error


def test_a_waiting_job_is_cancelled_at_once_and_never_runs():
    @jobs.job("test.work")
    def work(context):
        raise AssertionError

    job = ask()
    jobs.cancel(job)
    assert done(job).state == JobState.CANCELLED


def test_a_running_job_stops_at_its_next_progress_and_its_writes_are_taken_back():
    @jobs.job("test.work")
    def work(context):
        with transaction.atomic():
            User.objects.create_user("half", None, display_name="半")
            context.cancel_asked.set()
            context.progress(1, 2)

    job = done(ask())
    assert job.state == JobState.CANCELLED
    assert "没有写入" in job.message
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_and_cancelling_works_on_record_while_the_jobs_transaction_holds_its_locks(monkeypatch):
    monkeypatch.setattr("bianzhi.common.jobs.pulse.BEAT_SECONDS", 0.05)
    seen, readers = [], []

    def read_and_cancel(pk: int) -> None:
        """What the pages do meanwhile, on a connection of their own."""
        try:
            while not (shown := jobs.latest(Job.objects.get(pk=pk))).done:
                time.sleep(0.02)
            seen.append((shown.done, shown.total, shown.message))
            assert cancel_job(actor=ACTOR, job=shown)
        finally:
            connections.close_all()

    @jobs.job("test.work")
    def work(context):
        reader = Thread(target=read_and_cancel, args=[context.job.pk])
        readers.append(reader)
        with transaction.atomic():
            User.objects.create_user("half", None, display_name="半")
            reader.start()
            for _ in range(500):
                context.progress(30, 120, "正在写入人员")
                time.sleep(0.02)

    job = done(ask())
    readers[0].join()
    assert [entry.subject_id for entry in AuditEntry.objects.filter(action="jobs.cancelled")] == [str(job.pk)]
    assert seen == [(30, 120, "正在写入人员")]
    assert job.state == JobState.CANCELLED
    assert not User.objects.exists()


def test_a_stopping_worker_puts_its_job_back_without_counting_the_attempt():
    @jobs.job("test.work")
    def work(context):
        running.stopping.set()
        context.progress(1, 2)

    job = ask()
    running.run_job.call(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.WAITING, 0)
    assert DBTaskResult.objects.ready().count() == 2


def test_completion_can_be_part_of_the_works_own_transaction():
    @jobs.job("test.work")
    def work(context):
        with transaction.atomic():
            context.progress(1, 2)
            context.complete({"accepted": 2})
        return {"ignored": True}

    job = done(ask())
    assert (job.state, job.result, job.percent) == (JobState.DONE, {"accepted": 2}, 100)


def test_a_job_taken_by_somebody_else_is_left_alone():
    @jobs.job("test.work")
    def work(context):
        raise AssertionError

    job = ask()
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    assert done(job).state == JobState.RUNNING


def test_a_failed_job_can_be_asked_for_again_a_finished_one_cannot():
    outcomes = [JobState.FAILED, JobState.DONE]

    @jobs.job("test.work")
    def work(context):
        if outcomes.pop(0) == JobState.FAILED:
            raise jobs.JobFailed("缺少表头")

    job = done(ask())
    assert job.error == "缺少表头"
    assert jobs.resume(job)
    assert done(job).state == JobState.DONE
    assert job.error == ""
    assert not jobs.resume(job)


def test_two_handlers_of_one_kind_are_refused():
    jobs.job("test.work")(lambda context: None)
    with pytest.raises(ValueError, match="twice"):
        jobs.job("test.work")(lambda context: None)
