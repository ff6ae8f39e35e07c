"""How a running job and the rest of the system talk while the job's own transaction is open.

An all-or-nothing import writes in one transaction. On PostgreSQL its progress goes to the Job row over a second
connection. SQLite has one writer, so there the progress, the sign of life and a wish to cancel are small files
under BIANZHI_HOME/jobs: worker and server share that folder, as they share the database file.
"""

import json
import os
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

from django.conf import settings
from django.db import connection
from django.utils import timezone

from bianzhi.common.models import Job, JobState

LEASE_SECONDS: Final = 45
"""A running job without a sign of life for this long belongs to a worker that is gone."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is; `message` says in Chinese what it is doing."""

    done: int = 0
    total: int = 0
    message: str = ""


class Channel(Protocol):
    """One way to publish and read what a running job says."""

    def publish(self, job: Job, progress: Progress) -> None:
        """Tell the progress of this run; also the sign of life that keeps the lease."""

    def progress_of(self, job: Job) -> Progress:
        """The newest progress of a running job."""

    def is_alive(self, job: Job) -> bool:
        """Whether a running job gave a sign of life within the lease."""

    def is_taken_over(self, job: Job) -> bool:
        """Whether this run was given up for lost: the job waits again, or another run of it goes on or has ended."""

    def ask_to_cancel(self, job_id: int) -> None:
        """Leave the wish that the job stop."""

    def is_asked_to_cancel(self, job_id: int) -> bool:
        """Whether somebody wants the job to stop."""

    def forget(self, job_id: int) -> None:
        """Drop what was published, when the job has ended or starts again."""


class RowChannel:
    """The Job row itself; for PostgreSQL, where a second connection may write beside an open transaction."""

    def publish(self, job: Job, progress: Progress) -> None:
        """Update the row, as long as this run goes on."""
        until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
        job.this_run().update(**asdict(progress), leased_until=until)

    def progress_of(self, job: Job) -> Progress:
        """What the row says."""
        return Progress(job.done, job.total, job.message)

    def is_alive(self, job: Job) -> bool:
        """Whether the lease in the row runs on."""
        return job.leased_until is not None and job.leased_until > timezone.now()

    def is_taken_over(self, job: Job) -> bool:
        """Whether the row tells of another run. No row at all is none of another."""
        return Job.objects.filter(pk=job.pk).exclude(state=JobState.RUNNING, started_at=job.started_at).exists()

    def ask_to_cancel(self, job_id: int) -> None:
        """Mark the row."""
        Job.objects.filter(pk=job_id).update(cancel_requested=True)

    def is_asked_to_cancel(self, job_id: int) -> bool:
        """Read the mark."""
        return Job.objects.filter(pk=job_id, cancel_requested=True).exists()

    def forget(self, job_id: int) -> None:
        """Take the mark away."""
        Job.objects.filter(pk=job_id, cancel_requested=True).update(cancel_requested=False)


class FileChannel:
    """A JSON file for each running job, and an empty one beside it for the wish to cancel."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def publish(self, job: Job, progress: Progress) -> None:
        """Replace the file in one step, so that a reader never sees half of it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._progress(job.pk)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        fresh.write_text(json.dumps(asdict(progress), ensure_ascii=False), encoding="utf-8")
        fresh.replace(path)

    def progress_of(self, job: Job) -> Progress:
        """What the file says; the row's own figures when there is no file."""
        try:
            return Progress(**json.loads(self._progress(job.pk).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Progress(job.done, job.total, job.message)

    def is_alive(self, job: Job) -> bool:
        """Whether the file, or the claim of the job, is younger than the lease."""
        if job.leased_until is not None and job.leased_until > timezone.now():
            return True
        try:
            return time.time() - self._progress(job.pk).stat().st_mtime < LEASE_SECONDS
        except FileNotFoundError:
            return False

    def is_taken_over(self, job: Job) -> bool:
        """Never: a file knows nothing of it. What ends the job asks the row."""
        return False

    def ask_to_cancel(self, job_id: int) -> None:
        """Leave the empty file."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._wish(job_id).touch(mode=0o600)

    def is_asked_to_cancel(self, job_id: int) -> bool:
        """Look for the empty file."""
        return self._wish(job_id).exists()

    def forget(self, job_id: int) -> None:
        """Remove both files."""
        self._progress(job_id).unlink(missing_ok=True)
        self._wish(job_id).unlink(missing_ok=True)

    def _progress(self, job_id: int) -> Path:
        return self._folder / f"{job_id}.json"

    def _wish(self, job_id: int) -> Path:
        return self._folder / f"{job_id}.cancel"


def channel() -> Channel:
    """The channel that fits the database."""
    return FileChannel(Path(settings.HOME) / "jobs") if connection.vendor == "sqlite" else RowChannel()


def latest(job: Job) -> Job:
    """The job with the newest progress put into its figures, for the page that shows it (not saved)."""
    if job.state == JobState.RUNNING:
        progress = channel().progress_of(job)
        job.done, job.total, job.message = progress.done, progress.total, progress.message
    return job
