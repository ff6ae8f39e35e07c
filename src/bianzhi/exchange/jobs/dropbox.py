"""Files that departments put into their drop folder: taken in when they are finished, moved aside with a word.

    BIANZHI_HOME/dropbox/<source code>/名册 2026-10.xlsx          → done/ or refused/ (with …原因.txt)

The month stands in the file's name (2026-10, 202610, 2026年10月); without one it is the month before today's. So do the
parts (第1部分共2部分, part1of2).
"""

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import PermissionDenied

from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.common.dropped_files import can_be_moved, copied, is_finished, move_aside, readable
from bianzhi.common.models import Job, JobState
from bianzhi.common.working_files import workspace
from bianzhi.exchange.models import Source, Transport
from bianzhi.exchange.rules.deliveries import objections_to_size
from bianzhi.exchange.rules.periods import month_before
from bianzhi.exchange.services.deliveries import deliver
from bianzhi.exchange.services.pulling import dropbox_of
from bianzhi.intake import gate
from bianzhi.intake.gate import Held
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.reading.limits import DELIVERED
from bianzhi.reconciliation.reading.opening import SUFFIXES

log = logging.getLogger(__name__)

DROPBOX: Final = System("投放文件夹")
TAKE_JOB: Final = "exchange.dropbox"
NO_FILE: Final = "不是普通文件（例如链接），不予接收。请把名册文件本身放入文件夹。"
ASIDE: Final = ("done", "refused")
MOST_AT_ONCE: Final = 200
_MONTH: Final = re.compile(r"(?<!\d)(20\d{2})(?:[-_.]?(0[1-9]|1[0-2])(?!\d)|年(0?[1-9]|1[0-2])月)")
_PARTS: Final = (
    re.compile(r"第\s*(\d{1,2})\s*部分\s*共\s*(\d{1,2})\s*部分"),
    re.compile(r"(?i)part\s*(\d{1,2})\s*of\s*(\d{1,2})"),
)


def look() -> bool:
    """Ask for the taking in of dropped files when there are finished ones and nobody is at it."""
    if Job.objects.filter(kind=TAKE_JOB, state__in=(JobState.WAITING, JobState.RUNNING)).exists():
        return False
    if not any(True for _ in _waiting()):
        return False
    jobs.enqueue(TAKE_JOB, title="接收投放文件夹中的文件", params={}, actor=DROPBOX)
    return True


@jobs.job(TAKE_JOB)
def take(context: jobs.JobContext) -> Mapping[str, Any]:
    """Deliver every finished file, and move it to done/ or refused/; one that fails keeps no other waiting."""
    told: dict[str, int] = {"done": 0, "refused": 0, "failed": 0}
    found = list(_waiting())[:MOST_AT_ONCE]
    for place, (source, path) in enumerate(found):
        context.progress(place, len(found), f"正在接收 {readable(path.name)}")
        try:
            told["done" if _take(source, path) else "refused"] += 1
        except Held as held:
            log.warning("drop folder of %s: %s", source.code, held)
            told["failed"] += 1
        except OSError as error:
            log.warning("drop folder of %s: %s", source.code, error.strerror)
            told["failed"] += 1
    return told


def period_in(name: str, default: str) -> str:
    """The month a file's name tells."""
    found = _MONTH.search(name)
    return f"{found[1]}-{int(found[2] or found[3]):02d}" if found else default


def parts_in(name: str) -> tuple[int, int]:
    """Part n of m, as a file's name tells; the whole, when it tells nothing."""
    for pattern in _PARTS:
        if found := pattern.search(name):
            return int(found[1]), int(found[2])
    return 1, 1


def _waiting() -> Iterator[tuple[Source, Path]]:
    """Finished files in the folders of sources that deliver this way, oldest name first."""
    for source in Source.objects.filter(is_active=True, transport=Transport.FOLDER).order_by("pk"):
        folder = dropbox_of(source)
        folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        for path in sorted(folder.iterdir()):
            if is_finished(path) and can_be_moved(path, ASIDE):
                yield source, path


def _take(source: Source, path: Path) -> bool:
    with workspace("reading-") as folder:
        copy = folder / "dropped"
        reason = _objection_to(path) or copied(path, copy, NO_FILE) or _delivered(source, readable(path.name), copy)
    move_aside(path, "refused" if reason else "done", reason)
    return not reason


def _delivered(source: Source, name: str, copy: Path) -> str:
    """Deliver the copy; returns why it was refused, "" when it was not. Raises Held while the scanner is down."""
    part, parts = parts_in(name)
    try:
        gate.look_at(copy, name, gate.Wanted.TABLES, actor=DROPBOX)
        deliver(
            actor=DROPBOX,
            source_id=source.pk,
            period=period_in(name, month_before(clock.today())),
            file_name=name,
            data=copy,
            part=part,
            parts=parts,
            signer=f"{source.name}（投放文件夹）",
        )
    except Held:
        raise
    except (Refused, PermissionDenied) as refusal:
        return str(refusal)
    return ""


def _objection_to(path: Path) -> str:
    """What is no ordinary roster file is not even opened: a link could lead anywhere on the server."""
    if path.is_symlink() or not path.is_file():
        return NO_FILE
    if path.suffix.lower() not in SUFFIXES:
        return f"不接收 {readable(path.suffix) or '没有扩展名的'} 文件。请投放 {'、'.join(SUFFIXES)} 文件。"
    too_large = objections_to_size(path.stat().st_size, DELIVERED.file_bytes)
    return str(Refused(too_large)) if too_large else ""
