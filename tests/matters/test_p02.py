"""P02 编制使用核准: held at acceptance, usable at 核准, given back when it comes to nothing."""

from datetime import date

import pytest

from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused, Severity
from bianzhi.ledger.services import reduce
from bianzhi.matters.checking import objections_to_sending
from bianzhi.matters.models import IssuedPaper
from bianzhi.matters.services.overriding import override_rules
from bianzhi.matters.services.submitting import submit_case
from bianzhi.personnel.models import ApprovalSlot, SlotState, StaffingApproval
from bianzhi.personnel.selectors.quota_use import QuotaUse
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest, hold_approval
from bianzhi.personnel.services.plans import PlanFacts, PlanItemFacts, create_plan_with_items
from bianzhi.workflow.models import FlowInstance, InstanceStatus
from bianzhi.workflow.services.withdrawing import withdraw_case
from tests.cast import TODAY
from tests.matters.staffing import (
    accepted,
    always_supervised,
    done,
    finished,
    paper,
    ratified,
    result_of,
    sent_back,
    the_paper,
    use_of,
    without_publication,
)

MATTERS = ("P02",)


def wanted(count=1, *, quota_type="A1", entry_mode="I01", **row):
    return {
        "items": [{"quota_type": quota_type, "entry_mode": entry_mode, "count": count, **row}],
        "reason": "补充一线力量",
    }


def approval_of(case):
    return StaffingApproval.objects.get(pk=result_of(case, "p02.hold")["approval"])


def slots(case):
    return list(approval_of(case).slots.order_by("number"))


def test_the_vacancies_are_held_at_acceptance_and_usable_after_the_ratification(matters):
    without_publication("P02")
    case = matters.apply("P02", wanted(2))
    assert case.title == "使用行政编制 2 名"
    matters.agree(case, matters.head)
    assert use_of(matters.cast.bureau) == QuotaUse(10, 0, 0)
    matters.agree(case, matters.office_clerk)
    assert done(case) == ["p02.hold"]
    assert use_of(matters.cast.bureau) == QuotaUse(10, 0, 2)
    assert approval_of(case).confirmed_on is None
    ratified(matters, case)
    held = approval_of(case)
    assert (held.confirmed_on, held.valid_until) == (TODAY, date(2027, 3, 1))
    notice = the_paper(case)
    assert notice.title == "用编核准通知单"
    assert ["核准单号", held.number] in notice.content["lines"]
    assert len(notice.content["rows"]) == 2
    matters.cast.enlist(slots(case)[0])
    finished(matters, case)


def test_of_two_cases_for_the_last_vacancy_the_second_is_refused_at_its_acceptance(matters):
    matters.cast.fill(matters.cast.bureau, "A1", 9)
    first, second = (matters.apply("P02", wanted()) for _ in range(2))
    accepted(matters, first)
    matters.agree(second, matters.head)
    with pytest.raises(Refused) as refused:
        matters.agree(second, matters.office_clerk)
    assert refused.value.codes == ["R03"]
    assert matters.at(second) == ["accept"]
    assert done(second) == []
    ratified(matters, first)
    assert use_of(matters.cast.bureau).reserved == 1


def test_what_no_longer_fits_at_the_ratification_leaves_the_case_where_it_was(matters):
    matters.cast.fill(matters.cast.bureau, "A1", 2)
    case = accepted(matters, matters.apply("P02", wanted()))
    matters.agree(case, matters.deputy)
    reduce(
        actor=matters.cast.office,
        basis=matters.cast.basis(TODAY),
        organization_id=matters.cast.bureau.pk,
        amounts={"A1": 9},
        allows_overstaffing=True,
    )
    with pytest.raises(Refused, match="已超编 1 名") as refused:
        matters.agree(case, matters.director)
    assert refused.value.codes == ["R03"]
    assert matters.at(case) == ["ratify"]
    assert approval_of(case).confirmed_on is None
    assert not IssuedPaper.objects.exists()


@pytest.mark.parametrize("how", ["rejected", "withdrawn"])
def test_a_case_that_comes_to_nothing_gives_everything_back(matters, how):
    case = accepted(matters, matters.apply("P02", wanted(3)))
    assert use_of(matters.cast.bureau).reserved == 3
    if how == "rejected":
        matters.decide(case, matters.deputy, "disagree", "现有人员可以调剂")
    else:
        withdraw_case(actor=matters.clerk, instance_id=case.instance_id or 0, text="计划取消", today=TODAY)
    assert FlowInstance.objects.get().status == (
        InstanceStatus.REJECTED if how == "rejected" else InstanceStatus.WITHDRAWN
    )
    assert use_of(matters.cast.bureau).reserved == 0
    assert {slot.state for slot in ApprovalSlot.objects.all()} == {SlotState.RETURNED}


def test_sent_back_to_the_applicant_the_hold_is_released_and_made_anew(matters):
    case = accepted(matters, matters.apply("P02", wanted(2)))
    sent_back(matters, case, matters.deputy, "apply")
    assert use_of(matters.cast.bureau).reserved == 0
    submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    ratified(matters, accepted(matters, case))
    assert use_of(matters.cast.bureau).reserved == 2
    assert StaffingApproval.objects.filter(confirmed_on__isnull=False).count() == 1


