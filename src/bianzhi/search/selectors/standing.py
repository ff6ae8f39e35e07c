"""How the index stands: whether it is there, being built, behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from bianzhi.common.models import Job, JobState
from bianzhi.fulltext.backend import EngineDown, IndexMissing
from bianzhi.search import engine
from bianzhi.search.models import IndexBuild, IndexChange

KIND: Final = "search.rebuild"
TITLE: Final = "重建全文检索索引"
PAUSE_AFTER_FAILURE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page of the index shows."""

    is_there: bool
    is_down: bool
    entries: int
    waiting: int
    engine: str
    job: Job | None
    built_at: datetime | None


def standing() -> Standing:
    """How the index stands now."""
    is_there = is_down = False
    entries = 0
    try:
        is_there, entries = True, engine.backend().count()
    except IndexMissing:
        pass
    except EngineDown:
        is_down = True
    built = IndexBuild.objects.filter(finished_at__isnull=False).first()
    return Standing(
        is_there=is_there,
        is_down=is_down,
        entries=entries,
        waiting=IndexChange.objects.filter(applied_at__isnull=True).count(),
        engine=engine.backend().name,
        job=rebuild_under_way(),
        built_at=built.finished_at if built else None,
    )


def rebuild_under_way() -> Job | None:
    """The job that builds the index or waits to."""
    return Job.objects.filter(kind=KIND, state__in=[JobState.WAITING, JobState.RUNNING]).order_by("pk").first()


def failed_just_now() -> bool:
    """Whether a building has failed within the last minutes, so that the next is not asked for at once."""
    since = timezone.now() - PAUSE_AFTER_FAILURE
    return Job.objects.filter(kind=KIND, state=JobState.FAILED, finished_at__gte=since).exists()
