"""News of changes, taken down when the outbox brings them and put into the index a moment later, many at once.

A note is written in the transaction that delivers the news, so that none is lost; applied twice it does no harm. While
there is no index the notes wait, and the job that builds one is asked for.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from bianzhi.common import jobs
from bianzhi.common.jobs.schedule import Nobody
from bianzhi.common.models import Job, OutboxMessage
from bianzhi.fulltext.backend import EngineDown, IndexBusy, IndexMissing, Writer
from bianzhi.search import engine
from bianzhi.search.models import IndexChange
from bianzhi.search.selectors.standing import KIND, TITLE, failed_just_now, rebuild_under_way
from bianzhi.search.services.refreshing import write

log = logging.getLogger(__name__)

AT_ONCE: Final = 5_000
KEPT_DAYS: Final = 3
SECONDS: Final = 1.0
PAUSE: Final = 30.0
"""Seconds an engine that is down is left alone: a worker that waits for it does nothing else."""


def note(kind: str, ids: Iterable[int]) -> None:
    """Take down that these things have changed; subscribers of the outbox call this."""
    wanted = sorted(set(ids))
    IndexChange.objects.bulk_create((IndexChange(kind=kind, subject_id=pk) for pk in wanted), batch_size=500)


def search_changed(message: OutboxMessage) -> None:
    """search.changed: what any app announces with {"kind": …, "ids": […]}."""
    note(str(message.payload["kind"]), [int(pk) for pk in message.payload["ids"]])


def apply_waiting() -> int:
    """Put what waits into the index; called every second in each worker. Returns how many notes were applied.

    Another process that is at it already does the work of this one. Raises EngineDown; the notes wait.
    """
    rows = list(IndexChange.objects.filter(applied_at__isnull=True)[:AT_ONCE])
    if not rows:
        if not engine.backend().exists():
            ask_for_index()
        return 0
    try:
        with engine.backend().writer() as writer:
            write_noted(writer, rows)
            writer.commit()
    except IndexMissing:
        ask_for_index()
        return 0
    except IndexBusy:
        log.info("the index is being written by another process; %s changes wait", len(rows))
        return 0
    return IndexChange.objects.filter(pk__in=[row.pk for row in rows]).update(applied_at=timezone.now())


class Keeper:
    """Applies what waits in a worker, and leaves an engine that is down alone for a while."""

    def __init__(self) -> None:
        self._not_before = 0.0

    def apply(self) -> int:
        """As `apply_waiting`; an engine that is down is told to the log and tried again after a pause."""
        if time.monotonic() < self._not_before:
            return 0
        try:
            return apply_waiting()
        except EngineDown as error:
            log.warning("the search engine does not answer, changes wait: %s", error)
            self._not_before = time.monotonic() + PAUSE
            return 0


def write_noted(writer: Writer, rows: Iterable[IndexChange]) -> None:
    """Write what notes name, as it is now."""
    ids: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        ids[row.kind].add(row.subject_id)
    for kind in sorted(ids):
        write(writer, kind, sorted(ids[kind]))


def noted_since(moment: datetime) -> list[IndexChange]:
    """Notes a building that began then may have missed: those not applied before it."""
    rows = IndexChange.objects.all()
    return list(rows.filter(applied_at__isnull=True)) + list(rows.filter(applied_at__gte=moment))


def ask_for_index() -> Job | None:
    """Have the missing index built, in nobody's name; None while a building is under way or has just failed."""
    if rebuild_under_way() is not None or failed_just_now():
        return None
    return jobs.enqueue(KIND, title=TITLE, params={"backend": engine.backend().name}, actor=Nobody())


def forget_applied() -> int:
    """Drop notes applied some days ago: no building takes so long."""
    until = timezone.now() - timedelta(days=KEPT_DAYS)
    return IndexChange.objects.filter(applied_at__lt=until).delete()[0]
