"""Reading originals again as a job: in the order of how long ago they were read, so that every one has its turn."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import F, Q
from django.utils import timezone

from bianzhi.archives.models import FixityCheck, Original, OriginalState
from bianzhi.archives.parameters import FIXITY_DAYS, FIXITY_GIGABYTES
from bianzhi.archives.services.fixity import FIXITY_JOB, Read, check_originals, note_reads
from bianzhi.archives.storage import originals
from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.kernel.objections import Refused

KEEPER: Final = System("原件核验")
AT_ONCE: Final = 50
"""Originals between two entries of progress: killed, a check repeats at most so many."""


@jobs.job(FIXITY_JOB)
def check(context: jobs.JobContext) -> Mapping[str, Any]:
    """Read the originals of a check; taken up again it goes on behind those it has read."""
    asked = FixityCheck.objects.get(pk=context.params["check"])
    waiting = list(_waiting(asked))
    damaged = 0
    for start in range(0, len(waiting), AT_ONCE):
        context.progress(start, len(waiting), f"已核验 {start} 件")
        reads = [_read(original) for original in waiting[start : start + AT_ONCE]]
        note_reads(actor=KEEPER, check_id=asked.pk, reads=reads)
        damaged += sum(read.state != OriginalState.INTACT for read in reads)
    done = note_reads(actor=KEEPER, check_id=asked.pk, reads=[], last=True)
    context.progress(len(waiting), len(waiting))
    return {"check": done.pk, "checked": done.checked, "damaged": len(done.findings)}


def check_due(today: date) -> Mapping[str, Any] | None:
    """Once a day: ask for the reading of originals whose time has come."""
    if not Original.objects.filter(_due(timezone.now())).exclude(state=OriginalState.DISPOSED).exists():
        return None
    try:
        asked = check_originals(actor=KEEPER, scope="due")
    except Refused as refused:
        return {"refused": str(refused)}
    return {"check": asked.pk}


def _read(original: Original) -> Read:
    return Read(original.pk, originals().verify(original.sha256, original.sm3))


def _waiting(asked: FixityCheck) -> Iterator[Original]:
    """The originals of a check not read since it began, the longest unread first, up to the day's share."""
    rows = Original.objects.exclude(state=OriginalState.DISPOSED).order_by(F("checked_at").asc(nulls_first=True), "pk")
    rows = rows.filter(Q(checked_at=None) | Q(checked_at__lt=asked.started_at))
    if asked.scope != "due":
        yield from rows
        return
    left = FIXITY_GIGABYTES.number * 2**30
    for original in rows.filter(_due(asked.started_at)):
        if left <= 0:
            return
        left -= original.size
        yield original


def _due(now: Any) -> Q:
    """Never read again since it came, or not for as long as the office has set."""
    before = now - timedelta(days=FIXITY_DAYS.number)
    return Q(checked_at__lt=before) | Q(checked_at=None, kept_at__lt=before)


jobs.daily("archives.fixity", check_due, title="核验到期的档案原件")
