"""Jobs of workers that are gone: their lease has run out without a sign of life."""

import logging

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bianzhi.common.jobs.channel import channel
from bianzhi.common.jobs.running import retry_or_fail, run_job
from bianzhi.common.models import Job, JobState

log = logging.getLogger(__name__)


class WorkerGone(Exception):
    """Written into the task of a worker that ended without a word."""


def reap() -> int:
    """Give every orphaned job another attempt, or end it after the last one; returns how many there were.

    django-tasks-db itself never looks back at a task it once handed to a worker.
    """
    way = channel()
    expired = Job.objects.filter(state=JobState.RUNNING, leased_until__lt=timezone.now())
    orphans = [job for job in expired.order_by("pk") if not way.is_alive(job)]
    for job in orphans:
        log.warning("job %s (%s): its worker is gone after attempt %s", job.pk, job.kind, job.attempts)
        _close_tasks(job)
        retry_or_fail(job, "后台进程中断")
    return len(orphans)


def _close_tasks(job: Job) -> None:
    running = DBTaskResult.objects.running().filter(task_path=run_job.module_path, args_kwargs__args__0=job.pk)
    for result in running:
        result.set_failed(WorkerGone(f"job {job.pk}"))
