"""Running one job: claimed under a lease, brought to an end whatever happens."""

import logging
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task

from bianzhi.common.jobs.channel import LEASE_SECONDS, channel
from bianzhi.common.jobs.context import Cancelled, Interrupted, JobContext, JobFailed
from bianzhi.common.jobs.handlers import handler_of
from bianzhi.common.jobs.pulse import Pulse
from bianzhi.common.models import Job, JobState
from bianzhi.kernel.objections import Refused

log = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 3
stopping = threading.Event()
"""Set when this worker is asked to end: a running job gives way at its next step of progress."""


@task()
def run_job(job_id: int) -> None:
    """Run the job if it is still waiting; anything else (cancelled, taken by another worker) is left alone."""
    until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    claimed = Job.objects.filter(pk=job_id, state=JobState.WAITING).update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        leased_until=until,
        started_at=timezone.now(),
        finished_at=None,
        error="",
    )
    if claimed:
        channel().forget(job_id)
        _run(Job.objects.get(pk=job_id))
        channel().forget(job_id)


def _run(job: Job) -> None:
    """Call the handler and write down how it ended."""
    handler = handler_of(job.kind)
    if handler is None:
        _end(job, JobState.FAILED, error=f"没有能办理“{job.kind}”的程序，请联系系统管理员。")
        return
    context = JobContext(job, stopping=stopping)
    try:
        with Pulse(context):
            result = handler(context)
        if not context.completed:
            _succeed(job, context, result)
    except Cancelled:
        _end(job, JobState.CANCELLED, message="已按要求取消，没有写入任何内容")
    except Interrupted:
        put_back(job, attempts=job.attempts - 1, message="后台进程重启，等待继续")
    except (Refused, JobFailed) as refusal:
        _end(job, JobState.FAILED, error=str(refusal))
    except OperationalError:
        log.exception("job %s (%s): the database refused", job.pk, job.kind)
        retry_or_fail(job, "数据库繁忙或中断")
    except Exception:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        _end(job, JobState.FAILED, error=f"程序出错，没有写入任何内容。请把任务号 {job.pk} 告诉系统管理员。")


def _succeed(job: Job, context: JobContext, result: Mapping[str, Any] | None) -> None:
    total = context.latest_progress.total
    _end(job, JobState.DONE, result=dict(result or {}), done=total, total=total)


def _end(job: Job, state: JobState, **fields: Any) -> None:
    """Write the end of a running job, patiently: SQLite may be busy with another writer."""
    fields = {"message": "", **fields}
    for attempt in range(MAX_ATTEMPTS):
        try:
            Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(
                state=state, finished_at=timezone.now(), leased_until=None, **fields
            )
        except OperationalError:
            log.warning("job %s: its end could not be written, attempt %s", job.pk, attempt + 1)
            time.sleep(1)
        else:
            return


def retry_or_fail(job: Job, why: str) -> None:
    """Give a job that was cut off another attempt, up to the cap; `why` is told to whoever asked for it."""
    if job.attempts < MAX_ATTEMPTS:
        put_back(job, attempts=job.attempts, message=f"{why}，等待重试")
    else:
        _end(job, JobState.FAILED, error=f"{why}，已尝试 {job.attempts} 次，没有完成。请联系系统管理员后重新提交。")


def put_back(job: Job, *, attempts: int, message: str) -> None:
    """Put a running job back into the queue; nothing when it is no longer running."""
    with transaction.atomic():
        returned = Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(
            state=JobState.WAITING, attempts=attempts, leased_until=None, message=message
        )
        if returned:
            run_job.enqueue(job.pk)
