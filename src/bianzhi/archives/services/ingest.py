"""Batches: opened, filled, started, tried again, stopped. What happens to their files is in `archives.jobs`."""

from typing import Final

from bianzhi.accounts import policies
from bianzhi.archives.models import Batch, BatchState, Channel, FileState, Fonds, IncomingFile
from bianzhi.archives.rules.splitting import SPLITTINGS
from bianzhi.archives.services.receiving import append_chunk, begin_upload, receive_file
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import jobs
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.organizations.models import Organization

__all__ = [
    "append_chunk",
    "begin_upload",
    "cancel_batch",
    "open_batch",
    "receive_file",
    "retry_batch",
    "retry_file",
    "start_batch",
]

MANAGE: Final = "archives.manage"
INGEST_JOB: Final = "archives.ingest"
TITLE_LENGTH: Final = 120


@unit_of_work
def open_batch(
    *,
    actor: Actor,
    title: str,
    channel: str,
    fonds_id: int,
    organization_id: int | None = None,
    splitting: str = "file",
) -> Batch:
    """A new batch for files that come together.

    Raises Denied without archives.manage, Fonds.DoesNotExist, Organization.DoesNotExist, Refused:
    archives.batch_title, archives.splitting.
    """
    policies.require(actor, MANAGE)
    refuse_if(_objections_to_batch(title, splitting))
    batch = Batch.objects.create(
        title=" ".join(title.split())[:TITLE_LENGTH],
        channel=Channel(channel),
        fonds=Fonds.objects.get(pk=fonds_id),
        organization=Organization.objects.get(pk=organization_id) if organization_id else None,
        splitting=splitting,
        brought_by_id=actor.pk,
    )
    facts = {"channel": channel, "splitting": splitting, "fonds": batch.fonds.number}
    record("archives.batch_opened", actor=actor, subject=batch, facts=facts)
    return batch


@unit_of_work
def start_batch(*, actor: Actor, batch_id: int) -> Batch:
    """Have the received files of a batch worked through; one that is being worked through already is left alone.

    One that was stopped, or whose job ended before it was done, goes on where it was. Files still being sent are not
    waited for: start again when they are there. Raises Denied, Batch.DoesNotExist, Refused: archives.batch_empty.
    """
    policies.require(actor, MANAGE)
    batch = _locked(batch_id)
    waiting = batch.files.filter(state__in=(FileState.RECEIVED, FileState.WORKING)).count()
    if not waiting and batch.state != BatchState.WORKING:
        message = f"批次“{batch.title}”没有等待处理的文件。"
        raise Refused([Objection("archives.batch_empty", message, next_step="请先上传文件，或重试处理失败的文件")])
    _have_it_worked(actor, batch)
    record("archives.batch_started", actor=actor, subject=batch, facts={"files": waiting})
    return batch


@unit_of_work
def retry_file(*, actor: Actor, file_id: int) -> IncomingFile:
    """Work once more on a file that failed; the stages it passed are not repeated.

    Raises Denied, IncomingFile.DoesNotExist, Refused: archives.not_retryable.
    """
    policies.require(actor, MANAGE)
    file = IncomingFile.objects.select_for_update().get(pk=file_id)
    if not file.retryable:
        message = f"“{file.name}”{file.get_state_display()}，不能重试。"
        step = "请核对文件后作为新文件上传" if file.state == FileState.REFUSED else "请刷新页面后按当前状态办理"
        raise Refused([Objection("archives.not_retryable", message, next_step=step)])
    _put_back(file)
    record("archives.files_retried", actor=actor, subject=file, facts={"files": [file.name]})
    _have_it_worked(actor, _locked(file.batch_id))
    return file


@unit_of_work
def retry_batch(*, actor: Actor, batch_id: int) -> int:
    """Work once more on every file of a batch that can be retried; returns how many. Raises Denied, Refused."""
    policies.require(actor, MANAGE)
    batch = _locked(batch_id)
    files = list(batch.files.select_for_update().filter(retryable=True))
    if not files:
        message = f"批次“{batch.title}”没有可以重试的文件。"
        raise Refused([Objection("archives.not_retryable", message, next_step="未接收的文件请核对后重新上传")])
    for file in files:
        _put_back(file)
    record("archives.files_retried", actor=actor, subject=batch, facts={"files": [file.name for file in files]})
    _have_it_worked(actor, batch)
    return len(files)


@unit_of_work
def cancel_batch(*, actor: Actor, batch_id: int) -> Batch:
    """Stop work on a batch; what was drafted stays, the other files remain in quarantine.

    Raises Denied, Batch.DoesNotExist, Refused: archives.batch_closed.
    """
    policies.require(actor, MANAGE)
    batch = _locked(batch_id)
    if batch.state not in (BatchState.OPEN, BatchState.WORKING):
        message = f"批次“{batch.title}”{batch.get_state_display()}，不能取消。"
        raise Refused([Objection("archives.batch_closed", message, next_step="请刷新页面后按当前状态办理")])
    batch.state = BatchState.CANCELLED
    batch.save(update_fields=["state"])
    if batch.job is not None:
        jobs.cancel(batch.job)
    record("archives.batch_cancelled", actor=actor, subject=batch, facts={"files": batch.files.count()})
    return batch


def _locked(batch_id: int) -> Batch:
    return Batch.objects.select_for_update(of=("self",)).select_related("job", "fonds").get(pk=batch_id)


def _put_back(file: IncomingFile) -> None:
    file.state, file.reason, file.retryable = FileState.RECEIVED, "", False
    file.save(update_fields=["state", "reason", "retryable"])


def _have_it_worked(actor: Actor, batch: Batch) -> None:
    """Give the batch a job unless it has one that is not over."""
    if batch.job is None or batch.job.is_finished:
        batch.job = jobs.enqueue(INGEST_JOB, title=f"接收档案“{batch.title}”", params={"batch": batch.pk}, actor=actor)
    batch.state, batch.finished_at = BatchState.WORKING, None
    batch.save(update_fields=["job", "state", "finished_at"])


def _objections_to_batch(title: str, splitting: str) -> list[Objection]:
    found = []
    if not title.strip():
        found.append(Objection("archives.batch_title", "没有填写批次名称。", next_step="请填写，如“2026年收文扫描件”"))
    if splitting not in SPLITTINGS:
        words = "、".join(SPLITTINGS.values())
        found.append(Objection("archives.splitting", f"没有这种分件方式。可选：{words}。", next_step="请从列表中选择"))
    return found
