"""The watched folder of the archive: what is finished there becomes a batch, and is moved aside with a word.

    BIANZHI_HOME/archive/dropbox/批复.pdf                       with one 全宗 only
    BIANZHI_HOME/archive/dropbox/<全宗号>/2026年/批复.pdf         else; folders below become part of the name

→ done/ beside the file, or refused/ (with …原因.txt) for what was not even received. What becomes of the files is on
the page of the batch.
"""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from bianzhi.archives.models import Batch, BatchState, Channel, FileState, Fonds
from bianzhi.archives.services.ingest import open_batch, receive_file, start_batch
from bianzhi.archives.storage import archive_home
from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.common.dropped_files import can_be_moved, copied, is_finished, move_aside, readable
from bianzhi.common.models import Job, JobState
from bianzhi.common.working_files import workspace
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused

log = logging.getLogger(__name__)

DROPBOX: Final = System("档案投放文件夹")
TAKE_JOB: Final = "archives.dropbox"
ASIDE: Final = ("done", "refused")
MOST_AT_ONCE: Final = 500
NO_FILE: Final = "不是普通文件（例如链接），不予接收。请把档案文件本身放入文件夹。"


def folder() -> Path:
    """The watched folder, made when it is not there."""
    place = archive_home() / "dropbox"
    place.mkdir(mode=0o770, parents=True, exist_ok=True)
    return place


def look() -> bool:
    """Ask for the taking in of dropped files when there are finished ones and nobody is at it."""
    if Job.objects.filter(kind=TAKE_JOB, state__in=(JobState.WAITING, JobState.RUNNING)).exists():
        return False
    if not any(True for _ in _waiting()):
        return False
    jobs.enqueue(TAKE_JOB, title="接收档案投放文件夹中的文件", params={}, actor=DROPBOX)
    return True


@jobs.job(TAKE_JOB)
def take(context: jobs.JobContext) -> Mapping[str, Any]:
    """Make a batch for each 全宗 of what is finished; one file that fails keeps no other waiting.

    Stopped on the way, what was received is worked on all the same: its file lies in done/ and does not come again.
    """
    _start_left_over()
    told = {"done": 0, "refused": 0, "failed": 0}
    by_fonds: dict[int, list[Path]] = {}
    for fonds, path in list(_waiting())[:MOST_AT_ONCE]:
        by_fonds.setdefault(fonds.pk, []).append(path)
    for fonds_id, paths in by_fonds.items():
        title = f"{clock.today():%Y-%m-%d} 投放文件夹"
        batch = open_batch(actor=DROPBOX, title=title, channel=Channel.FOLDER, fonds_id=fonds_id)
        try:
            for place, path in enumerate(paths):
                context.progress(place, len(paths), f"正在接收 {readable(path.name)}")
                told[_take(batch.pk, path)] += 1
        finally:
            if batch.files.exists():
                start_batch(actor=DROPBOX, batch_id=batch.pk)
    return told


def _start_left_over() -> None:
    """Start the batches that a killed process received files for and did not come to start."""
    left = Batch.objects.filter(
        channel=Channel.FOLDER, state=BatchState.OPEN, files__state=FileState.RECEIVED
    ).distinct()
    for batch_id in left.order_by("pk").values_list("pk", flat=True):
        start_batch(actor=DROPBOX, batch_id=batch_id)


def _take(batch_id: int, path: Path) -> str:
    """Receive one file and move it aside; returns how it went."""
    try:
        with workspace("archive-") as place:
            copy = place / "dropped"
            reason = NO_FILE if path.is_symlink() else copied(path, copy, NO_FILE) or _received(batch_id, path, copy)
        move_aside(path, "refused" if reason else "done", reason)
    except OSError as error:
        log.warning("archive drop folder: %s", error.strerror)
        return "failed"
    return "refused" if reason else "done"


def _received(batch_id: int, path: Path, copy: Path) -> str:
    name = "/".join(readable(part) for part in path.relative_to(folder()).parts)
    try:
        receive_file(actor=DROPBOX, batch_id=batch_id, name=name, content=copy)
    except Refused as refusal:
        return str(refusal)
    return ""


def _waiting() -> Iterator[tuple[Fonds, Path]]:
    """Finished files with the 全宗 they are for: that of their folder, or the only one there is."""
    all_fonds = {fonds.number: fonds for fonds in Fonds.objects.order_by("number")}
    only = next(iter(all_fonds.values())) if len(all_fonds) == 1 else None
    for path in _files(folder()):
        fonds = all_fonds.get(path.relative_to(folder()).parts[0]) or only
        if fonds is not None and is_finished(path) and can_be_moved(path, ASIDE):
            yield fonds, path


def _files(place: Path) -> Iterator[Path]:
    """Files below a folder in the order of their names; links to folders are not followed."""
    for path in sorted(place.iterdir()):
        if path.is_dir() and not path.is_symlink():
            if path.name not in ASIDE:
                yield from _files(path)
        else:
            yield path
