"""The work on a batch: each file through its stages; what one file meets with keeps no other waiting.

Killed anywhere, the job is taken up again: a file goes on behind the last stage it passed, a page that was read is
not read again, and the result is the same as though nothing had happened.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import OperationalError

from bianzhi.archives import derivatives, quarantine
from bianzhi.archives.jobs.steps import HUB, STEPS, Dissolved, Known, Marked, Work, say
from bianzhi.archives.models import Batch, FileState, IncomingFile, Original
from bianzhi.archives.rules.stages import remaining, title_of
from bianzhi.archives.selectors.arrivals import passed_stages
from bianzhi.archives.services.ingest import INGEST_JOB
from bianzhi.archives.services.passing import (
    SECRECY_RULE,
    close_described,
    end_batch,
    end_file,
    fail_file,
    note_duplicate,
    note_progress,
    put_file_back,
    refuse_file,
    take_next,
    withhold_file,
)
from bianzhi.common import jobs
from bianzhi.common.jobs.context import Interrupted
from bianzhi.common.models import OutboxMessage
from bianzhi.intake.malware import ScannerDown
from bianzhi.recognition.identify import Unacceptable
from bianzhi.recognition.workshop import WorkFailed, Workshop

log = logging.getLogger(__name__)

ROUNDS: Final = 1_000
"""Files may come in while a batch is worked on; so many times it is looked for more."""


@jobs.job(INGEST_JOB)
def ingest(context: jobs.JobContext) -> Mapping[str, Any]:
    """Work through the files of a batch until none is waiting."""
    batch = Batch.objects.get(pk=context.params["batch"])
    result = {"batch": batch.pk}
    _tidy(batch)
    with Workshop() as shop:
        for _ in range(ROUNDS):
            after = 0
            while file := take_next(actor=HUB, batch_id=batch.pk, after=after):
                after = file.pk
                work_on(file, shop, context.progress)
            if end_batch(actor=HUB, batch_id=batch.pk, finish=lambda: context.complete(result)):
                break
    return result


def work_on(file: IncomingFile, shop: Workshop, progress: Callable[[int, int, str], None]) -> None:
    """Bring a file through the stages it has not passed, and write down how it ended."""
    work = Work(file, shop, lambda stage, done: _tell(file, stage, done, progress))
    stage = ""
    try:
        for each in remaining(passed_stages(file)):
            stage = each.name
            _tell(file, stage, 0, progress)
            say(work, stage)
            STEPS[stage](work)
        end_file(actor=HUB, file_id=file.pk)
    except (jobs.Cancelled, Interrupted):
        put_file_back(actor=HUB, file_id=file.pk)
        raise
    except Marked as found:
        shop.close()
        withhold_file(actor=HUB, file_id=file.pk, stage=stage, mark=found.mark, where=found.where)
    except Known as known:
        note_duplicate(actor=HUB, file_id=file.pk, reason=str(known))
    except Unacceptable as refusal:
        _refuse(file, stage, refusal)
    except Dissolved:
        pass
    except (WorkFailed, ScannerDown) as reason:
        words = f"{str(reason).rstrip('。')}。文件留在隔离区，可以重试。"
        fail_file(actor=HUB, file_id=file.pk, stage=stage, reason=words)
    except OperationalError:
        raise
    except Exception as error:
        log.warning("file %s failed at %s", file.pk, stage, exc_info=error)
        fail_file(actor=HUB, file_id=file.pk, stage=stage, reason=_words(error))
    _put_away(IncomingFile.objects.get(pk=file.pk))


def filed(message: OutboxMessage) -> None:
    """archives.filed: the batch of the item may be done."""
    close_described(actor=HUB, item_id=int(message.payload["id"]))


def _refuse(file: IncomingFile, stage: str, refusal: Unacceptable) -> None:
    """Refuse a file before it is kept; an original that cannot be worked on later is a failure, not a refusal."""
    if IncomingFile.objects.filter(pk=file.pk, original__isnull=False).exists():
        fail_file(actor=HUB, file_id=file.pk, stage=stage, reason=refusal.reason)
    else:
        refuse_file(actor=HUB, file_id=file.pk, stage=stage, reason=refusal.reason)


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        what = error.strerror or type(error).__name__
        return f"读写文件失败（{what}），可能磁盘已满或没有权限。请系统管理员处理后重试。"
    return f"程序出错（{type(error).__name__}），详见日志。可以重试；仍不成功请告诉系统管理员。"


def _tell(file: IncomingFile, stage: str, done: int, progress: Callable[[int, int, str], None]) -> None:
    batch = IncomingFile.objects.filter(batch_id=file.batch_id)
    over = batch.exclude(state__in=(FileState.RECEIVED, FileState.WORKING, FileState.RECEIVING)).count()
    if done:
        note_progress(actor=HUB, file_id=file.pk, stage=stage, done=done)
    progress(over, batch.count(), f"{file.name}：{title_of(stage)}")


def _tidy(batch: Batch) -> None:
    """Finish putting away what a killed process left in its place."""
    for file in batch.files.exclude(state__in=(FileState.RECEIVED, FileState.WORKING, FileState.RECEIVING)):
        _put_away(file)


def _put_away(file: IncomingFile) -> None:
    """Files: what is kept, known or taken apart leaves the quarantine; what is marked secret is put out of reach."""
    if file.state in (FileState.DONE, FileState.DUPLICATE):
        quarantine.release(file.pk)
    elif file.state == FileState.REFUSED:
        if f"（{SECRECY_RULE}）" in file.reason:
            quarantine.withhold(file.pk)
        if file.sha256 and not Original.objects.filter(sha256=file.sha256).exists():
            derivatives.forget(file.sha256)
