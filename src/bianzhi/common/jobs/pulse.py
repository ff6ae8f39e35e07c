"""The heartbeat beside a running handler: publishes progress, keeps the lease, hears whether the work is to stop."""

import logging
import threading
import time
from types import TracebackType
from typing import Final

from django.db import DatabaseError, connections

from bianzhi.common.jobs.channel import LEASE_SECONDS, Progress, channel
from bianzhi.common.jobs.context import JobContext

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0
AT_LEAST_EVERY: Final = LEASE_SECONDS / 5
"""Seconds between signs of life of a job that makes no progress."""


class Pulse:
    """A thread for the length of a `with` block, with a database connection of its own."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"job-{context.job.pk}-pulse", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        published, at = Progress(), 0.0
        try:
            while not self._over.wait(BEAT_SECONDS):
                progress = self._context.latest_progress
                is_due = progress != published or time.monotonic() - at > AT_LEAST_EVERY
                if self._speak_and_listen(progress if is_due else None):
                    published, at = progress, time.monotonic()
        finally:
            connections.close_all()

    def _speak_and_listen(self, progress: Progress | None) -> bool:
        """Publish what is due, hear of a wish to cancel and of another run; True when something was published."""
        job, way = self._context.job, channel()
        try:
            if progress is not None:
                way.publish(job, progress)
            if way.is_taken_over(job):
                self._context.taken_over.set()
            if way.is_asked_to_cancel(job.pk):
                self._context.cancel_asked.set()
        except (DatabaseError, OSError):
            log.warning("job %s: progress could not be published", job.pk, exc_info=True)
            return False
        return progress is not None
