"""A batch through its stages: what becomes a draft, what is refused and why, and that one file stops no other."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from pikepdf import Name

from bianzhi.accounts.policies import Denied
from bianzhi.archives import derivatives, quarantine
from bianzhi.archives.models import BatchState, FileState, Item, ItemState, Original
from bianzhi.archives.rules.stages import STAGES
from bianzhi.archives.services.ingest import (
    append_chunk,
    begin_upload,
    cancel_batch,
    open_batch,
    receive_file,
    retry_batch,
    retry_file,
    start_batch,
)
from bianzhi.archives.services.receiving import WrongOffset
from bianzhi.archives.storage import originals
from bianzhi.audit.models import AuditEntry
from bianzhi.common import integrity, jobs
from bianzhi.kernel.objections import Refused
from bianzhi.recognition.workshop import WorkFailed
from tests.archives import papers
from tests.archives.reception import ARCHIVIST, bring, files_left, fonds, only_file, taken, work
from tests.cast import Limited

pytestmark = pytest.mark.django_db

OUTSIDER = Limited(frozenset({"archives.view"}))


@pytest.fixture(autouse=True)
def home(settings, tmp_path, one_workshop):
    settings.HOME = tmp_path
    return tmp_path


def test_a_typed_paper_becomes_a_draft_with_its_pages_text_and_proposals():
    batch = taken({"批复.pdf": papers.approval()})
    item = Item.objects.get()
    assert batch.state == BatchState.WAITING
    assert (item.state, item.title, item.page_count, item.source) == (ItemState.DRAFT, "批复", 2, "born_digital")
    assert [page.number for page in item.pages.all()] == [1, 2]
    assert "核定你局行政编制10名" in item.pages.get(number=2).text
    values = {each.field: each.value for each in item.candidates.order_by("confidence")}
    assert values["doc_no"] == "测编〔2026〕9号"
    assert values["dated_on"] == "2026-03-02"
    assert values["year"] == "2026"
    assert values["retention"] == "Y"
    assert values["category"] == "WS"


def test_every_stage_is_recorded_once_in_its_order():
    file = only_file(taken({"批复.pdf": papers.approval()}))
    assert [record.stage for record in file.stages.order_by("pk")] == [stage.name for stage in STAGES]
    assert file.state == FileState.DONE


def test_the_original_is_kept_byte_for_byte_with_both_digests_and_leaves_the_quarantine():
    content = papers.approval()
    taken({"批复.pdf": content})
    original = Original.objects.get()
    with originals().open(original.sha256) as stream:
        assert stream.read() == content
    assert len(original.sm3) == 64
    assert files_left()["quarantine"] == []
    assert AuditEntry.objects.filter(action="archives.original_kept").count() == 1
    assert not integrity.findings(["audit.chain", "audit.rows"])


def test_pictures_of_the_pages_are_drawn_at_once_and_again_when_they_are_gone():
    taken({"批复.pdf": papers.approval()})
    page = Item.objects.get().pages.get(number=2)
    place = derivatives.page_image(page)
    assert place.exists()
    derivatives.forget(page.file.original.sha256)
    assert not place.exists()
    assert derivatives.thumbnail(page).exists()
    assert "核定" in derivatives.page_words(page).text
    assert derivatives.page_image(page, 333).stat().st_size


def test_the_same_content_again_is_known_and_not_kept_twice():
    taken({"批复.pdf": papers.approval()})
    second = taken({"另一个名字.pdf": papers.approval(), "又一件.pdf": papers.approval(10)})
    states = dict(second.files.values_list("name", "state"))
    assert states == {"另一个名字.pdf": FileState.DUPLICATE, "又一件.pdf": FileState.DONE}
    assert "《批复》" in second.files.get(name="另一个名字.pdf").reason
    assert Original.objects.count() == Item.objects.count() == 2


def test_two_equal_files_of_one_batch_make_one_draft():
    batch = taken({"甲.pdf": papers.approval(), "乙.pdf": papers.approval()})
    assert list(batch.files.order_by("pk").values_list("state", flat=True)) == [FileState.DONE, FileState.DUPLICATE]


def test_hostile_files_are_refused_and_the_rest_of_the_batch_goes_on():
    batch = taken(
        {
            "脚本.pdf": papers.with_action(S=Name.JavaScript, JS="1"),
            "半截.png": papers.picture()[:-20],
            "炸弹.zip": papers.swollen_zip(),
            "图.svg": b"<svg onload='x'/>",
            "批复.pdf": papers.approval(),
        }
    )
    refused = batch.files.filter(state=FileState.REFUSED)
    assert refused.count() == 4
    assert all(file.reason.endswith("。") and not file.retryable for file in refused)
    assert all(quarantine.content_of(file.pk).exists() for file in refused)
    assert Item.objects.get().title == "批复"
    assert Original.objects.count() == 1


def test_a_file_marked_secret_on_a_page_is_refused_and_put_out_of_everybodys_reach(home):
    batch = taken({"批复.pdf": papers.typed("机密★10年\n关于某事的批复", "正文")})
    file = only_file(batch)
    assert file.state == FileState.REFUSED
    assert "第 1 页标有“机密”" in file.reason
    assert "R27" in file.reason
    assert "仅目录" in file.reason
    assert not Original.objects.exists()
    assert not derivatives.all_words(file.sha256)
    assert files_left()["quarantine"] == []
    withheld = home / "archive" / "withheld" / str(file.pk)
    assert withheld.stat().st_mode & 0o777 == 0
    assert AuditEntry.objects.filter(action="archives.secret_withheld").exists()
    with pytest.raises(Refused):
        retry_file(actor=ARCHIVIST, file_id=file.pk)


@pytest.mark.parametrize("part", ["document.xml", "header1.xml"])
def test_a_word_file_marked_secret_in_a_text_box_or_a_header_is_not_taken(part):
    batch = taken({"通知.docx": papers.boxed_word(part, "秘密")})
    file = only_file(batch)
    assert (file.state, file.stage) == (FileState.REFUSED, "read")
    assert "标有“秘密”" in file.reason
    assert not Original.objects.exists()


def test_a_word_file_with_a_harmless_text_box_is_taken_with_its_text():
    assert only_file(taken({"通知.docx": papers.boxed_word("document.xml", "县委编办文件")})).state == FileState.DONE
    assert Item.objects.get().pages.get().text.split("\n")[0] == "县委编办文件"


def test_a_text_that_speaks_of_secrets_is_no_marked_paper():
    batch = taken({"法.pdf": papers.typed("国家秘密的密级分为绝密、机密、秘密三级。\n保守国家秘密是公民的义务。")})
    assert only_file(batch).state == FileState.DONE


def test_a_name_that_is_marked_secret_is_refused_before_a_byte_is_taken():
    with pytest.raises(Refused, match="秘密"):
        bring({"某某（秘密）.pdf": papers.approval()})
    assert not Item.objects.exists()


def test_a_marked_name_inside_a_zip_is_refused_as_well():
    batch = taken({"一批.zip": papers.archive({"绝密件.txt": b"x", "说明.txt": "编制说明".encode()})})
    states = dict(batch.files.exclude(parent=None).values_list("name", "state"))
    assert states == {"一批.zip/绝密件.txt": FileState.REFUSED, "一批.zip/说明.txt": FileState.DONE}


def test_a_zip_is_taken_apart_and_its_members_become_drafts():
    batch = taken(
        {
            "一批.zip": papers.archive(
                {
                    "财政局/批复.pdf": papers.approval(),
                    "坏.pdf": b"%PDF-1.4 broken",
                    "内.zip": papers.archive({"a.txt": b"a"}),
                }
            )
        }
    )
    states = {file.name.rpartition("/")[2]: file.state for file in batch.files.all()}
    assert states == {
        "一批.zip": FileState.DONE,
        "批复.pdf": FileState.DONE,
        "坏.pdf": FileState.REFUSED,
        "内.zip": FileState.REFUSED,
    }
    assert Item.objects.get().title == "批复"
    assert "压缩包里还有压缩包" in batch.files.get(name__endswith="内.zip").reason


def test_office_files_give_their_text_without_pictures():
    taken({"通知.docx": papers.word("关于机构编制事项的通知\n测编〔2026〕5号")})
    item = Item.objects.get()
    assert "测编〔2026〕5号" in item.pages.get().text
    with pytest.raises(derivatives.NoPageImage):
        derivatives.page_image(item.pages.get())


def test_a_file_nobody_can_read_the_text_of_is_a_draft_without_pages_whose_secrecy_a_person_has_to_judge():
    taken({"旧文.doc": papers.compound("WordDocument")})
    item = Item.objects.get()
    assert item.page_count == 0
    told = item.candidates.get(field="classification")
    assert (told.value, told.is_taken) == ("密级未能检查", None)


def test_a_file_that_could_be_read_is_not_said_to_be_unchecked():
    taken({"批复.pdf": papers.approval()})
    assert not Item.objects.get().candidates.filter(field="classification").exists()


def test_a_batch_of_a_unit_proposes_that_unit(cast):
    taken({"批复.pdf": papers.approval()}, organization_id=cast.audit_office.pk)
    best = Item.objects.get().candidates.filter(field="organization").order_by("-confidence")[0]
    assert (best.value, best.confidence) == (str(cast.audit_office.pk), 1.0)


def test_the_unit_a_paper_speaks_of_is_proposed(cast):
    taken({"批复.pdf": papers.approval()})
    values = set(Item.objects.get().candidates.filter(field="organization").values_list("value", flat=True))
    assert str(cast.bureau.pk) in values


def test_a_scanner_that_is_down_holds_the_file_and_a_retry_takes_it(settings):
    settings.CLAMAV = "127.0.0.1:9"
    file = only_file(taken({"批复.pdf": papers.approval()}))
    assert (file.state, file.stage, file.retryable) == (FileState.FAILED, "scan", True)
    assert "连接失败" in file.reason
    settings.CLAMAV = ""
    retry_batch(actor=ARCHIVIST, batch_id=file.batch_id)
    jobs.run_waiting()
    file.refresh_from_db()
    assert (file.state, file.attempts) == (FileState.DONE, 2)
    with pytest.raises(Refused):
        retry_batch(actor=ARCHIVIST, batch_id=file.batch_id)


def test_a_reading_that_failed_is_told_in_sound_sentences(monkeypatch):
    def fail(*_):
        raise WorkFailed("读取程序无法完成。请检查文件。")

    monkeypatch.setattr("bianzhi.archives.derivatives.read_pages", fail)
    file = only_file(taken({"批复.pdf": papers.approval()}))
    assert (file.state, file.stage) == (FileState.FAILED, "read")
    assert file.reason == "读取程序无法完成。请检查文件。文件留在隔离区，可以重试。"


def test_a_failure_that_is_no_fault_of_the_file_is_told_and_tried_again_behind_what_was_done(monkeypatch):
    def full(self, place):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("bianzhi.archives.storage.OriginalStore.keep", full)
        batch = taken({"批复.pdf": papers.approval(), "坏.pdf": b"%PDF-"})
    file = batch.files.get(name="批复.pdf")
    assert (file.state, file.stage) == (FileState.FAILED, "keep")
    assert "磁盘" in file.reason
    assert batch.files.get(name="坏.pdf").state == FileState.REFUSED
    read = file.stages.get(stage="read").done_at
    retry_file(actor=ARCHIVIST, file_id=file.pk)
    jobs.run_waiting()
    file.refresh_from_db()
    assert file.state == FileState.DONE
    assert file.stages.get(stage="read").done_at == read


def test_a_cancelled_batch_keeps_its_files_and_can_be_started_again():
    batch = bring({"批复.pdf": papers.approval()})
    start_batch(actor=ARCHIVIST, batch_id=batch.pk)
    cancel_batch(actor=ARCHIVIST, batch_id=batch.pk)
    jobs.run_waiting()
    batch.refresh_from_db()
    assert batch.state == BatchState.CANCELLED
    assert not Item.objects.exists()
    assert work(batch).state == BatchState.WAITING


def test_pieces_that_break_off_go_on_where_they_were():
    batch = bring({})
    content = papers.approval()
    file = begin_upload(actor=ARCHIVIST, batch_id=batch.pk, name="批复.pdf", size=len(content))
    append_chunk(actor=ARCHIVIST, upload_key=file.upload_key, offset=0, data=content[:1000])
    again = begin_upload(
        actor=ARCHIVIST, batch_id=batch.pk, name="批复.pdf", size=len(content), upload_key=file.upload_key
    )
    assert (again.pk, again.received) == (file.pk, 1000)
    with pytest.raises(WrongOffset) as wrong:
        append_chunk(actor=ARCHIVIST, upload_key=file.upload_key, offset=2000, data=content[2000:])
    assert wrong.value.received == 1000
    append_chunk(actor=ARCHIVIST, upload_key=file.upload_key, offset=500, data=content[500:1000])
    last = append_chunk(actor=ARCHIVIST, upload_key=file.upload_key, offset=1000, data=content[1000:])
    assert last.state == FileState.RECEIVED
    assert work(batch).files.get().state == FileState.DONE


def test_more_bytes_than_announced_are_refused():
    batch = bring({})
    file = begin_upload(actor=ARCHIVIST, batch_id=batch.pk, name="a.pdf", size=10)
    with pytest.raises(Refused, match="10 字节"):
        append_chunk(actor=ARCHIVIST, upload_key=file.upload_key, offset=0, data=b"x" * 11)


def test_a_key_of_another_file_is_refused():
    batch = bring({})
    file = begin_upload(actor=ARCHIVIST, batch_id=batch.pk, name="a.pdf", size=10)
    with pytest.raises(Refused, match="续传标识"):
        begin_upload(actor=ARCHIVIST, batch_id=batch.pk, name="b.pdf", size=10, upload_key=file.upload_key)


@pytest.mark.parametrize("key", ["\ud800", "a\x00b", "a/b", "甲", "k" * 65])
def test_a_key_that_is_none_is_refused(key):
    batch = bring({})
    with pytest.raises(Refused, match="续传标识应为"):
        begin_upload(actor=ARCHIVIST, batch_id=batch.pk, name="a.pdf", size=10, upload_key=key)


def test_one_key_is_one_file_also_for_who_did_not_see_the_other():
    batch = bring({})
    begin_upload(actor=ARCHIVIST, batch_id=batch.pk, name="a.pdf", size=10, upload_key="k1")
    with pytest.raises(IntegrityError), transaction.atomic():
        batch.files.create(name="a.pdf", upload_key="k1")
    batch.files.create(name="whole.pdf")
    batch.files.create(name="also whole.pdf")


def test_an_unfinished_upload_is_not_worked_on():
    batch = bring({"批复.pdf": papers.approval()})
    begin_upload(actor=ARCHIVIST, batch_id=batch.pk, name="a.pdf", size=10)
    assert set(work(batch).files.values_list("state", flat=True)) == {FileState.DONE, FileState.RECEIVING}


def test_an_empty_batch_is_not_started_and_a_nameless_one_not_opened():
    with pytest.raises(Refused, match="没有等待处理的文件"):
        start_batch(actor=ARCHIVIST, batch_id=bring({}).pk)
    with pytest.raises(Refused, match="批次名称"):
        bring({}, title=" ")
    with pytest.raises(Refused, match="分件方式"):
        bring({}, splitting="colour")


def test_an_empty_file_and_one_too_large_are_refused_with_their_size(monkeypatch):
    with pytest.raises(Refused, match="空文件"):
        bring({"a.pdf": b""})
    monkeypatch.setattr("bianzhi.archives.services.receiving.MEGA", 1)
    with pytest.raises(Refused, match="超过 1000 MB"):
        bring({"a.pdf": papers.approval()})


def test_who_does_not_keep_the_archive_brings_nothing_in():
    batch = bring({"批复.pdf": papers.approval()})
    file = only_file(batch)
    for act in (
        lambda: open_batch(actor=OUTSIDER, title="x", channel="upload", fonds_id=fonds().pk),
        lambda: receive_file(actor=OUTSIDER, batch_id=batch.pk, name="a.pdf", content=b"x"),
        lambda: begin_upload(actor=OUTSIDER, batch_id=batch.pk, name="a.pdf", size=3),
        lambda: append_chunk(actor=OUTSIDER, upload_key="x", offset=0, data=b"x"),
        lambda: start_batch(actor=OUTSIDER, batch_id=batch.pk),
        lambda: retry_file(actor=OUTSIDER, file_id=file.pk),
        lambda: retry_batch(actor=OUTSIDER, batch_id=batch.pk),
        lambda: cancel_batch(actor=OUTSIDER, batch_id=batch.pk),
    ):
        with pytest.raises(Denied):
            act()
