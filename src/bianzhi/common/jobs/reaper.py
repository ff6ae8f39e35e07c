"""Jobs of workers that are gone: their lease has run out without a sign of life."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bianzhi.common.jobs.channel import LEASE_SECONDS, channel
from bianzhi.common.jobs.running import retry_or_fail, run_job, to_queue
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
    return len(orphans) + _requeue_lost()


def _close_tasks(job: Job) -> None:
    running = DBTaskResult.objects.running().filter(task_path=run_job.module_path, args_kwargs__args__0=job.pk)
    for result in running:
        result.set_failed(WorkerGone(f"job {job.pk}"))


def _requeue_lost() -> int:
    """Close the tasks of workers that died just before their job began or just after it ended.

    The job of the first kind still waits, but nothing in the queue leads to it any more; it is put there again.
    """
    before = timezone.now() - timedelta(seconds=LEASE_SECONDS)
    held = DBTaskResult.objects.running().filter(task_path=run_job.module_path, started_at__lt=before)
    return sum(_requeue(result) for result in held)


def _requeue(result: DBTaskResult) -> bool:  # type: ignore[type-arg]
    job = Job.objects.filter(pk=result.args_kwargs["args"][0]).first()
    if job is None or job.state == JobState.RUNNING:
        return False
    queued = DBTaskResult.objects.ready().filter(task_path=run_job.module_path, args_kwargs__args__0=job.pk)
    with transaction.atomic():
        result.set_failed(WorkerGone(f"job {job.pk}"))
        lost = job.state == JobState.WAITING and not queued.exists()
        if lost:
            log.warning("job %s (%s): its worker is gone before it began", job.pk, job.kind)
            to_queue(job)
    return lost
