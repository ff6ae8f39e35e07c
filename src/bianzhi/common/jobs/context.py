"""What a handler is given, and how it may end early."""

import threading
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from bianzhi.common.jobs.channel import Progress
from bianzhi.common.models import Job, JobState

MESSAGE_LENGTH = 200


class Cancelled(Exception):
    """Somebody asked the job to stop. Let it pass: it rolls the handler's transaction back."""


class Interrupted(BaseException):
    """The worker is being stopped; the job starts again with the next one. No handler takes it for its own error."""


class TakenOver(BaseException):
    """Another worker took the job up, because this one gave no sign of life: what is not committed is rolled back."""


class JobFailed(Exception):
    """The work cannot be done; the message is Chinese and is shown to whoever asked for it."""


class JobContext:
    """A running job as its handler sees it."""

    def __init__(self, job: Job, *, stopping: threading.Event) -> None:
        self.job = job
        self.params: Mapping[str, Any] = job.params
        self.cancel_asked = threading.Event()
        self.taken_over = threading.Event()
        self.completed = False
        self._stopping = stopping
        self._progress = Progress(message="正在准备")

    @property
    def latest_progress(self) -> Progress:
        """What the handler said last; the pulse publishes it."""
        return self._progress

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Say how far the work is. Cheap enough to be called for every row.

        Raises Cancelled, Interrupted or TakenOver when the work is to stop here.
        """
        self._progress = Progress(done, total, message[:MESSAGE_LENGTH])
        if self.taken_over.is_set() and not self.completed:
            raise TakenOver
        if self.cancel_asked.is_set():
            raise Cancelled
        if self._stopping.is_set():
            raise Interrupted

    def cancelled(self) -> bool:
        """Whether somebody asked the job to stop, for handlers that want to tidy up before they end."""
        return self.cancel_asked.is_set()

    def complete(self, result: Mapping[str, Any]) -> None:
        """Mark the job done inside the handler's own transaction, as its last act.

        Work and completion are then committed together: a worker killed between them cannot do the work twice. Raises
        TakenOver when this run is no longer the one that counts: a worker that was paused cannot do it twice either.
        """
        progress = self._progress
        completed = self.job.this_run().update(
            state=JobState.DONE,
            result=dict(result),
            done=progress.total,
            total=progress.total,
            message="",
            finished_at=timezone.now(),
        )
        if not completed:
            raise TakenOver
        self.completed = True
