"""Asking for long work, taking the wish back, asking again."""

from collections.abc import Mapping
from typing import Any, Protocol

from django.db import transaction
from django.utils import timezone

from bianzhi.common.jobs.channel import channel
from bianzhi.common.jobs.running import to_queue
from bianzhi.common.models import Job, JobState


class Asker(Protocol):
    """Whoever asks for a job: a user, or the system itself (no key)."""

    @property
    def pk(self) -> int | None:
        """Key of the user."""


def enqueue(kind: str, *, title: str, params: Mapping[str, Any], actor: Asker, priority: int = 0) -> Job:
    """Put a job in the queue, in the caller's transaction: rolled back, it was never asked for.

    `params` must fit JSON. `title` is Chinese and shown on the page. Of what waits, the highest `priority` (-100
    to 100) is run first, then what was asked for first.
    """
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind, title=title, params=dict(params), requested_by_id=actor.pk, priority=priority
        )
        to_queue(job)
    return job


def cancel(job: Job) -> bool:
    """Stop a job: at once when it waits, at its next step of progress when it runs; False for one that has ended."""
    is_waiting = Job.objects.filter(pk=job.pk, state=JobState.WAITING)
    if is_waiting.exists() and is_waiting.update(state=JobState.CANCELLED, finished_at=timezone.now()):
        return True
    return ask_to_stop(job)


def ask_to_stop(job: Job) -> bool:
    """Stop a running job at its next step of progress; False when it does not run.

    It is asked through the channel alone: on SQLite it may hold the only write lock.
    """
    is_running = Job.objects.filter(pk=job.pk, state=JobState.RUNNING).exists()
    if is_running:
        channel().ask_to_cancel(job.pk)
    return is_running


def resume(job: Job) -> bool:
    """Put a failed or cancelled job in the queue again, with all its attempts; False when it is neither."""
    with transaction.atomic():
        found = Job.objects.filter(pk=job.pk, state__in=[JobState.FAILED, JobState.CANCELLED]).update(
            state=JobState.WAITING, attempts=0, error="", message="", done=0, cancel_requested=False, finished_at=None
        )
        if found:
            to_queue(job)
    return bool(found)
