"""Every stage killed before, in the middle and behind its end, and taken up again: the result is the same."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from bianzhi.archives import derivatives, quarantine
from bianzhi.archives.jobs import ingesting, steps
from bianzhi.archives.jobs.sweeping import sweep
from bianzhi.archives.models import Batch, FileState, Item, Original, StageRecord
from bianzhi.archives.rules.stages import STAGES
from bianzhi.archives.services import passing
from bianzhi.archives.services.ingest import start_batch
from bianzhi.common import jobs
from bianzhi.common.jobs.context import JobContext
from bianzhi.common.jobs.running import put_back
from bianzhi.common.models import Job, JobState
from bianzhi.recognition.workshop import Workshop
from tests import database_reset
from tests.archives import papers
from tests.archives.reception import ARCHIVIST, bring, files_left, outcome, work
from tests.cast import TODAY

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL"),
]

NAMES = [stage.name for stage in STAGES]


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path / "killed"


def in_a_process_that_is_killed(prepare: Callable[[], None]) -> None:
    """Fork, run the job in the child after `prepare`, which arranges its death; the parent sees it die by SIGKILL."""
    child = os.fork()
    if not child:
        _forget_connections()
        prepare()
        job = Job.objects.get(state=JobState.RUNNING)
        ingesting.ingest(_context(job))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the process ended by itself: {status}"
    assert os.WTERMSIG(status) == signal.SIGKILL


_leaked: list[Any] = []


def _forget_connections() -> None:
    """The parent's connections stay the parent's: the child neither uses nor closes them."""
    for connection in connections.all():
        _leaked.append(connection.connection)
        connection.connection = None


def _context(job: Job) -> Any:
    return JobContext(job, stopping=threading.Event())


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(stage: str) -> Callable[[], None]:
    """Die as the stage begins."""

    def prepare() -> None:
        ingesting.STEPS = {**steps.STEPS, stage: die}  # type: ignore[attr-defined]

    return prepare


def inside(stage: str) -> Callable[[], None]:
    """Die in the transaction that passes the stage, its rows written and its files in place, before the commit."""

    def prepare() -> None:
        write = passing.write_stage

        def written(*, stage: str, wanted: str = stage, **facts: Any) -> None:
            write(stage=stage, **facts)
            if stage == wanted:
                die()

        for module in (passing, sys.modules["bianzhi.archives.services.drafting"]):
            module.write_stage = written  # type: ignore[attr-defined]

    return prepare


def after(stage: str) -> Callable[[], None]:
    """Die when the stage is committed."""

    def prepare() -> None:
        step = steps.STEPS[stage]

        def through(at: steps.Work) -> None:
            try:
                step(at)
            finally:
                die()

        ingesting.STEPS = {**steps.STEPS, stage: through}  # type: ignore[attr-defined]

    return prepare


def between_pages() -> None:
    """Die when the first page was read."""
    write = derivatives.words_of

    def read_one(sha256: str, number: int) -> Any:
        write(sha256, number)
        die()

    derivatives.words_of = read_one


def started(files: dict[str, bytes]) -> tuple[Batch, Job]:
    """A batch whose job has been claimed by a worker."""
    batch = bring(files)
    batch = start_batch(actor=ARCHIVIST, batch_id=batch.pk)
    assert batch.job is not None
    Job.objects.filter(pk=batch.job.pk).update(state=JobState.RUNNING)
    return batch, batch.job


def resumed(batch: Batch, job: Job) -> Batch:
    """What the next worker does."""
    put_back(job, attempts=0, message="")
    return work(batch)


def test_a_file_killed_at_every_stage_one_after_the_other_ends_as_one_that_never_was():
    expected = outcome(work(bring({"批复.pdf": papers.approval()})))
    undisturbed = files_left()
    start_anew()
    batch, job = started({"批复.pdf": papers.approval()})
    for stage in NAMES:
        for kill in (before, inside, after):
            in_a_process_that_is_killed(kill(stage))
            if stage == "read" and kill is before:
                in_a_process_that_is_killed(between_pages)
    batch = resumed(batch, job)
    assert outcome(batch) == expected
    assert files_left() == undisturbed
    assert batch.files.get().attempts > 3 * len(NAMES)


def start_anew() -> None:
    """Another archive, as though nothing had ever come."""
    database_reset.restore_seeded_rows()
    shutil.rmtree(settings.HOME)


def test_a_zip_killed_while_it_is_taken_apart_gives_each_member_once():
    content = papers.archive({"甲.txt": "编制说明甲".encode(), "乙.txt": "编制说明乙".encode()})
    batch, job = started({"一批.zip": content})
    for kill in (before("unpack"), inside("unpack"), after("unpack")):
        in_a_process_that_is_killed(kill)
    batch = resumed(batch, job)
    assert sorted(batch.files.values_list("name", "state")) == [
        ("一批.zip", FileState.DONE),
        ("一批.zip/乙.txt", FileState.DONE),
        ("一批.zip/甲.txt", FileState.DONE),
    ]
    assert Item.objects.count() == Original.objects.count() == 2
    sweep(TODAY, older_than=0)  # PostgreSQL gives no key twice: what was never committed lies under its own
    assert files_left()["quarantine"] == []


def test_a_marked_file_killed_on_its_way_out_of_reach_is_put_there_by_the_next_worker():
    batch, job = started({"批复.pdf": papers.typed("秘密★5年\n关于某事的批复")})

    def dies_before_putting_away() -> None:
        ingesting._put_away = die

    in_a_process_that_is_killed(dies_before_putting_away)
    file = batch.files.get()
    assert file.state == FileState.REFUSED
    assert files_left()["quarantine"] == [f"{file.pk}/content"]
    put_back(job, attempts=0, message="")
    jobs.run_waiting()
    assert files_left()["quarantine"] == []
    assert files_left()["withheld"] == [str(file.pk)]
    assert not derivatives.all_words(file.sha256)


def test_a_stage_of_a_newer_version_is_done_again_with_all_that_follow_and_drafts_nothing_twice(monkeypatch):
    batch = work(bring({"批复.pdf": papers.approval()}))
    StageRecord.objects.filter(stage="candidates").update(version="0")
    file = batch.files.get()
    expected = outcome(batch)
    with Workshop() as shop:
        ingesting.work_on(file, shop, lambda done, total, message: None)
    again = outcome(batch)
    assert again[0]["items"] == expected[0]["items"]
    assert file.stages.get(stage="candidates").version == "1"
    assert Item.objects.count() == 1


def test_sweeping_leaves_what_belongs_to_a_file_or_is_fresh():
    batch = bring({"批复.pdf": papers.approval()})
    orphan = quarantine.folder_of(987_654)
    orphan.mkdir(parents=True)
    sweep(TODAY)
    assert orphan.exists()
    assert sweep(TODAY, older_than=0) == {"orphans": 1}
    assert quarantine.content_of(batch.files.get().pk).exists()
