"""Filling in an application: kept while it is typed, told what is missing, sent in once, put right after 退回."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bianzhi.audit.models import AuditEntry
from bianzhi.matters.models import Case, CaseAttachment
from bianzhi.matters.services.drafting import save_draft, token_of
from bianzhi.workflow.models import FlowInstance
from tests.cast import TODAY
from tests.matters import staffing as given
from tests.matters.web.conftest import form_url, page_url, sent, text_of
from tests.small_papers import small_pdf

MATTERS = ("P02", "P05")
PAPER = {
    "document-doc_no": "虞财[2026] 8号",
    "document-title": "关于人员事项的通知",
    "document-issuer": "测试区财政局",
    "document-issuer_level": "other",
    "document-kind": "notice",
    "document-issued_on": "20260302",
}


@pytest.fixture
def member(matters):
    return matters.cast.member(matters.cast.bureau, facts=matters.cast.facts("王小川"))


@pytest.fixture
def draft(matters, member):
    return matters.draft("P05", {})


def entries(member, **other: str) -> dict[str, Any]:
    return {"person": str(member.person_id), "exit_mode": "O07", "event_on": "2026.3.2", **PAPER, **other}


def pdf(name="辞职申请.pdf", content=b""):
    return SimpleUploadedFile(name, content or small_pdf("a"), content_type="application/pdf")


def with_papers(client, case):
    files = {"file-辞职申请": pdf(), "file-单位研究意见或批复": pdf("意见.pdf", small_pdf("b"))}
    return sent(client, case, files, intent="upload")


def test_the_form_asks_what_the_matter_asks_and_shows_the_units_figures(matters, at_desk, draft):
    page = text_of(at_desk(matters.clerk).get(form_url(draft)))
    for words in ("出编人员", "出编类型", "依据文件", "证明材料", "还有 4 项必填没有填", "行政编制"):
        assert words in page
    assert "整改情况" not in page, "what later steps write is not asked of the applicant"


def test_what_is_typed_is_kept_readable_or_not(matters, at_desk, draft):
    client = at_desk(matters.clerk)
    answer = sent(client, draft, {"event_on": "后天", "destination": "杭州", "document-doc_no": "虞财8"})
    assert answer["Location"] == form_url(draft)
    draft.refresh_from_db()
    assert draft.form["event_on"] == "后天"
    assert draft.form["destination"] == "杭州"
    page = text_of(client.get(form_url(draft)))
    assert 'value="后天"' in page
    assert 'value="虞财8"' in page


def test_a_name_typed_in_full_is_as_good_as_a_choice(matters, at_desk, draft, member):
    sent(at_desk(matters.clerk), draft, {"person": "王小川"})
    draft.refresh_from_db()
    assert draft.form["person"] == member.person_id
    assert draft.title == "王小川出编"


def test_people_of_other_units_cannot_be_named(matters, at_desk, draft):
    stranger = matters.cast.member(matters.cast.audit_office, facts=matters.cast.facts("李外单位"))
    client = at_desk(matters.clerk)
    answer = sent(client, draft, {"person": str(stranger.person_id)}, intent="submit")
    assert answer.status_code == 422
    assert "本单位没有" in text_of(answer)
    offered = client.get(reverse("matters:people", args=[draft.pk]), {"q": "李"}).json()["options"]
    assert offered == []


def test_people_offered_are_those_of_the_unit(matters, at_desk, draft, member):
    offered = at_desk(matters.clerk).get(reverse("matters:people", args=[draft.pk]), {"q": "wxc"}).json()["options"]
    assert [each["label"] for each in offered] == ["王小川"]


def test_anybody_in_the_district_is_found_by_the_whole_name_only(matters, at_desk, draft):
    matters.cast.member(matters.cast.audit_office, facts=matters.cast.facts("李外单位"))
    client, url = at_desk(matters.clerk), reverse("matters:people", args=[draft.pk])
    assert client.get(url, {"q": "李外", "of": "any"}).json()["options"] == []
    assert [each["label"] for each in client.get(url, {"q": "李外单位", "of": "any"}).json()["options"]] == ["李外单位"]


def test_an_autosave_answers_when_it_was_kept_and_what_the_rules_say(matters, at_desk, draft, member):
    client = at_desk(matters.clerk)
    answer = sent(client, draft, entries(member), intent="autosave", HX_Request="true")
    page = text_of(answer)
    assert answer.status_code == 200
    assert "已自动保存" in page
    assert "必填项已填完" in page
    assert "还缺材料：辞职申请、单位研究意见或批复" in page
    assert "规则核查通过" in page
    draft.refresh_from_db()
    assert draft.form["document"]["doc_no"] == "虞财〔2026〕8号"
    assert draft.form["event_on"] == "2026-03-02"


def test_saves_of_one_page_may_overtake_each_other(matters, at_desk, draft):
    client = at_desk(matters.clerk)
    opened_with = token_of(draft)
    for text in ("一", "二"):
        told = {"saved_at": opened_with, "token": "page-1", "intent": "autosave", "destination": text}
        assert "没有保存" not in text_of(client.post(form_url(draft), told, headers={"HX-Request": "true"}))
    draft.refresh_from_db()
    assert draft.form["destination"] == "二"


def test_a_page_another_one_has_overtaken_is_told_so_and_changes_nothing(matters, at_desk, draft):
    client = at_desk(matters.clerk)
    opened_with = token_of(draft)
    save_draft(actor=matters.clerk, case_id=draft.pk, form={"destination": "新"}, saved_at=opened_with, today=TODAY)
    told = {"saved_at": opened_with, "token": "page-2", "destination": "旧", "intent": "autosave"}
    assert "在另一页面保存" in text_of(client.post(form_url(draft), told, headers={"HX-Request": "true"}))
    answer = client.post(form_url(draft), {**told, "intent": "save"})
    assert answer.status_code == 422
    assert 'value="旧"' in text_of(answer), "what was typed is still there to be copied"
    draft.refresh_from_db()
    assert draft.form["destination"] == "新"


def test_sending_in_without_everything_leads_to_each_field_and_keeps_the_rest(matters, at_desk, draft, member):
    answer = sent(at_desk(matters.clerk), draft, {"person": str(member.person_id)}, intent="submit")
    page = text_of(answer)
    assert answer.status_code == 422
    assert '<a href="#id_exit_mode">' in page
    assert '<a href="#id_document-doc_no">' in page
    assert "王小川" in page
    draft.refresh_from_db()
    assert draft.form == {"person": member.person_id}
    assert draft.instance is None


def test_a_field_asked_on_condition_is_not_asked_otherwise(matters, at_desk, draft, member):
    page = text_of(at_desk(matters.clerk).get(form_url(draft)))
    assert 'data-only="exit_mode" data-only-values="O06 O07 O99"' in page
    answer = sent(at_desk(matters.clerk), draft, entries(member, exit_mode="O10", destination="别处"))
    assert answer.status_code == 302


def test_missing_papers_and_rules_stand_above_the_fields(matters, at_desk, draft, member):
    answer = sent(at_desk(matters.clerk), draft, entries(member), intent="submit")
    page = text_of(answer)
    assert answer.status_code == 422
    assert "缺少证明材料：辞职申请、单位研究意见或批复" in page
    assert "一次性补齐" in page


def test_files_are_put_on_and_taken_off(matters, at_desk, draft, member):
    client = at_desk(matters.clerk)
    sent(client, draft, entries(member))
    answer = with_papers(client, draft)
    assert answer["Location"].endswith("#materials")
    assert set(CaseAttachment.objects.values_list("evidence", flat=True)) == {"辞职申请", "单位研究意见或批复"}
    row = CaseAttachment.objects.get(evidence="辞职申请")
    page = text_of(sent(client, draft, entries(member), intent=f"remove:{row.pk}", HX_Request="true"))
    assert "未上传" in page
    assert 'id="saved"' in page
    assert 'id="check-panel"' in page
    row.refresh_from_db()
    assert row.removed_at is not None


def test_a_file_that_is_not_what_it_says_is_refused_and_nothing_is_lost(matters, at_desk, draft, member):
    client = at_desk(matters.clerk)
    bad = {**entries(member), "file-辞职申请": pdf("辞职.pdf", b"MZ not a pdf")}
    answer = sent(client, draft, bad, intent="upload")
    assert answer.status_code == 422
    assert "的内容不是PDF" in text_of(answer)
    draft.refresh_from_db()
    assert draft.form["person"] == member.person_id
    assert not CaseAttachment.objects.exists()


def test_a_file_of_another_case_is_not_removed(matters, at_desk, draft, member):
    other = matters.draft("P05", {"exit_mode": "O07"})
    row = CaseAttachment.objects.filter(case=other)[0]
    assert sent(at_desk(matters.clerk), draft, {}, intent=f"remove:{row.pk}").status_code == 404
    assert sent(at_desk(matters.clerk), draft, {}, intent="remove:x").status_code == 404


def test_an_application_is_sent_in_once_however_often_it_is_clicked(matters, at_desk, draft, member):
    client = at_desk(matters.clerk)
    sent(client, draft, entries(member))
    with_papers(client, draft)
    data = {
        "saved_at": token_of(Case.objects.get(pk=draft.pk)),
        "token": "page-1",
        "intent": "submit",
        **entries(member),
    }
    first = client.post(form_url(draft), data)
    second = client.post(form_url(draft), data)
    assert first["Location"] == second["Location"] == page_url(draft)
    draft.refresh_from_db()
    assert draft.number == "P05-2026-000001"
    assert FlowInstance.objects.count() == 1
    assert AuditEntry.objects.filter(action="matters.submitted").count() == 1
    page = text_of(client.get(page_url(draft)))
    assert "已提交，业务编号 P05-2026-000001" in page


def test_what_was_sent_in_is_no_longer_written(matters, at_desk, member):
    case = matters.apply(
        "P05", {"person": member.person_id, "exit_mode": "O07", "event_on": "2026-03-02", "document": given.paper()}
    )
    client = at_desk(matters.clerk)
    assert client.get(form_url(case))["Location"] == page_url(case)
    answer = sent(client, case, {"destination": "改"}, intent="autosave", HX_Request="true")
    assert "已经提交" in text_of(answer)
    case.refresh_from_db()
    assert "destination" not in case.form


def test_after_a_return_the_form_shows_why_and_is_sent_in_again(matters, at_desk, member):
    case = matters.apply(
        "P05", {"person": member.person_id, "exit_mode": "O07", "event_on": "2026-03-02", "document": given.paper()}
    )
    matters.agree(case, matters.head)
    given.sent_back(matters, case, matters.office_clerk, "apply")
    client = at_desk(matters.clerk)
    page = text_of(client.get(form_url(case)))
    assert "请补正" in page
    assert "重新提交" in page
    assert "不办了" not in page
    answer = sent(client, case, entries(member, destination="杭州"), intent="submit")
    assert answer["Location"] == page_url(case)
    assert case.submissions.count() == 2
    assert matters.at(case) == ["unit_head"]


def test_a_draft_set_aside_is_gone_from_sight(matters, at_desk, draft):
    client = at_desk(matters.clerk)
    assert client.post(reverse("matters:discard", args=[draft.pk]))["Location"] == reverse("matters:hall")
    draft.refresh_from_db()
    assert draft.discarded_at is not None
    assert client.get(form_url(draft)).status_code == 404
    assert client.post(reverse("matters:discard", args=[draft.pk])).status_code == 404


@pytest.mark.parametrize("who", ["outsider", "head", "office_clerk", "system_admin"])
def test_a_draft_is_its_applicants_alone(matters, at_desk, draft, who):
    client = at_desk(getattr(matters, who))
    assert client.get(form_url(draft)).status_code in (403, 404)
    assert client.post(form_url(draft), {"intent": "save"}).status_code in (403, 404)
    assert client.post(reverse("matters:discard", args=[draft.pk])).status_code in (403, 404)
    assert client.get(reverse("matters:people", args=[draft.pk])).status_code in (403, 404)


def test_rows_of_a_table_are_kept_in_their_order_without_the_blank_ones(matters, at_desk):
    draft = matters.draft("P02", {})
    client = at_desk(matters.clerk)
    page = text_of(client.get(form_url(draft)))
    table = next(spec for spec in draft.version.fields if spec["kind"] == "table")
    name, column = table["name"], table["columns"][0]["name"]
    assert f'name="{name}-0-{column}"' in page
    assert f'name="{name}-__row__-{column}"' in page
    kinds = {each["name"]: each["kind"] for each in table["columns"]}
    quota = next(key for key, kind in kinds.items() if kind == "quota_type")
    sent(client, draft, {f"{name}-0-{quota}": "A1", f"{name}-1-{quota}": "", f"{name}-7-{quota}": "C1"})
    draft.refresh_from_db()
    assert [row[quota] for row in draft.form[name]] == ["A1", "C1"]


def test_nonsense_is_answered_with_sense(matters, at_desk, draft):
    client = at_desk(matters.clerk)
    assert client.get(form_url(draft).replace(str(draft.pk), "999999")).status_code == 404
    odd = {"person": "9" * 40, "exit_mode": "<b>", "document-issued_on": "0" * 90, "event_on": "\x00", "intent": "??"}
    assert sent(client, draft, odd).status_code in (302, 422)
    assert client.get(form_url(draft)).status_code == 200
