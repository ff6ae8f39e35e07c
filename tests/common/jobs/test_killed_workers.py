"""A worker killed at every point between taking a job and closing it: the job is done by the next, and done once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from bianzhi.audit.actors import System
from bianzhi.common import jobs, outbox
from bianzhi.common.jobs import reaper, running
from bianzhi.common.jobs.context import JobContext
from bianzhi.common.jobs.reaper import reap
from bianzhi.common.jobs.worker import run_one
from bianzhi.common.models import Job, JobState, OutboxMessage, SerialCounter

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL"),
]
STEPS = 3
_leaked: list[Any] = []


def effects() -> int:
    """What the job has left behind: one count for each step that was committed."""
    return sum(SerialCounter.objects.filter(series__startswith="killed").values_list("last", flat=True))


def nothing(*_: Any, **__: Any) -> None:
    """Where the work goes on undisturbed."""


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Work:
    """A long job: each step is a transaction of its own, remembered by what it wrote, the last ends the job with it."""

    def __init__(self) -> None:
        self.before_step: Callable[[int], None] = nothing
        self.inside_step: Callable[[int], None] = nothing
        self.after_step: Callable[[int], None] = nothing

    def __call__(self, context: JobContext) -> None:
        for step in range(STEPS):
            self.before_step(step)
            with transaction.atomic():
                _, fresh = SerialCounter.objects.get_or_create(series=f"killed-{step}", defaults={"last": 1})
                if fresh:
                    outbox.put("test.step", key=step, payload={})
                self.inside_step(step)
                if step == STEPS - 1:
                    context.complete({"steps": STEPS})
            self.after_step(step)
            context.progress(step + 1, STEPS)


@pytest.fixture
def work() -> Work:
    long_work = Work()
    jobs.job("test.long")(long_work)
    return long_work


def killed(prepare: Callable[[], None]) -> None:
    """Run one task in a forked worker whose death `prepare` has arranged."""
    child = os.fork()
    if not child:
        for connection in connections.all():
            _leaked.append(connection.connection)
            connection.connection = None
        prepare()
        run_one()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the worker ended by itself: {status}"
    assert os.WTERMSIG(status) == signal.SIGKILL


def at(place: str, step: int, work: Work) -> Callable[[], None]:
    def prepare() -> None:
        setattr(work, place, lambda now: die() if now == step else None)

    return prepare


def instead(owner: Any, name: str) -> Callable[[], None]:
    return lambda: setattr(owner, name, die)


def places(work: Work) -> dict[str, Callable[[], None]]:
    """Every point at which a worker can die, in the order of a job's life."""
    found = {"taken from the queue": instead(TaskWorker, "run_task"), "claimed": instead(running, "_run")}
    for step in range(STEPS):
        for place in ("before_step", "inside_step", "after_step"):
            found[f"{place} {step}"] = at(place, step, work)
    found["closing the task"] = instead(DBTaskResult, "set_successful")
    return found


NAMES = list(places(Work()))


def look_for_what_is_left() -> None:
    """The lease has run out, and another worker notices."""
    Job.objects.filter(state=JobState.RUNNING).update(leased_until=timezone.now() - timedelta(minutes=5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reaper, "LEASE_SECONDS", -1)
        patch.setattr("bianzhi.common.jobs.channel.LEASE_SECONDS", -1)
        reap()


@pytest.mark.parametrize("name", NAMES)
def test_a_worker_killed_anywhere_leaves_a_job_that_is_done_once(name, work):
    job = jobs.enqueue("test.long", title="长任务", params={}, actor=System("测试"))
    killed(places(work)[name])
    look_for_what_is_left()
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.DONE, {"steps": STEPS})
    assert effects() == STEPS
    assert OutboxMessage.objects.filter(topic="test.step").count() == STEPS
    assert not DBTaskResult.objects.running().exists()
    assert not DBTaskResult.objects.ready().exists()


def test_a_job_that_kills_every_worker_ends_in_words_and_the_administrator_is_told(work):
    job = jobs.enqueue("test.long", title="毒丸", params={}, actor=System("测试"))
    for _ in range(running.MAX_ATTEMPTS):
        killed(at("inside_step", 1, work))
        look_for_what_is_left()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.FAILED, running.MAX_ATTEMPTS)
    assert "已尝试 3 次" in job.error
    assert [message.payload for message in OutboxMessage.objects.filter(topic="jobs.failed")] == [{"job": job.pk}]
    assert not DBTaskResult.objects.ready().exists()
