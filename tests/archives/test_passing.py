"""What is written when a file passes a stage, ends, is refused or fails: once, in one transaction, no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from bianzhi.archives.models import Batch, BatchState, Candidate, FileState, IncomingFile, Item, Original, OriginalState
from bianzhi.archives.services.drafting import Proposal, draft_items, keep_original, propose, receive_members
from bianzhi.archives.services.passing import (
    close_described,
    end_batch,
    end_file,
    fail_file,
    note_duplicate,
    note_progress,
    pass_stage,
    put_file_back,
    refuse_file,
    take_next,
    withhold_file,
)
from bianzhi.archives.storage import originals
from bianzhi.audit.models import AuditEntry
from bianzhi.kernel.file_digests import Digests, digests_of
from bianzhi.recognition.document import PageText
from bianzhi.recognition.identify import format_by_code
from tests.archives import papers
from tests.archives.reception import ARCHIVIST, bring, taken

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path, one_workshop) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def batch() -> Batch:
    return bring({"甲.pdf": papers.approval(1), "乙.pdf": papers.approval(2)})


@pytest.fixture
def file(batch: Batch) -> IncomingFile:
    return batch.files.get(name="甲.pdf")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    place = tmp_path / "content"
    place.write_bytes(papers.approval(1))
    return place


def kept(file: IncomingFile, content: Path, told: Digests | None = None) -> Original | None:
    return keep_original(
        actor=ARCHIVIST,
        file_id=file.pk,
        content=content,
        told=told or digests_of(content),
        file_format=format_by_code("pdf"),
        seconds=0.1,
    )


def blank(number: int) -> PageText:
    return PageText(number, 1654, 2339, 200, 0, 0.0, True, "layer")


def test_files_are_taken_one_after_the_other_and_a_left_one_again(batch):
    first = take_next(actor=ARCHIVIST, batch_id=batch.pk, after=0)
    assert first is not None
    second = take_next(actor=ARCHIVIST, batch_id=batch.pk, after=first.pk)
    assert second is not None
    assert (first.name, second.name) == ("甲.pdf", "乙.pdf")
    assert take_next(actor=ARCHIVIST, batch_id=batch.pk, after=second.pk) is None
    again = take_next(actor=ARCHIVIST, batch_id=batch.pk, after=0)
    assert again is not None
    assert (again.pk, again.attempts) == (first.pk, 2)
    put_file_back(actor=ARCHIVIST, file_id=first.pk)
    assert IncomingFile.objects.get(pk=first.pk).state == FileState.RECEIVED


def test_a_stage_is_recorded_once_with_its_last_facts_and_fills_only_what_it_may(file):
    for size in (1, 2):
        pass_stage(actor=ARCHIVIST, file_id=file.pk, stage="digest", seconds=1, facts={"size": size}, changes={})
    assert file.stages.get().facts == {"size": 2}
    with pytest.raises(TypeError, match="state"):
        pass_stage(actor=ARCHIVIST, file_id=file.pk, stage="digest", seconds=1, facts={}, changes={"state": "done"})
    note_progress(actor=ARCHIVIST, file_id=file.pk, stage="read", done=3)
    file.refresh_from_db()
    assert (file.stage, file.done) == ("read", 3)


def test_how_a_file_ends_is_written_with_the_reason_and_whether_it_may_be_tried_again(file):
    fail_file(actor=ARCHIVIST, file_id=file.pk, stage="keep", reason="磁盘已满")
    file.refresh_from_db()
    assert (file.state, file.stage, file.retryable) == (FileState.FAILED, "keep", True)
    refuse_file(actor=ARCHIVIST, file_id=file.pk, stage="identify", reason="已损坏")
    file.refresh_from_db()
    assert (file.state, file.reason, file.retryable) == (FileState.REFUSED, "已损坏", False)
    note_duplicate(actor=ARCHIVIST, file_id=file.pk, reason="已有")
    file.refresh_from_db()
    assert (file.state, file.stage) == (FileState.DUPLICATE, "unique")
    withhold_file(actor=ARCHIVIST, file_id=file.pk, stage="read", mark="机密", where="第 1 页")
    file.refresh_from_db()
    assert (file.state, "R27" in file.reason) == (FileState.REFUSED, True)
    end_file(actor=ARCHIVIST, file_id=file.pk)
    file.refresh_from_db()
    assert (file.state, file.reason) == (FileState.DONE, "")
    acts = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert acts[-2:] == ["archives.file_refused", "archives.secret_withheld"]


def test_a_batch_ends_with_its_job_and_not_while_files_wait(batch):
    ended: list[bool] = []
    assert not end_batch(actor=ARCHIVIST, batch_id=batch.pk, finish=lambda: ended.append(True))
    for file in batch.files.all():
        end_file(actor=ARCHIVIST, file_id=file.pk)
    assert end_batch(actor=ARCHIVIST, batch_id=batch.pk, finish=lambda: ended.append(True))
    batch.refresh_from_db()
    assert (ended, batch.state) == ([True], BatchState.DONE)


def test_the_same_content_is_registered_once_and_its_second_comer_gets_none(batch, file, content):
    original = kept(file, content)
    assert original is not None
    assert kept(file, content) == original, "done again it is the same"
    assert kept(batch.files.get(name="乙.pdf"), content) is None
    assert Original.objects.count() == 1


def test_content_that_was_destroyed_by_an_appraisal_and_comes_again_is_kept_again(batch, file, content):
    original = kept(file, content)
    assert original is not None
    originals().destroy(original.sha256)
    Original.objects.update(state=OriginalState.DISPOSED)
    again = kept(batch.files.get(name="乙.pdf"), content)
    assert again == original
    assert Original.objects.get().state == OriginalState.INTACT
    assert originals().verify(original.sha256, original.sm3) == OriginalState.INTACT


def test_drafts_are_made_once_with_their_parts_of_the_original(file, content):
    kept(file, content)
    pages = {number: blank(number) for number in (1, 2, 3)}
    told = {"actor": ARCHIVIST, "file_id": file.pk, "pieces": [(1, 1), (2, 3)], "pages": pages, "seconds": 0.1}
    items = draft_items(**told)
    assert draft_items(**told) == items
    assert [item.page_count for item in items] == [1, 2]
    assert [(each.first_page, each.last_page) for each in items[1].files.all()] == [(2, 3)]
    with pytest.raises(AssertionError):
        draft_items(**{**told, "file_id": file.batch.files.get(name="乙.pdf").pk})


def test_what_was_decided_about_a_value_outlives_a_new_proposal(file, content):
    kept(file, content)
    pages = {1: blank(1)}
    item = draft_items(actor=ARCHIVIST, file_id=file.pk, pieces=[(1, 1)], pages=pages, seconds=0)[0]

    def say(*values: str) -> None:
        found = {item.pk: [Proposal("title", value, 0.9, "测试", 1, (0, 0, 1, 1)) for value in values]}
        propose(actor=ARCHIVIST, file_id=file.pk, stage="candidates", proposals=found, seconds=0)

    say("甲", "乙")
    second = next(each for each in item.candidates.all() if each.value == "乙")
    Candidate.objects.filter(pk=second.pk).update(is_taken=False)
    say("丙")
    assert list(item.candidates.order_by("pk").values_list("value", "is_taken")) == [("乙", False), ("丙", None)]


def test_members_of_an_archive_become_files_of_its_batch_and_the_archive_is_done(file, content):
    members = receive_members(actor=ARCHIVIST, file_id=file.pk, members=[("x/丙.pdf", content)], seconds=0)
    file.refresh_from_db()
    assert file.state == FileState.DONE
    assert [(each.name, each.parent, each.state) for each in members] == [("甲.pdf/x/丙.pdf", file, FileState.RECEIVED)]


def test_a_batch_is_done_when_its_last_draft_is_filed(cast):
    batch = taken({"批复.pdf": papers.approval()})
    item = Item.objects.get()
    close_described(actor=ARCHIVIST, item_id=item.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.WAITING
    Item.objects.filter(pk=item.pk).update(state="filed")
    close_described(actor=ARCHIVIST, item_id=item.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
