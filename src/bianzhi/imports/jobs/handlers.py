"""Checking, writing and annotating in the background; each ends its job in the transaction of its work."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from bianzhi.audit.actors import Actor, System
from bianzhi.common import jobs
from bianzhi.imports.services.batches import ANNOTATE_JOB, CHECK_JOB, COMMIT_JOB
from bianzhi.imports.services.checking import annotate_batch, check_batch
from bianzhi.imports.services.commits import commit_batch
from bianzhi.kernel import clock


@jobs.job(COMMIT_JOB)
def commit(context: jobs.JobContext) -> Mapping[str, Any]:
    """Write a batch; killed on the way, nothing is written and the next worker starts again."""
    batch_id = context.params["batch"]
    url = reverse("imports:batch", args=[batch_id])

    def finish(result: Mapping[str, Any]) -> None:
        context.complete({"url": url, **result})

    try:
        batch = commit_batch(
            actor=_actor(context),
            batch_id=batch_id,
            today=clock.today(),
            progress=context.progress,
            finish=finish,
        )
    except PermissionDenied as denied:
        raise jobs.JobFailed(str(denied)) from denied
    return {"url": url, **batch.result}


@jobs.job(CHECK_JOB)
def check(context: jobs.JobContext) -> Mapping[str, Any]:
    """Check a large batch."""
    context.progress(0, 1, "正在读取和核对")
    batch_id = context.params["batch"]
    result = {"url": reverse("imports:batch", args=[batch_id])}
    with transaction.atomic():
        check_batch(actor=_actor(context), batch_id=batch_id, today=clock.today())
        context.progress(1, 1)
        context.complete(result)
    return result


@jobs.job(ANNOTATE_JOB)
def annotate(context: jobs.JobContext) -> Mapping[str, Any]:
    """Make the workbook with comments."""
    context.progress(0, 1, "正在批注")
    batch_id = context.params["batch"]
    annotate_batch(actor=_actor(context), batch_id=batch_id)
    context.progress(1, 1)
    return {"url": reverse("imports:annotated", args=[batch_id])}


def _actor(context: jobs.JobContext) -> Actor:
    """Whoever asked; permissions are asked again, as they may have been taken away meanwhile."""
    return context.job.requested_by or System("导入")
