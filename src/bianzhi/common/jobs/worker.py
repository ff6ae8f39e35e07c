"""The loop of `./bianzhi worker`: jobs, orphans, outbox, daily and recurring work.

Idle, it only reads: a poll that took SQLite's write lock every second would stand in the way of the pages.
"""

import logging
import os
import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import DatabaseError, close_old_connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction

from bianzhi.common import working_files
from bianzhi.common.jobs import delivery, schedule
from bianzhi.common.jobs.heartbeat import Heartbeat
from bianzhi.common.jobs.reaper import reap
from bianzhi.common.jobs.running import stopping
from bianzhi.kernel import clock

log = logging.getLogger(__name__)

T = TypeVar("T")
PAUSE: Final = 1.0
REAP_EVERY: Final = 10.0
LOOK_AT_CALENDAR_EVERY: Final = 60.0


class Worker:
    """One worker; several may run beside each other on PostgreSQL."""

    def __init__(self, *, leave_with_parent: bool = False) -> None:
        self._parent = os.getppid() if leave_with_parent else None
        self._next_reap = self._next_day = 0.0
        self._heart = Heartbeat()

    def run(self) -> None:
        """Work until `stopping` is set, or until the process that started this one is gone."""
        log.info("worker started")
        working_files.sweep()
        with self._heart:
            while not stopping.is_set() and not self._is_orphan():
                close_old_connections()
                if not self.step():
                    stopping.wait(PAUSE)
        log.info("worker stopped")

    def step(self) -> bool:
        """One round; True when a job was run, so that the next round should not wait."""
        now = time.monotonic()
        if now >= self._next_reap:
            self._next_reap = now + REAP_EVERY
            self._guarded(reap)
        if now >= self._next_day:
            self._next_day = now + LOOK_AT_CALENDAR_EVERY
            self._guarded(lambda: schedule.start_daily_work(clock.today()))
        with self._heart.at_a_job():
            worked = self._guarded(run_one) or False
        self._guarded(delivery.deliver_waiting)
        self._guarded(schedule.run_recurring)
        return worked

    def _is_orphan(self) -> bool:
        return self._parent is not None and os.getppid() != self._parent

    def _guarded(self, work: Callable[[], T]) -> T | None:
        """Do a part of the round; a database that is busy or away is waited out, not a reason to end."""
        self._heart.turn()
        try:
            return work()
        except DatabaseError:
            log.exception("worker: the database refused, trying again")
            return None


def run_one() -> bool:
    """Claim the next task of the queue and run it; False when there is none."""
    ready = DBTaskResult.objects.ready()
    if not ready.exists():
        return False
    worker = TaskWorker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=1,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )
    with exclusive_transaction():
        task = ready.get_locked()
        if task is not None:
            task.claim(worker.worker_id)
    if task is not None:
        worker.run_task(task)
    return task is not None


def run_waiting() -> int:
    """Run every waiting job in this process and return how many there were; for tests and for `worker --once`."""
    count = 0
    while run_one():
        count += 1
    return count
