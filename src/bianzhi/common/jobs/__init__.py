"""Long work outside a request: enqueued in a transaction, run by `./bianzhi worker`, watched on a page.

An app registers its handlers in a module it imports in `AppConfig.ready`:

    @jobs.job("import.commit")
    def commit(context: jobs.JobContext) -> dict[str, int]:
        context.progress(0, total, "正在写入人员")
        ...
        return {"accepted": total}

and a service starts it with `jobs.enqueue("import.commit", title=..., params={...}, actor=actor)`. A killed worker's
job is taken up again, so a handler must be idempotent: one transaction that ends with `context.complete(result)`
makes work and completion one.
"""

from bianzhi.common.jobs.channel import latest
from bianzhi.common.jobs.context import Cancelled, JobContext, JobFailed
from bianzhi.common.jobs.handlers import job
from bianzhi.common.jobs.queue import ask_to_stop, cancel, enqueue, resume
from bianzhi.common.jobs.schedule import daily, every
from bianzhi.common.jobs.worker import run_waiting

__all__ = [
    "Cancelled",
    "JobContext",
    "JobFailed",
    "ask_to_stop",
    "cancel",
    "daily",
    "enqueue",
    "every",
    "job",
    "latest",
    "resume",
    "run_waiting",
]
