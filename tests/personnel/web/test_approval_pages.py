"""用编核准: issuing with a check beforehand, the printed notice, giving a slot back."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from bianzhi.audit.models import AuditEntry
from bianzhi.documents.models import ApprovalDocument
from bianzhi.personnel.models import ApprovalSlot, SlotState, StaffingApproval
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest, hold_approval
from tests.cast import TODAY, Cast, seat
from tests.personnel.web.conftest import posted, text_of


def url_for(cast: Cast, organization: Any = None) -> str:
    return f"{reverse('personnel:issue')}?unit={(organization or cast.bureau).pk}"


def slip(cast: Cast, *, count: str = "2", quota_type: str = "A1", mode: str = "I01", **more: str) -> dict[str, str]:
    return {
        "document": str(cast.document.pk),
        "purpose": "补充人员",
        "token": "t-1",
        "slots-TOTAL_FORMS": "2",
        "slots-INITIAL_FORMS": "0",
        "slots-0-quota_type": quota_type,
        "slots-0-entry_mode": mode,
        "slots-0-count": count,
        "slots-1-count": "1",
        **more,
    }


def test_a_slip_is_issued_with_its_slots_and_leads_to_its_page(cast, office):
    answer = posted(office, url_for(cast), slip(cast))
    approval = StaffingApproval.objects.get()
    assert answer["Location"] == reverse("personnel:approval", args=[approval.pk])
    assert [slot.state for slot in approval.slots.all()] == [SlotState.RESERVED] * 2
    assert AuditEntry.objects.filter(action="personnel.approval_issued").count() == 1
    page = text_of(office.get(answer["Location"]))
    assert approval.number in page
    assert "有效" in page
    assert "测试区财政局" in page


def test_the_same_form_sent_twice_issues_one_slip(cast, office):
    first = posted(office, url_for(cast), slip(cast))
    second = posted(office, url_for(cast), slip(cast))
    assert second["Location"] == first["Location"]
    assert StaffingApproval.objects.count() == 1


def test_a_refusal_names_rule_figures_and_next_step_and_keeps_what_was_typed(cast, office):
    answer = posted(office, url_for(cast), slip(cast, count="11"))
    page = text_of(answer)
    assert answer.status_code == 422
    assert "R02" in page
    assert "核定 10 名" in page
    assert "下一步" in page
    assert "补充人员" in page
    assert not StaffingApproval.objects.exists()


def test_a_refused_slip_leaves_no_new_document_behind(cast, office):
    new = {
        "document": "",
        "new_doc_no": "测编〔2026〕77号",
        "new_issued_on": "2026-03-01",
        "new_title": "关于使用编制的批复",
        "new_issuer": "测试区委编办",
        "new_issuer_level": "office",
        "new_kind": "reply",
    }
    assert posted(office, url_for(cast), slip(cast, count="11", **new)).status_code == 422
    assert not ApprovalDocument.objects.filter(doc_no="测编〔2026〕77号").exists()
    posted(office, url_for(cast), slip(cast, **new))
    assert StaffingApproval.objects.filter(document__doc_no="测编〔2026〕77号").exists()


def test_checking_first_writes_nothing(cast, office):
    page = text_of(posted(office, url_for(cast), slip(cast, intent="check")))
    assert "核查通过" in page
    assert not StaffingApproval.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="personnel.").exists()


def test_the_panel_shows_the_room_and_what_stands_against_the_lines(cast, office):
    seat(cast, cast.bureau, "A1")
    url = f"{reverse('personnel:issue_check')}?unit={cast.bureau.pk}"
    page = text_of(posted(office, url, slip(cast, count="10")))
    assert "R02" in page
    assert "<html" not in page
    for figure in (">10<", ">1<", ">9<"):
        assert figure in page
    assert not StaffingApproval.objects.exists()


def test_a_full_unit_gets_only_a_slot_that_waits_for_an_exit(cast, office):
    people = cast.fill(cast.audit_office, "A1", 4)
    refused = posted(office, url_for(cast, cast.audit_office), slip(cast, count="1"))
    assert "R03" in text_of(refused)
    replaced = {"slots-0-replaces": str(people[0].person_id), "token": "t-2"}
    posted(office, url_for(cast, cast.audit_office), slip(cast, count="1", **replaced))
    assert ApprovalSlot.objects.filter(state=SlotState.DORMANT, replaces_id=people[0].person_id).exists()


def overdue(cast: Cast) -> None:
    seat(cast, cast.bureau, "A1", cast.facts("钱到龄", born=date(1963, 1, 10)))


def test_only_the_director_sees_the_override_and_must_type_a_reason(cast, office, director):
    overdue(cast)
    assert "放行理由" not in text_of(posted(office, url_for(cast), slip(cast)))
    offered = text_of(posted(director, url_for(cast), slip(cast)))
    assert "R13" in offered
    assert "放行理由" in offered
    again = posted(director, url_for(cast), slip(cast, override_codes="R13", override_reason=""))
    assert again.status_code == 422
    assert not StaffingApproval.objects.exists()
    posted(director, url_for(cast), slip(cast, override_codes="R13", override_reason="已列入整改，先行补充"))
    assert StaffingApproval.objects.count() == 1
    assert "已列入整改" in AuditEntry.objects.get(action="personnel.approval_issued").facts


def test_a_clerk_who_forges_an_override_is_refused(cast, office):
    overdue(cast)
    forged = slip(cast, override_codes="R13", override_reason="我说了算")
    assert posted(office, url_for(cast), forged).status_code == 403
    assert not StaffingApproval.objects.exists()


def test_who_may_not_issue_is_told_so(cast, of_bureau, outsider):
    assert posted(of_bureau, url_for(cast), slip(cast)).status_code == 403
    assert outsider.get(reverse("personnel:approvals")).status_code == 403


def test_a_unit_sees_its_own_slips_only(cast, of_bureau):
    own = cast.approve(cast.bureau).approval
    other = cast.approve(cast.audit_office).approval
    page = text_of(of_bureau.get(reverse("personnel:approvals")))
    assert own.number in page
    assert other.number not in page
    assert of_bureau.get(reverse("personnel:approval", args=[own.pk])).status_code == 200
    assert of_bureau.get(reverse("personnel:approval", args=[other.pk])).status_code == 404
    assert of_bureau.get(reverse("personnel:approval_print", args=[other.pk])).status_code == 404


def test_the_printed_notice_says_unit_slots_and_validity(cast, office):
    issued = cast.approve(cast.bureau, count=2)
    page = text_of(office.get(reverse("personnel:approval_print", args=[issued.approval.pk])))
    assert "用编核准通知单" in page
    assert issued.approval.number in page
    assert "测试区财政局" in page
    assert all(slot.number in page for slot in issued.slots)
    assert f"{issued.approval.valid_until.year}年" in page


def test_a_slot_is_given_back_with_a_reason(cast, office):
    slot = cast.approve(cast.bureau).slots[0]
    url = reverse("personnel:return_slot", args=[slot.pk])
    posted(office, url, {"reason": ""})
    slot.refresh_from_db()
    assert slot.state == SlotState.RESERVED
    posted(office, url, {"reason": "招聘取消"})
    slot.refresh_from_db()
    assert slot.state == SlotState.RETURNED
    assert slot.release_reason == "招聘取消"
    assert "招聘取消" in text_of(office.get(reverse("personnel:approval", args=[slot.approval_id])))


def test_a_slot_past_its_validity_reads_as_lapsed(cast, office):
    issued = cast.approve(cast.bureau, today=TODAY - timedelta(days=90), valid_until=TODAY - timedelta(days=1))
    page = text_of(office.get(reverse("personnel:approval", args=[issued.approval.pk])))
    assert "已过期" in page
    assert "用此名额入编" not in page
    assert issued.slots[0].number in text_of(office.get(reverse("personnel:slots")))


def test_a_held_slip_is_tagged_and_can_neither_be_printed_nor_entered_on(cast, office):
    wanted = ApprovalOrder(cast.bureau.pk, [SlotRequest("A1", "I01")])
    held = hold_approval(actor=cast.office, today=TODAY, order=wanted).approval
    assert "预占待核准 1" in text_of(office.get(reverse("personnel:approvals")))
    page = text_of(office.get(reverse("personnel:approval", args=[held.pk])))
    assert "预占待核准" in page
    assert "打印通知单" not in page
    assert "退回名额" not in page
    assert office.get(reverse("personnel:approval_print", args=[held.pk])).status_code == 404
    slots = reverse("personnel:slots")
    assert held.number in text_of(office.get(slots, {"state": "held"}))
    assert held.number not in text_of(office.get(slots, {"state": "reserved"}))
