"""Files that a department's system hands to the archive: each day's go into one batch, worked through at once."""

from datetime import date
from pathlib import Path
from typing import Final

from bianzhi.archives.models import Batch, BatchState, Channel, Fonds, IncomingFile
from bianzhi.archives.services.ingest import open_batch, receive_file, start_batch
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common.kept_files import sha256_of
from bianzhi.exchange.models import Source
from bianzhi.kernel.objections import Objection, Refused

KEY_DIGITS: Final = 40
"""Digits of the file's SHA-256 in its mark: with the source they tell it from every other."""


@unit_of_work
def hand_to_archive(
    *, actor: Actor, source_id: int, today: date, name: str, content: bytes | Path
) -> tuple[IncomingFile, bool]:
    """Take a file for the archive and have it worked through; the same content of a source again is the same file.

    Returns the file, and whether it was there before. Raises Denied; Refused: archives.no_fonds when the office has no
    全宗 yet, archives.file_size, R27 for a name that is marked.
    """
    mark = f"{mark_of(source_id)}{sha256_of(content)[:KEY_DIGITS]}"
    source = Source.objects.select_for_update().get(pk=source_id)
    known = IncomingFile.objects.filter(upload_key=mark).first()
    if known is not None:
        return known, True
    batch = _batch_of_the_day(actor, source, today)
    file = receive_file(actor=actor, batch_id=batch.pk, name=name, content=content, upload_key=mark)
    start_batch(actor=actor, batch_id=batch.pk)
    facts = {"source": source.code, "batch": batch.pk, "size": file.size}
    record("exchange.archive_file_taken", actor=actor, subject=file, facts=facts)
    return file, False


def mark_of(source_id: int) -> str:
    """What the marks of the files of one source begin with."""
    return f"api{source_id}-"


def _batch_of_the_day(actor: Actor, source: Source, today: date) -> Batch:
    title = f"{source.name} {today:%Y-%m-%d}"
    known = Batch.objects.filter(title=title, channel=Channel.API).exclude(state=BatchState.CANCELLED).first()
    if known is not None:
        return known
    fonds = Fonds.objects.order_by("pk").first()
    if fonds is None:
        message = "编办还没有建立全宗，不能接收档案文件。"
        raise Refused([Objection("archives.no_fonds", message, next_step="请联系编办档案员建立全宗")])
    return open_batch(actor=actor, title=title, channel=Channel.API, fonds_id=fonds.pk)
