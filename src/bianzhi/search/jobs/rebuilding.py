"""Building the whole index from the store, with progress; killed or cancelled, the index in use stays as it is."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils import timezone

from bianzhi.common import jobs
from bianzhi.common.models import Job
from bianzhi.fulltext.backend import Build, EngineDown, IndexBusy, Writer
from bianzhi.search import engine, sources
from bianzhi.search.jobs.changes import noted_since, write_noted
from bianzhi.search.models import IndexBuild, IndexChange
from bianzhi.search.selectors.standing import KIND
from bianzhi.search.services.refreshing import BATCH, write

Tell = Callable[[int, int, str], None]


@jobs.job(KIND)
def rebuild_job(context: jobs.JobContext) -> Mapping[str, Any]:
    """The job behind 重建索引."""
    try:
        return {"documents": rebuild(context.progress, job=context.job)}
    except IndexBusy as busy:
        raise jobs.JobFailed("另一个进程正在建立检索索引，请等它完成后再试。") from busy
    except EngineDown as down:
        raise jobs.JobFailed("检索服务没有应答，索引没有建立。请系统管理员检查检索服务后重建。") from down


def rebuild(tell: Tell, *, job: Job | None = None) -> int:
    """Build beside the index in use and put the new one in its place; returns the number of entries.

    What changes meanwhile is written into both. Raises IndexBusy when another process is building.
    """
    row = IndexBuild.objects.create(backend=engine.backend().name, job=job)
    with engine.backend().build() as build:
        row.folder = build.place[-200:]
        row.documents = _fill(build, tell)
        build.switch(lambda writer: _catch_up(writer, row))
    row.finished_at = timezone.now()
    row.save()
    return row.documents


def _fill(build: Build, tell: Tell) -> int:
    wanted = [(source, list(source.all_ids())) for source in sources.sources()]
    total, done, documents = sum(len(ids) for _, ids in wanted), 0, 0
    tell(0, total, "正在读取")
    for source, ids in wanted:
        for some in _portions(ids):
            documents += write(build.writer, source.kind, some)
            done += len(some)
            tell(done, total, f"正在编入{source.label}")
    return documents


def _portions(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _catch_up(writer: Writer, row: IndexBuild) -> None:
    missed = noted_since(row.started_at)
    write_noted(writer, missed)
    IndexChange.objects.filter(pk__in=[note.pk for note in missed]).update(applied_at=timezone.now())
