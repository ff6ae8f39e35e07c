"""Stopping and taking up background jobs by hand: whoever does it, to whosever job, is on record."""

from typing import Final

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import jobs
from bianzhi.common.models import Job

CANCELLED: Final = "jobs.cancelled"
RESUMED: Final = "jobs.resumed"
ACTS: Final = {CANCELLED: "要求取消后台任务", RESUMED: "重新提交后台任务"}


def cancel_job(*, actor: Actor, job: Job) -> bool:
    """Stop a job that waits or runs; False, and nothing done, for one that has ended.

    A running one hears of it before it is put on record: on SQLite it may hold the only write lock until it stops.
    """
    if jobs.ask_to_stop(job):
        note_cancelled(actor=actor, job=job)
        return True
    return cancel_waiting(actor=actor, job=job)


@unit_of_work
def cancel_waiting(*, actor: Actor, job: Job) -> bool:
    """Stop a job that waits, or has begun meanwhile; False when it has ended."""
    stopped = jobs.cancel(job)
    if stopped:
        note_cancelled(actor=actor, job=job)
    return stopped


@unit_of_work
def note_cancelled(*, actor: Actor, job: Job) -> None:
    """Put on record who wanted the job stopped."""
    record(CANCELLED, actor=actor, subject=job, facts=_facts(job))


@unit_of_work
def resume_job(*, actor: Actor, job: Job) -> bool:
    """Put a failed or cancelled job in the queue again; False, and nothing done, when it is neither."""
    found = jobs.resume(job)
    if found:
        record(RESUMED, actor=actor, subject=job, facts=_facts(job))
    return found


def _facts(job: Job) -> dict[str, object]:
    return {"kind": job.kind, "requested_by": job.requested_by_id}
