"""The page of a case: who sees it, what changed, what the rules say, what a step writes, rating, once more."""

from datetime import date

import pytest
from django.urls import reverse

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import Case, CaseAttachment, CaseFeedback, MatterVersion
from bianzhi.matters.services.publishing import raise_objection
from bianzhi.matters.services.revealing import reveal_numbers
from bianzhi.matters.services.submitting import submit_case
from bianzhi.matters.web.showing import without_id_numbers
from tests.cast import TODAY
from tests.matters import establishing as decided
from tests.matters import staffing as given
from tests.matters.web.conftest import form_url, page_url, sent, text_of

MATTERS = ("P02", "P05", "P07-3", "P11")


def leaving(member, **other):
    return {
        "person": member.person_id,
        "exit_mode": "O07",
        "event_on": "2026-03-02",
        "document": given.paper(),
        **other,
    }


@pytest.fixture
def member(matters):
    return matters.cast.member(matters.cast.bureau, facts=matters.cast.facts("王小川"))


@pytest.fixture
def case(matters, member):
    return matters.apply("P05", leaving(member, destination="绍兴市"))


def test_the_case_is_read_as_a_document_with_its_flow(matters, at_desk, case):
    page = text_of(at_desk(matters.clerk).get(page_url(case)))
    for words in (
        "王小川出编（辞职）",
        "P05-2026-000001",
        "绍兴市",
        "辞职申请.pdf",
        "单位负责人审核",
        "办理进度",
        "撤回申请",
    ):
        assert words in page
    assert 'id="decision"' not in page, "the applicant has nothing to decide"
    flow = text_of(at_desk(matters.clerk).get(f"{page_url(case)}?view=flow"))
    assert "flow-picture-data" in flow
    assert "环节列表" in flow


@pytest.mark.parametrize(
    ("who", "status"),
    [("outsider", 404), ("school_clerk", 404), ("system_admin", 403), ("head", 200), ("secretary", 200)],
)
def test_a_case_is_for_its_unit_the_office_and_who_has_a_task(matters, at_desk, case, who, status):
    assert at_desk(getattr(matters, who)).get(page_url(case)).status_code == status


def test_a_file_is_opened_by_who_may_see_the_case_and_nobody_else(matters, at_desk, case):
    row = CaseAttachment.objects.filter(case=case)[0]
    url = reverse("matters:attachment", args=[row.pk])
    answer = at_desk(matters.head).get(url)
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert at_desk(matters.head).get(f"{url}?download")["Content-Disposition"].startswith("attachment")
    assert at_desk(matters.outsider).get(url).status_code == 404
    assert at_desk(matters.head).get(reverse("matters:attachment", args=[10**12])).status_code == 404


def test_whose_turn_it_is_sees_what_the_rules_say_and_the_buttons(matters, at_desk, case):
    matters.pass_on(case, matters.head, matters.office_clerk)
    page = text_of(at_desk(matters.deputy).get(page_url(case)))
    assert "核准后：办理出编" in page
    assert "核查通过" in page
    assert 'id="decision"' in page
    assert "规则核查" not in text_of(at_desk(matters.secretary).get(page_url(case)))


def test_what_has_become_impossible_is_told_before_the_decision(matters, at_desk, case, member):
    matters.pass_on(case, matters.head, matters.office_clerk)
    matters.cast.leave(member)
    page = text_of(at_desk(matters.deputy).get(page_url(case)))
    assert "现在核准不能生效" in page
    assert "M21" in page


def test_what_changed_since_the_last_submission_is_marked(matters, at_desk, case):
    matters.agree(case, matters.head)
    given.sent_back(matters, case, matters.office_clerk, "apply")
    assert "修改并重新提交" in text_of(at_desk(matters.clerk).get(page_url(case)))
    sent(at_desk(matters.clerk), case, {
        "person": str(case.form["person"]), "exit_mode": "O07", "event_on": "2026-03-02", "destination": "杭州市",
        **{f"document-{key}": value for key, value in given.paper().items()},
    }, intent="submit")  # fmt: skip
    page = text_of(at_desk(matters.head).get(page_url(case)))
    assert "与上一版" in page
    assert "<del>绍兴市</del>" in page
    first = text_of(at_desk(matters.head).get(f"{page_url(case)}?submission=1"))
    assert "杭州市" not in first
    assert at_desk(matters.head).get(f"{page_url(case)}?submission=9").status_code == 404


def test_what_the_register_says_stands_beside_what_is_applied_for(matters, at_desk, member):
    change = {"person": member.person_id, "new_name": "王小穿", "reason": "户籍更名", "document": given.paper()}
    case = matters.apply("P11", change)
    page = text_of(at_desk(matters.office_clerk).get(page_url(case)))
    assert "与现登记比较" in page
    assert "<del>王小川</del>" in page


