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

from bianzhi.common import metrics, outbox
from bianzhi.common.jobs.channel import LEASE_SECONDS, channel
from bianzhi.common.jobs.context import Cancelled, Interrupted, JobContext, JobFailed, TakenOver
from bianzhi.common.jobs.handlers import Handler, handler_of
from bianzhi.common.jobs.pulse import Pulse
from bianzhi.common.models import Job, JobState
from bianzhi.common.tracing import on_behalf_of
from bianzhi.kernel.encryption.sealed_stream import BrokenSeal, LockedFile
from bianzhi.kernel.objections import Refused

log = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 3
FAILED: Final = "jobs.failed"
"""Outbox topic of a job the program, not its input, made fail: whoever looks after the system must be told."""

stopping = threading.Event()
"""Set when this worker is asked to end: a running job gives way at its next step of progress."""
_in_handler = threading.Event()


def interrupt() -> None:
    """Called by a signal in the main thread: raises Interrupted in a handler that runs, wherever it stands.

    What the handler has not committed is rolled back, and its job goes back to the queue; nothing is half-written.
    """
    if _in_handler.is_set():
        _in_handler.clear()
        raise Interrupted


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
        job = Job.objects.get(pk=job_id)
        with on_behalf_of(f"job-{job_id}"), metrics.JOB_SECONDS.labels(job.kind).time():
            _run(job)
        if not Job.objects.filter(pk=job_id, state=JobState.RUNNING).exists():  # else another worker took it up
            channel().forget(job_id)


def to_queue(job: Job) -> None:
    """Let the workers have a waiting job; in the transaction that made it wait."""
    run_job.using(priority=job.priority).enqueue(job.pk)


def _run(job: Job) -> None:
    """Call the handler and write down how it ended."""
    handler = handler_of(job.kind)
    if handler is None:
        _end(job, JobState.FAILED, news=FAILED, error=f"没有能办理“{job.kind}”的程序，请联系系统管理员。")
        return
    context = JobContext(job, stopping=stopping)
    try:
        with Pulse(context):
            result = _handled(handler, context)
        if context.completed:
            metrics.JOBS_ENDED.labels(job.kind, JobState.DONE.value).inc()
        else:
            _succeed(job, context, result)
    except Cancelled:
        _end(job, JobState.CANCELLED, message="已按要求取消，没有写入任何内容")
    except Interrupted:
        put_back(job, attempts=job.attempts - 1, message="后台进程重启，等待继续")
    except TakenOver:
        log.warning("job %s (%s): another worker took it up, nothing more is written", job.pk, job.kind)
    except (Refused, JobFailed) as refusal:
        _end(job, JobState.FAILED, error=str(refusal))
    except OperationalError:
        log.exception("job %s (%s): the database refused", job.pk, job.kind)
        retry_or_fail(job, "数据库繁忙或中断")
    except (BrokenSeal, LockedFile) as error:
        log.exception("job %s (%s): a kept file does not open", job.pk, job.kind)
        step = "请系统管理员运行 ./bianzhi check 查明是哪个文件，从备份恢复后重试"
        _end(job, JobState.FAILED, news=FAILED, error=f"数据目录中的文件无法打开：{error}。{step}。")
    except Exception:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        told = f"程序出错，没有写入任何内容。请把任务号 {job.pk} 告诉系统管理员。"
        _end(job, JobState.FAILED, news=FAILED, error=told)


def _handled(handler: Handler, context: JobContext) -> Mapping[str, Any] | None:
    _in_handler.set()
    try:
        return handler(context)
    finally:
        _in_handler.clear()


def _succeed(job: Job, context: JobContext, result: Mapping[str, Any] | None) -> None:
    total = context.latest_progress.total
    _end(job, JobState.DONE, result=dict(result or {}), done=total, total=total)


def _end(job: Job, state: JobState, *, news: str = "", **fields: Any) -> None:
    """Write the end of this run, patiently: SQLite may be busy with another writer. `news` is told with it."""
    fields = {"message": "", **fields}
    for attempt in range(MAX_ATTEMPTS):
        try:
            with transaction.atomic():
                ended = job.this_run().update(state=state, finished_at=timezone.now(), leased_until=None, **fields)
                if ended and news:
                    outbox.put(news, key=job.pk, payload={"job": job.pk})
        except OperationalError:
            log.warning("job %s: its end could not be written, attempt %s", job.pk, attempt + 1)
            time.sleep(1)
        else:
            if ended:
                metrics.JOBS_ENDED.labels(job.kind, state.value).inc()
            return


def retry_or_fail(job: Job, why: str) -> None:
    """Give a job that was cut off another attempt, up to the cap; `why` is told to whoever asked for it."""
    if job.attempts < MAX_ATTEMPTS:
        put_back(job, attempts=job.attempts, message=f"{why}，等待重试")
    else:
        told = f"{why}，已尝试 {job.attempts} 次，没有完成。请联系系统管理员后重新提交。"
        _end(job, JobState.FAILED, news=FAILED, error=told)


def put_back(job: Job, *, attempts: int, message: str) -> None:
    """Put a running job back into the queue; nothing when this run of it is no longer the one that counts."""
    with transaction.atomic():
        returned = job.this_run().update(state=JobState.WAITING, attempts=attempts, leased_until=None, message=message)
        if returned:
            to_queue(job)
            metrics.JOBS_ENDED.labels(job.kind, "put_back").inc()
