"""What is written when a file passes a stage, is refused, or fails. Each is one transaction with its stage record.

A process may be killed before or after any of them: before, the stage is done again and gives the same; after, it is
never done again.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils import timezone

from bianzhi.archives.models import (
    Batch,
    BatchState,
    FileState,
    IncomingFile,
    Item,
    ItemState,
    StageRecord,
)
from bianzhi.archives.rules.stages import BY_NAME
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work

SECRECY_RULE: Final = "R27"
PASSABLE: Final = frozenset({"sha256", "format", "total", "done"})
"""Columns of a file that a stage may fill."""
FINDABLE: Final = (FileState.RECEIVED, FileState.WORKING)


@unit_of_work
def take_next(*, actor: Actor, batch_id: int, after: int) -> IncomingFile | None:
    """The next file of a batch to work on behind the file `after`, marked as being worked on; None at the end.

    A file a killed process left in the middle is taken again.
    """
    waiting = IncomingFile.objects.select_for_update(of=("self",)).select_related("batch__fonds", "original")
    file = waiting.filter(batch_id=batch_id, state__in=FINDABLE, pk__gt=after).order_by("pk").first()
    if file is not None:
        file.state = FileState.WORKING
        file.attempts += 1
        file.save(update_fields=["state", "attempts"])
    return file


@unit_of_work
def note_progress(*, actor: Actor, file_id: int, stage: str, done: int = 0) -> None:
    """Say at which stage a file is and how many of its pages are done, for those who watch."""
    IncomingFile.objects.filter(pk=file_id).update(stage=stage, done=done)


@unit_of_work
def pass_stage(
    *,
    actor: Actor,
    file_id: int,
    stage: str,
    seconds: float,
    facts: Mapping[str, Any],
    changes: Mapping[str, Any] | None = None,
) -> IncomingFile:
    """Write down that a file passed a stage, with what the stage found out (`changes`, any of PASSABLE)."""
    if unknown := set(changes or {}) - PASSABLE:
        raise TypeError(f"no stage fills {sorted(unknown)}")
    file = locked_file(file_id)
    for name, value in (changes or {}).items():
        setattr(file, name, value)
    file.save(update_fields=["stage", *(changes or {})])
    write_stage(act=file, stage=stage, seconds=seconds, facts=facts)
    return file


def write_stage(*, act: IncomingFile, stage: str, seconds: float, facts: Mapping[str, Any]) -> None:
    """The record of a passed stage; part of the act that passes `act`."""
    StageRecord.objects.update_or_create(
        file=act,
        stage=stage,
        defaults={
            "version": BY_NAME[stage].version,
            "seconds": round(seconds, 3),
            "facts": dict(facts),
            "done_at": timezone.now(),
        },
    )


@unit_of_work
def end_file(*, actor: Actor, file_id: int) -> IncomingFile:
    """All stages are passed: what was drafted waits for a person."""
    return _settle(file_id, FileState.DONE, "")


@unit_of_work
def refuse_file(*, actor: Actor, file_id: int, stage: str, reason: str) -> IncomingFile:
    """Refuse a file for good; it stays in quarantine, unseen."""
    file = _settle(file_id, FileState.REFUSED, reason, stage=stage)
    record("archives.file_refused", actor=actor, subject=file, facts={"stage": stage, "reason": reason})
    return file


@unit_of_work
def withhold_file(*, actor: Actor, file_id: int, stage: str, mark: str, where: str) -> IncomingFile:
    """Refuse a file marked 秘密 or above (R27); whoever calls puts its bytes out of reach afterwards."""
    reason = (
        f"{where}标有“{mark}”：本平台是非涉密系统，不得接收秘密级以上文件（{SECRECY_RULE}）。原文件已移出隔离区，请立即报告保密工作机构处理；"
        "需要留目录的，请登记“仅目录”档案，只写文号、题名和存放位置。"
    )
    file = _settle(file_id, FileState.REFUSED, reason, stage=stage)
    facts = {"stage": stage, "mark": mark, "where": where, "rule": SECRECY_RULE}
    record("archives.secret_withheld", actor=actor, subject=file, facts=facts)
    return file


@unit_of_work
def note_duplicate(*, actor: Actor, file_id: int, reason: str) -> IncomingFile:
    """A file the archive has already: not kept again."""
    return _settle(file_id, FileState.DUPLICATE, reason, stage="unique")


@unit_of_work
def fail_file(*, actor: Actor, file_id: int, stage: str, reason: str) -> IncomingFile:
    """The work on a file could not be done now, which is no fault of the file; it can be tried again."""
    return _settle(file_id, FileState.FAILED, reason, stage=stage, retryable=True)


@unit_of_work
def put_file_back(*, actor: Actor, file_id: int) -> None:
    """Work on a file was stopped on the way: it waits again, and goes on where it was."""
    IncomingFile.objects.filter(pk=file_id, state=FileState.WORKING).update(state=FileState.RECEIVED)


@unit_of_work
def end_batch(*, actor: Actor, batch_id: int, finish: Callable[[], None]) -> bool:
    """Close the work on a batch together with its job (`finish`); False when files came in meanwhile."""
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    if batch.files.filter(state__in=FINDABLE).exists():
        return False
    if batch.state != BatchState.CANCELLED:
        drafts = Item.objects.filter(origin__file__batch=batch, state=ItemState.DRAFT)
        batch.state = BatchState.WAITING if drafts.exists() else BatchState.DONE
        batch.finished_at = timezone.now()
        batch.save(update_fields=["state", "finished_at"])
    finish()
    return True


@unit_of_work
def close_described(*, actor: Actor, item_id: int) -> None:
    """A batch of which every draft has been filed is done."""
    batch = Batch.objects.select_for_update().filter(files__items__item=item_id, state=BatchState.WAITING).first()
    if batch is None or Item.objects.filter(origin__file__batch=batch, state=ItemState.DRAFT).exists():
        return
    batch.state = BatchState.DONE
    batch.save(update_fields=["state"])


def locked_file(file_id: int) -> IncomingFile:
    """An incoming file, locked. Raises IncomingFile.DoesNotExist."""
    rows = IncomingFile.objects.select_for_update(of=("self",)).select_related("batch__fonds", "original")
    return rows.get(pk=file_id)


def _settle(
    file_id: int, state: FileState, reason: str, *, stage: str | None = None, retryable: bool = False
) -> IncomingFile:
    file = locked_file(file_id)
    file.state, file.reason, file.retryable = state, reason, retryable
    file.stage = file.stage if stage is None else stage
    file.done = file.total if state == FileState.DONE else file.done
    file.save(update_fields=["state", "reason", "retryable", "stage", "done"])
    return file