def test_an_office_step_writes_its_fields_before_it_agrees(matters, at_desk):
    cast = matters.cast
    cast.fill(cast.audit_office, "A1", 2, on=date(2024, 5, 6))
    merger = {"sources": [{"unit": cast.audit_office.pk}], "into": "existing", "target": cast.bureau.pk,
              "posts": [{"post_level": "org_deputy", "number": 3}], **decided.REASONS}  # fmt: skip
    case = matters.apply("P07-3", merger, by=matters.outsider, at=cast.audit_office)
    client = at_desk(matters.office_clerk)
    page = text_of(client.get(page_url(case)))
    assert "本环节填写" in page
    assert "预审复函文号" in page
    task = matters.task(case, matters.office_clerk)
    url = reverse("matters:step", args=[case.pk, task.pk])
    answer = client.post(url, {"consult_no": "绍市编办函〔2026〕3号"}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "有 2 处需要更正" in text_of(answer)
    assert client.post(url, {"consult_no": "x"}).status_code == 422, "without scripts as a page of its own"
    answer = client.post(url, {**decided.CONSULTED})
    assert answer["Location"] == page_url(case)
    case.refresh_from_db()
    assert case.submissions.count() == 2
    page = text_of(client.get(page_url(case)))
    assert "绍市编办函〔2026〕3号" in page
    assert "办理时填写，" in page
    assert "第 1 次提交" in page
    assert "第 2 次提交" not in page
    assert at_desk(matters.outsider).post(url, {**decided.CONSULTED}).status_code in (302, 403, 404, 422)
    assert case.submissions.count() == 2


def test_a_step_that_writes_nothing_takes_nothing(matters, at_desk, case):
    task = matters.task(case, matters.head)
    answer = at_desk(matters.head).post(reverse("matters:step", args=[case.pk, task.pk]), {"person": "1"})
    assert answer["Location"] == page_url(case)
    assert case.submissions.count() == 1


def test_the_applicant_rates_once_and_the_case_ends(matters, at_desk, case):
    given.without_publication("P05")
    given.ratified(matters, given.accepted(matters, case))
    client, url = at_desk(matters.clerk), reverse("matters:rate", args=[case.pk])
    page = text_of(client.get(page_url(case)))
    assert "评价这次办理" in page
    assert "人员编制核销回执" in page
    assert 'id="decision"' not in page
    assert client.post(url, {"score": "1"}).status_code == 422
    assert at_desk(matters.head).post(url, {"score": "5"}).status_code in (403, 404)
    assert client.post(url, {"score": "4", "comment": "很快"})["Location"] == page_url(case)
    assert CaseFeedback.objects.get().score == 4
    page = text_of(client.get(page_url(case)))
    assert "很快" in page
    assert "已办结" in page
    assert "评价这次办理" not in page


def test_an_ended_case_is_copied_into_a_new_draft(matters, at_desk, case):
    matters.decide(case, matters.head, "disagree", "不符合规定")
    client = at_desk(matters.clerk)
    assert "再次申请" in text_of(client.get(page_url(case)))
    answer = client.post(reverse("matters:again", args=[case.pk]))
    fresh = Case.objects.latest("pk")
    assert answer["Location"] == form_url(fresh)
    assert fresh.form["destination"] == "绍兴市"
    assert fresh.instance is None
    assert at_desk(matters.outsider).post(reverse("matters:again", args=[case.pk])).status_code == 404


@pytest.fixture
def corrected(matters, member):
    """An application to correct an ID number, which was refused."""
    change = {
        "person": member.person_id, "new_id_number": matters.cast.facts().id_number, "reason": "户籍更正",
        "document": given.paper(),
    }  # fmt: skip
    return matters.decide(matters.apply("P11", change), matters.head, "disagree", "证明不全")


def test_whoever_copies_anothers_case_gets_no_id_number_with_it(matters, at_desk, corrected):
    answer = at_desk(matters.office_clerk).post(reverse("matters:again", args=[corrected.pk]), follow=True)
    fresh = Case.objects.latest("pk")
    assert (fresh.applicant_id, fresh.form["reason"]) == (matters.office_clerk.pk, "户籍更正")
    assert not fresh.form.get("new_id_number")
    assert corrected.form["new_id_number"] not in text_of(answer)
    assert "身份证号需要重新填写" in text_of(answer)


def test_the_applicant_copies_the_own_case_whole(matters, at_desk, corrected):
    answer = at_desk(matters.clerk).post(reverse("matters:again", args=[corrected.pk]), follow=True)
    assert Case.objects.latest("pk").form["new_id_number"] == corrected.form["new_id_number"]
    assert "身份证号需要重新填写" not in text_of(answer)


def test_id_numbers_in_rows_are_left_out_as_well():
    form = {"people": [{"name": "张三", "id_number": "330699198706051234"}], "note": "330699198706051234 已核", "n": 3}
    assert without_id_numbers(form) == {
        "people": [{"name": "张三", "id_number": ""}],
        "note": "330699198706051234 已核",
        "n": 3,
    }


def test_a_case_under_way_is_not_applied_for_again(matters, at_desk, case):
    answer = at_desk(matters.clerk).post(reverse("matters:again", args=[case.pk]), follow=True)
    assert "办件结束后才能再次申请" in text_of(answer)
    assert Case.objects.count() == 1


def test_publication_and_its_objections_are_told(matters, at_desk, case):
    MatterVersion.objects.filter(matter="P05").update(publication_days=5)
    case = given.ratified(matters, given.accepted(matters, case))
    publication = case.publications.get()
    raise_objection(
        actor=matters.office_clerk,
        publication_id=publication.pk,
        raised_by="张某",
        contact="",
        text="情况不实",
        today=TODAY,
    )
    page = text_of(at_desk(matters.clerk).get(page_url(case)))
    assert publication.number in page
    assert "收到异议一项" in page
    assert "情况不实" not in page, "who objects is told to the office only"
    assert "情况不实" in text_of(at_desk(matters.office_clerk).get(page_url(case)))


@pytest.fixture
def locked(matters):
    cast = matters.cast
    cast.member(cast.bureau, on=date(2025, 1, 6), facts=cast.facts("陈到龄", born=date(1965, 1, 5)))
    return matters.draft("P02", {})


def test_the_director_lets_a_locked_draft_through_with_reason_and_document(matters, at_desk, locked):
    client, url = at_desk(matters.director), reverse("matters:override", args=[locked.pk])
    page = text_of(client.get(page_url(locked)))
    assert "主任放行" in page
    assert "陈到龄" in page
    assert client.post(url, {"codes": "R13", "reason": ""}).status_code == 422
    answer = client.post(url, {"codes": "R13", "reason": "急需补充人员", "document": str(matters.cast.document.pk)})
    assert answer.status_code == 302
    locked.refresh_from_db()
    assert "R13" in locked.override_codes
    assert at_desk(matters.deputy).post(url, {"codes": "R13"}).status_code == 403


def test_a_block_cannot_be_let_through(matters, at_desk, locked):
    url = reverse("matters:override", args=[locked.pk])
    data = {"codes": "R02", "reason": "急需补充人员", "document": str(matters.cast.document.pk)}
    answer = at_desk(matters.director).post(url, data)
    assert answer.status_code == 422
    assert "M62" in text_of(answer)


def test_the_page_asks_no_more_for_a_longer_story(matters, at_desk, case, django_assert_max_num_queries):
    matters.pass_on(case, matters.head, matters.office_clerk, matters.deputy)
    client = at_desk(matters.clerk)
    client.get(page_url(case))
    with django_assert_max_num_queries(75):
        client.get(page_url(case))


def test_a_submission_by_somebody_quicker_is_told(matters, at_desk, case):
    matters.agree(case, matters.head)
    given.sent_back(matters, case, matters.office_clerk, "apply")
    submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    answer = sent(at_desk(matters.clerk), case, {}, intent="submit")
    assert answer["Location"] == page_url(case)


def test_an_id_number_in_a_form_is_shown_whole_for_a_purpose_on_record(matters, at_desk, member, case):
    number = matters.cast.facts().id_number
    change = {"person": member.person_id, "new_id_number": number, "reason": "户籍更正", "document": given.paper()}
    changing = matters.apply("P11", change)
    client, url = at_desk(matters.office_clerk), reverse("matters:reveal", args=[changing.pk])
    page = text_of(client.get(page_url(changing)))
    assert number not in page
    assert url in page
    assert number not in text_of(client.get(url))
    assert client.post(url, {"purpose": ""}).status_code == 422
    assert number in text_of(
        client.post(url, {"purpose": "identity", "note": "与户籍证明核对"}, headers={"HX-Request": "true"})
    )
    entry = AuditEntry.objects.get(action="matters.numbers_revealed")
    assert "与户籍证明核对" in entry.facts
    assert number not in entry.facts
    assert at_desk(matters.clerk).get(url).status_code == 403
    assert client.get(reverse("matters:reveal", args=[case.pk])).status_code == 404, "no number in that form"


def test_looking_at_numbers_needs_a_purpose(matters, case):
    with pytest.raises(Refused):
        reveal_numbers(actor=matters.office_clerk, case_id=case.pk, labels=["身份证号"], purpose=" ")
    with pytest.raises(Denied):
        reveal_numbers(actor=matters.clerk, case_id=case.pk, labels=["身份证号"], purpose="核对")
