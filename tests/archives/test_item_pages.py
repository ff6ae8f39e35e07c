"""Describing, filing, correcting and relating at the browser; batches where no script runs."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bianzhi.archives.models import Batch, FileState, Item, ItemState, Relation
from bianzhi.archives.services.relations import relate
from bianzhi.common.models import Job, JobState
from bianzhi.ledger.models import LedgerEntry
from tests.accounts.people import account, signed_in
from tests.archives.holdings import ARCHIVIST, Holdings, hold, read_off
from tests.cast import Cast

pytestmark = pytest.mark.django_db
TITLE = "关于核定测试区财政局机构编制的批复"


@pytest.fixture
def holdings(cast: Cast) -> Holdings:
    return hold(cast.bureau)


@pytest.fixture
def desk(tmp_path, settings) -> Client:
    """The archivist at a browser; files go to a folder of the test."""
    settings.HOME = tmp_path
    return signed_in(account("archivist", "archivist"))


@pytest.fixture
def draft(holdings: Holdings) -> Item:
    """A draft with what was read off its page."""
    item = holdings.draft(title="扫描件01")
    place = {"page": 1, "box": [0.2, 0.1, 0.5, 0.02]}
    for field, value in (
        ("title", TITLE), ("doc_no", "虞编〔2020〕3号"), ("dated_on", "2020-01-01"), ("category", "WS"),
        ("unit", str(holdings.organization.pk)), ("retention", "Y"), ("quota:A1", "10"), ("responsible", "区委编委"),
    ):  # fmt: skip
        read_off(item, field, value, **place)
    return item


def stated(holdings: Holdings, **other: str) -> dict[str, str]:
    facts = {
        "title": TITLE,
        "doc_no": "虞编[2020]3号",
        "dated_on": "2020.1.1",
        "responsible": "区委编委",
        "organization": str(holdings.organization.pk),
        "category": str(holdings.category.pk),
        "retention": "Y",
    }
    return {**facts, **other}


def describing(item: Item) -> str:
    return reverse("archives:describe", args=[item.pk])


def test_what_was_read_stands_in_the_fields_with_its_place_beside_it(desk, draft, holdings):
    text = desk.get(describing(draft)).content.decode()
    assert f'value="{TITLE}"' in text
    assert f'value="{holdings.organization.pk}"' in text
    assert f"/archives/items/{draft.pk}/crops/1/?box=0.2000,0.1000,0.5000,0.0200" in text
    assert "核定行政编制" in text


def test_an_unsure_reading_is_offered_and_not_put_in(desk, holdings):
    item = holdings.draft(title="扫描件02")
    candidate = read_off(item, "title", "看不清的题名", page=1)
    candidate.confidence = 0.3
    candidate.save()
    text = desk.get(describing(item)).content.decode()
    assert "看不清的题名" in text
    assert 'value="扫描件02"' in text


def test_confirming_and_filing_gives_the_number_and_leads_on_to_the_next(desk, draft, holdings):
    following = holdings.draft(title="扫描件02")
    answer = desk.post(describing(draft), {**stated(holdings), "file": "1"}, follow=True)
    draft.refresh_from_db()
    assert draft.code == "330699-WS·2020-Y-T001-0001"
    assert f"已归档，档号 {draft.code}" in answer.content.decode()
    assert answer.request["PATH_INFO"] == describing(following)
    taken = set(draft.candidates.filter(is_taken=True).values_list("field", flat=True))
    assert {"title", "unit", "category", "retention", "responsible"} <= taken


def test_saving_keeps_the_description_and_files_nothing(desk, draft, holdings):
    desk.post(describing(draft), {**stated(holdings, title="改过的题名"), "save": ""})
    draft.refresh_from_db()
    assert (draft.title, draft.state, draft.code) == ("改过的题名", ItemState.DRAFT, None)


def test_a_refused_filing_says_why_and_keeps_what_was_typed(desk, draft, holdings):
    read_off(draft, "classification", "机密", page=1)
    answer = desk.post(describing(draft), {**stated(holdings), "file": "1"})
    assert answer.status_code == 422
    assert "R27" in answer.content.decode()
    draft.refresh_from_db()
    assert (draft.title, draft.state) == (TITLE, ItemState.DRAFT)


def test_a_misread_mark_is_set_aside_and_filing_goes_on(desk, draft, holdings):
    mark = read_off(draft, "classification", "机密", page=1)
    desk.post(describing(draft), {"set_aside": mark.pk})
    desk.post(describing(draft), {**stated(holdings), "file": "1"})
    draft.refresh_from_db()
    assert draft.state == ItemState.FILED


def test_setting_a_reading_aside_loses_nothing_that_was_typed(desk, draft, holdings):
    misread = read_off(draft, "title", "看错的题名", page=1)
    typed = stated(holdings, title="刚输入的题名", summary="刚写的摘要", is_restricted="on")
    answer = desk.post(describing(draft), {**typed, "set_aside": misread.pk})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "已否定“看错的题名”" in text
    assert 'value="刚输入的题名"' in text
    assert "刚写的摘要" in text
    assert re.search(r'name="is_restricted"[^>]*checked', text)
    misread.refresh_from_db()
    draft.refresh_from_db()
    assert misread.is_taken is False
    assert draft.title != "刚输入的题名", "nothing is saved yet"


@pytest.mark.parametrize("told", ["", "x", "9" * 30, "0"])
def test_setting_aside_what_is_not_there_is_told(desk, draft, told):
    assert "没有这条识别结果" in desk.post(describing(draft), {"set_aside": told}).content.decode()


def test_a_reading_of_another_item_is_not_set_aside(desk, draft, holdings):
    other = read_off(holdings.draft(), "title", "另一件的题名", page=1)
    assert "没有这条识别结果" in desk.post(describing(draft), {"set_aside": other.pk}).content.decode()
    other.refresh_from_db()
    assert other.is_taken is None


@pytest.mark.parametrize("year", ["202444", "1899"])
def test_a_year_no_record_is_of_is_told_at_the_field(desk, draft, holdings, year):
    answer = desk.post(describing(draft), {**stated(holdings), "year": year})
    assert answer.status_code == 422
    assert re.search("1900—2100|不能大于 2100", answer.content.decode())


def test_only_who_keeps_the_archive_describes(draft, holdings):
    reader = signed_in(account("reader", "office_clerk"))
    assert reader.post(describing(draft), {**stated(holdings), "file": "1"}).status_code == 403
    assert reader.get(reverse("archives:waiting")).status_code == 403


def test_a_filed_item_is_corrected_with_a_reason(desk, holdings):
    item = holdings.filed()
    address = reverse("archives:correct", args=[item.pk])
    text = desk.get(address).content.decode()
    assert "更正理由" in text
    assert 'name="category"' not in text
    facts = stated(holdings, title="更正后的题名")
    assert desk.post(address, facts).status_code == 422
    desk.post(address, {**facts, "reason": "题名漏字"})
    item.refresh_from_db()
    assert (item.title, item.code) == ("更正后的题名", "330699-WS·2020-Y-T001-0001")


# --- what it proves ----------------------------------------------------------------------------------------------


def test_an_item_is_related_to_a_ledger_entry_by_its_number_and_the_page(desk, holdings, cast):
    item = holdings.filed(doc_no="虞编〔2020〕99号")
    entry = LedgerEntry.objects.filter(postings__account__organization=cast.bureau)[0]
    desk.post(reverse("archives:relate", args=[item.pk]), {"entry": entry.number, "at": "1"})
    made = Relation.objects.get(item=item, subject_kind="ledger.ledgerentry")
    assert (made.subject_id, made.page) == (str(entry.pk), 1)
    shown = desk.get(reverse("ledger:entry", args=[entry.pk])).content.decode()
    assert f"/archives/items/{item.pk}/view/?page=1" in shown
    desk.post(reverse("archives:unrelate", args=[item.pk, made.pk]), {"reason": "关联错了"})
    assert f"/archives/items/{item.pk}/" not in desk.get(reverse("ledger:entry", args=[entry.pk])).content.decode()


@pytest.mark.parametrize("typed", [{}, {"entry": "TZ1999-99999"}, {"entry": "", "at": "0"}])
def test_a_relation_to_nothing_is_refused_in_words(desk, holdings, typed):
    item = holdings.filed(doc_no="虞编〔2020〕99号")
    assert desk.post(reverse("archives:relate", args=[item.pk]), typed).status_code == 422
    assert not Relation.objects.filter(item=item).exists()


def test_what_the_reader_may_not_see_is_not_named_as_proved(holdings, cast):
    item = holdings.filed(doc_no="虞编〔2020〕99号")
    other = LedgerEntry.objects.filter(postings__account__organization=cast.school)[0]
    relate(
        actor=ARCHIVIST, item_id=item.pk, subject_kind="ledger.ledgerentry", subject_id=str(other.pk),
        subject_label="第一小学的台账", page=1,
    )  # fmt: skip
    address = reverse("archives:item", args=[item.pk])
    clerk = account("clerk", "unit_clerk", organization_id=cast.bureau.pk)
    assert other.number not in signed_in(clerk).get(address).content.decode()
    assert "第一小学的台账" not in signed_in(clerk).get(address).content.decode()
    assert other.number in signed_in(account("archivist", "archivist")).get(address).content.decode()


# --- batches -----------------------------------------------------------------------------------------------------


def test_a_batch_is_opened_and_filled_without_any_script(desk, holdings):
    facts = {"title": "柜台扫描", "fonds": holdings.fonds.pk, "splitting": "file"}
    batch_page = desk.post(reverse("archives:batch_new"), facts)["Location"]
    batch = Batch.objects.get()
    assert batch_page == reverse("archives:batch", args=[batch.pk])
    sent = SimpleUploadedFile("扫描.txt", "关于机构编制的通知".encode())
    desk.post(reverse("archives:batch_files", args=[batch.pk]), {"files": sent})
    assert batch.files.get().state == FileState.RECEIVED
    desk.post(reverse("archives:batch_start", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == "working"
    assert "hx-trigger" in desk.get(batch_page).content.decode()
    desk.post(reverse("archives:batch_cancel", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == "cancelled"


def test_what_failed_is_listed_with_its_reason_and_may_be_tried_again(desk, holdings):
    desk.post(reverse("archives:batch_new"), {"title": "一批", "fonds": holdings.fonds.pk, "splitting": "file"})
    batch = Batch.objects.get()
    for name, retryable in (("可重试.pdf", True), ("坏文件.pdf", False)):
        batch.files.create(
            name=name, state="failed" if retryable else "refused", reason=f"{name}的原因", retryable=retryable
        )
    Batch.objects.filter(pk=batch.pk).update(state="waiting")
    text = desk.get(reverse("archives:batch", args=[batch.pk])).content.decode()
    assert text.count("的原因") == 2
    one, other = batch.files.order_by("pk")
    desk.post(reverse("archives:file_retry", args=[batch.pk, other.pk]))
    other.refresh_from_db()
    assert other.state == "refused"
    desk.post(reverse("archives:file_retry", args=[batch.pk, one.pk]))
    one.refresh_from_db()
    assert one.state == FileState.RECEIVED


@pytest.fixture
def begun(desk, holdings) -> Batch:
    """A batch with one file that is being worked on."""
    desk.post(reverse("archives:batch_new"), {"title": "一批", "fonds": holdings.fonds.pk, "splitting": "file"})
    batch = Batch.objects.get()
    sent = SimpleUploadedFile("批复.txt", "关于核定编制的批复".encode())
    desk.post(reverse("archives:batch_files", args=[batch.pk]), {"files": sent})
    desk.post(reverse("archives:batch_start", args=[batch.pk]))
    return Batch.objects.get()


def shown(desk: Client, batch: Batch) -> str:
    return desk.get(reverse("archives:batch", args=[batch.pk])).content.decode()


@pytest.mark.parametrize("has_files", [True, False])
def test_a_batch_whose_job_ended_says_so_and_goes_on(desk, begun, has_files):
    Job.objects.update(state=JobState.FAILED, error="数据库中断。")
    if not has_files:
        begun.files.update(state=FileState.DONE)
    text = shown(desk, begun)
    assert "任务已停止。数据库中断。" in text
    assert "hx-trigger" not in text, "there is nothing to wait for"
    assert "继续处理" in text
    desk.post(reverse("archives:batch_start", args=[begun.pk]))
    assert Job.objects.filter(state=JobState.WAITING).count() == 1
    assert "hx-trigger" in shown(desk, begun)


def test_a_batch_that_was_stopped_can_go_on(desk, begun):
    desk.post(reverse("archives:batch_cancel", args=[begun.pk]))
    text = shown(desk, begun)
    assert "任务已停止" in text
    assert "继续处理" in text
    desk.post(reverse("archives:batch_start", args=[begun.pk]))
    assert "停止处理" in shown(desk, begun)


def test_the_drop_zone_is_told_where_to_send_pieces(desk, holdings):
    desk.post(reverse("archives:batch_new"), {"title": "一批", "fonds": holdings.fonds.pk, "splitting": "file"})
    batch = Batch.objects.get()
    text = desk.get(reverse("archives:batch", args=[batch.pk])).content.decode()
    assert f'data-batch="{batch.pk}"' in text
    begun = desk.post(
        reverse("archives:upload"),
        json.dumps({"batch": batch.pk, "name": "a.pdf", "size": 4, "key": "k-1"}),
        content_type="application/json",
    ).json()
    assert (begun["key"], begun["received"]) == ("k-1", 0)


def test_odd_keys_and_places_of_a_piece_are_refused_in_words(desk, holdings):
    desk.post(reverse("archives:batch_new"), {"title": "一批", "fonds": holdings.fonds.pk, "splitting": "file"})
    announced = {"batch": Batch.objects.get().pk, "name": "a.pdf", "size": 4}

    def begin(key: object) -> int:
        told = json.dumps({**announced, "key": key})
        return int(desk.post(reverse("archives:upload"), told, content_type="application/json").status_code)

    assert [begin(key) for key in ("\ud800", "\x00", {"a": 1}, "k" * 65, "k1", "k1")] == [422] * 4 + [200] * 2
    assert Batch.objects.get().files.count() == 1
    piece = reverse("archives:upload-chunk", args=["k1"])
    for offset in ("9" * 5000, "²", "-1", ""):
        sent = desk.post(piece, b"x", content_type="a/b", headers={"Upload-Offset": offset})
        assert sent.status_code == 400
    assert desk.get(piece.replace("k1", "%00")).status_code == 404


def test_others_neither_bring_nor_see_batches(holdings):
    reader = signed_in(account("reader", "office_clerk"))
    assert reader.get(reverse("archives:batches")).status_code == 403
    assert reader.post(reverse("archives:batch_new"), {"title": "一批"}).status_code == 403


def test_a_description_given_by_hand_needs_no_reading(desk, holdings):
    item = holdings.draft(title="手工")
    desk.post(describing(item), {**stated(holdings), "file": "1"})
    item.refresh_from_db()
    assert item.state == ItemState.FILED