def test_supervision_sends_an_approval_back_to_review_and_the_vacancies_stay_held(matters):
    always_supervised("P02")
    case = ratified(matters, accepted(matters, matters.apply("P02", wanted(2))))
    assert matters.at(case) == ["supervise"]
    first = the_paper(case)
    sent_back(matters, case, matters.supervision, "review")
    assert approval_of(case).confirmed_on is None
    assert use_of(matters.cast.bureau).reserved == 2
    first.refresh_from_db()
    assert first.revoked_at is not None
    ratified(matters, case)
    assert approval_of(case).confirmed_on == TODAY
    assert the_paper(case).pk != first.pk


def test_an_approval_somebody_has_entered_on_is_not_taken_back(matters):
    always_supervised("P02")
    case = ratified(matters, accepted(matters, matters.apply("P02", wanted())))
    matters.cast.enlist(slots(case)[0])
    with pytest.raises(Refused, match="已入编使用"):
        sent_back(matters, case, matters.supervision, "review")
    assert matters.at(case) == ["supervise"]
    assert the_paper(case).revoked_at is None


def test_a_full_unit_names_whom_the_newcomer_replaces(matters):
    leaver = matters.cast.fill(matters.cast.bureau, "A1", 10)[0]
    with pytest.raises(Refused, match="出一进一") as refused:
        matters.apply("P02", wanted())
    assert refused.value.codes == ["R03"]
    case = ratified(matters, accepted(matters, matters.apply("P02", wanted(replaces=leaver.person_id))))
    (slot,) = slots(case)
    assert slot.state == SlotState.DORMANT
    matters.cast.leave(leaver)
    slot.refresh_from_db()
    assert slot.reserved_on == date(2026, 3, 3)
    matters.cast.enlist(slot, on=date(2026, 3, 3), today=date(2026, 3, 3))


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (wanted(quota_type="B5", entry_mode="I03"), "R05"),
        (wanted(quota_type="C1", entry_mode="I99"), "R19"),
        (wanted(entry_mode="I03"), "R05"),
        (wanted(entry_mode="I09"), "R28"),
        (wanted(11), "R02"),
    ],
)
def test_what_the_rules_forbid_is_told_before_anything_is_sent(matters, form, code):
    with pytest.raises(Refused) as refused:
        matters.apply("P02", form)
    assert code in refused.value.codes
    assert not StaffingApproval.objects.exists()


def test_a_placement_by_policy_names_the_letter_that_asked_the_office_first(matters):
    case = matters.apply("P02", wanted(entry_mode="I09") | {"placement_no": "虞退役函〔2026〕2号"})
    assert matters.at(case) == ["unit_head"]


def plan_item(matters, organization, headcount=2):
    items = [PlanItemFacts(organization_id=organization.pk, unit_name="财政局", headcount=headcount)]
    facts = PlanFacts(title="2026年度用编计划", year=2026, source_digest="d" * 64)
    return create_plan_with_items(actor=matters.cast.office, today=TODAY, plan=facts, items=items).items.get()


def test_within_its_plan_item_an_approval_passes_and_beyond_only_by_the_director(matters):
    item = plan_item(matters, matters.cast.bureau)
    case = matters.apply("P02", wanted(2) | {"plan_item": item.pk, "document": paper()})
    ratified(matters, accepted(matters, case))
    approval = approval_of(case)
    assert (approval.plan_item, approval.document.doc_no) == (item, "虞财〔2026〕8号")
    beyond = matters.draft("P02", wanted() | {"plan_item": item.pk})
    with pytest.raises(Refused, match="结余 0 名") as refused:
        submit_case(actor=matters.clerk, case_id=beyond.pk, today=TODAY)
    assert refused.value.codes == ["P1"]
    override_rules(
        actor=matters.director,
        case_id=beyond.pk,
        codes=["P1"],
        reason="专题会议同意计划外增加",
        document_id=matters.cast.document.pk,
        today=TODAY,
    )
    case = submit_case(actor=matters.clerk, case_id=beyond.pk, today=TODAY).case
    ratified(matters, accepted(matters, case))
    assert use_of(matters.cast.bureau).reserved == 3


def test_the_plan_of_another_unit_can_not_be_cited(matters):
    item = plan_item(matters, matters.cast.audit_office)
    with pytest.raises(Refused) as refused:
        matters.apply("P02", wanted() | {"plan_item": item.pk})
    assert refused.value.codes == ["M24"]


def test_a_unit_with_a_plan_is_asked_which_item_it_uses(matters):
    plan_item(matters, matters.cast.bureau)
    case = matters.draft("P02", wanted())
    (told,) = objections_to_sending(case, by=matters.clerk, today=TODAY)
    assert (told.code, told.severity) == ("P1", Severity.WARN)
    assert "财政局 2 名" in told.message


def test_a_vacancy_held_for_no_case_is_found(matters):
    case = accepted(matters, matters.apply("P02", wanted()))
    assert list(findings(["matters.holds"])) == []
    matters.decide(case, matters.deputy, "disagree", "现有人员可以调剂")
    assert list(findings(["matters.holds"])) == []
    order = ApprovalOrder(matters.cast.bureau.pk, [SlotRequest("A1", "I01")])
    hold_approval(actor=matters.cast.office, today=TODAY, order=order)
    (found,) = findings(["matters.holds"])
    assert "没有在办的申请" in str(found)
