"""P01 年度用编计划: a system's plan against vacancies and attrition, decided by the commission, cited by slips."""

from datetime import date

import pytest

from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused, Severity
from bianzhi.ledger.services import reduce
from bianzhi.matters.checking import objections_to_sending
from bianzhi.matters.services.submitting import submit_case
from bianzhi.personnel.models import StaffingPlan
from bianzhi.personnel.selectors.plans import open_items, plan_execution
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest, issue_approval
from bianzhi.workflow.services.withdrawing import withdraw_case
from tests.cast import TODAY
from tests.matters.staffing import accepted, done, finished, paper, reply_paper, sent_back, the_paper

MATTERS = ("P01",)

MEETING = {"meeting_no": "虞编委纪〔2026〕1号", "meeting_on": "2026-03-01", "meeting_result": "agreed"}
DECISION = {"decision": reply_paper("commission", "虞编〔2026〕5号")}


def item(count=2, *, quota_type="A1", entry_mode="I01", **other):
    return {"quota_type": quota_type, "entry_mode": entry_mode, "post_name": "科员", "count": count, **other}


def plan(*items, **other):
    return {"year": 2026, "items": list(items) or [item()], "reason": "补充业务力量", **other}


def decided(matters, case, *, decision=DECISION):
    """Accepted, reviewed, deliberated by the commission, answered, ratified."""
    matters.pass_on(case, matters.office_clerk, matters.deputy)
    matters.agree(case, matters.secretary, values=MEETING)
    matters.agree(case, matters.office_clerk, values=decision)
    return matters.agree(case, matters.director)


def test_a_plan_goes_to_the_commission_and_is_handed_down_item_by_item(matters):
    case = matters.apply("P01", plan(item(3, conditions="本科以上"), item(1, entry_mode="I06")))
    assert case.title == "2026年度用编计划 4 名"
    matters.agree(case, matters.head)
    decided(matters, case)
    registered = StaffingPlan.objects.get()
    assert (registered.title, registered.year) == ("2026年度用编计划（测试区财政局）", 2026)
    assert str(registered.document).startswith("虞编〔2026〕5号")
    assert [(each.planned, each.left) for each in plan_execution(registered)] == [(3, 3), (1, 1)]
    assert len(open_items(matters.cast.bureau.pk, TODAY)) == 2
    notice = the_paper(case)
    assert notice.title == "年度用编计划下达通知单"
    assert ["合计", "4 名"] in notice.content["lines"]
    finished(matters, case)


def test_the_department_gathers_the_plan_of_a_unit_it_supervises(matters):
    form = plan(item(2, quota_type="B5", entry_mode="I03", unit=matters.primary.pk), item(1))
    case = matters.apply("P01", form, by=matters.reviewer, at=matters.education)
    decided(matters, case)
    (school_item,) = open_items(matters.primary.pk, TODAY)
    assert (school_item.item.unit_name, school_item.planned) == ("测试区第二小学", 2)


def test_a_unit_outside_the_system_is_not_planned_for(matters):
    form = plan(item(1, unit=matters.cast.audit_office.pk))
    with pytest.raises(Refused) as refused:
        matters.apply("P01", form, by=matters.reviewer, at=matters.education)
    assert refused.value.codes == ["M23"]


def test_the_supervising_department_reviews_what_a_school_plans(matters):
    form = plan(item(1, quota_type="B5", entry_mode="I03"))
    case = matters.apply("P01", form, by=matters.school_clerk, at=matters.primary)
    assert matters.at(case) == ["supervising"]


def test_a_plan_stays_within_vacancies_and_the_attrition_of_the_year(matters):
    born = date(1966, 1, 15)
    matters.cast.member(matters.cast.bureau, on=date(2024, 5, 6), facts=matters.cast.facts("赵老", born=born))
    matters.cast.fill(matters.cast.bureau, "A1", 8)
    case = matters.draft("P01", plan(item(2)))
    assert objections_to_sending(case, by=matters.clerk, today=TODAY) == []
    with pytest.raises(Refused, match="可用 1 名，年内预计减员 1 名，少于计划的 3 名") as refused:
        matters.apply("P01", plan(item(2), item(1, entry_mode="I06")))
    assert refused.value.codes == ["R02"]


def test_an_over_staffed_unit_plans_nobody(matters):
    matters.cast.fill(matters.cast.bureau, "A1", 2)
    reduce(
        actor=matters.cast.office,
        basis=matters.cast.basis(TODAY),
        organization_id=matters.cast.bureau.pk,
        amounts={"A1": 9},
        allows_overstaffing=True,
    )
    with pytest.raises(Refused, match="已超编 1 名") as refused:
        matters.apply("P01", plan(item(1)))
    assert refused.value.codes == ["R03"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (item(1, quota_type="B5", entry_mode="I03"), "R05"),
        (item(1, quota_type="C1", entry_mode="I99"), "R19"),
        (item(1, entry_mode="I03"), "R05"),
    ],
)
def test_a_row_the_rules_forbid_is_told(matters, row, code):
    with pytest.raises(Refused) as refused:
        matters.apply("P01", plan(row))
    assert code in refused.value.codes


def test_a_paper_of_the_wrong_level_does_not_hand_the_plan_down(matters):
    case = accepted(matters, matters.apply("P01", plan()))
    matters.agree(case, matters.deputy)
    matters.agree(case, matters.secretary, values=MEETING)
    matters.agree(case, matters.office_clerk, values={"decision": paper("虞编办〔2026〕9号")})
    with pytest.raises(Refused) as refused:
        matters.agree(case, matters.director)
    assert refused.value.codes == ["R10"]
    assert matters.at(case) == ["ratify"]
    assert done(case) == []
    assert not StaffingPlan.objects.exists()


def test_sent_back_by_the_office_and_put_right_the_plan_is_handed_down(matters):
    case = accepted(matters, matters.apply("P01", plan()))
    sent_back(matters, case, matters.deputy, "apply")
    submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    matters.agree(case, matters.head)
    decided(matters, case)
    assert StaffingPlan.objects.count() == 1


def test_a_second_plan_of_the_year_is_told_and_adds_to_the_first(matters):
    first = matters.apply("P01", plan(item(1)))
    matters.agree(first, matters.head)
    decided(matters, first)
    case = matters.draft("P01", plan(item(2)))
    (told,) = objections_to_sending(case, by=matters.clerk, today=TODAY)
    assert (told.code, told.severity) == ("P1", Severity.WARN)


def test_the_office_rejecting_it_leaves_no_plan(matters):
    case = accepted(matters, matters.apply("P01", plan()))
    matters.decide(case, matters.deputy, "disagree", "编制总量紧张")
    assert not StaffingPlan.objects.exists()


def test_a_plan_taken_back_with_its_case_is_cited_no_longer_and_can_be_handed_down_anew(matters):
    case = matters.apply("P01", plan(item(2)))
    matters.agree(case, matters.head)
    decided(matters, case)
    first = StaffingPlan.objects.get()
    (open_item,) = open_items(matters.cast.bureau.pk, TODAY)
    withdraw_case(actor=matters.clerk, instance_id=case.instance_id, text="计划有误", today=TODAY)
    first.refresh_from_db()
    assert first.withdrawn_at is not None
    assert open_items(matters.cast.bureau.pk, TODAY) == []
    with pytest.raises(Refused) as refused:
        issued(matters, open_item.item)
    assert refused.value.codes == ["P1"]
    assert "已撤销" in str(refused.value)
    again = matters.apply("P01", plan(item(2)))
    matters.agree(again, matters.head)
    decided(matters, again)
    assert len(open_items(matters.cast.bureau.pk, TODAY)) == 1
    assert findings(("audit.rows", "workflow.opinions")) == []


def test_a_plan_slips_rest_on_is_not_taken_back(matters):
    case = matters.apply("P01", plan(item(2)))
    matters.agree(case, matters.head)
    decided(matters, case)
    (open_item,) = open_items(matters.cast.bureau.pk, TODAY)
    issued(matters, open_item.item)
    with pytest.raises(Refused) as refused:
        withdraw_case(actor=matters.clerk, instance_id=case.instance_id, text="计划有误", today=TODAY)
    assert refused.value.codes == ["R26"]
    assert StaffingPlan.objects.get().withdrawn_at is None


def issued(matters, plan_item):
    """A slip by the office that cites an item of the plan."""
    order = ApprovalOrder(
        organization_id=matters.cast.bureau.pk,
        requests=[SlotRequest("A1", "I01", 1)],
        plan_item=plan_item,
        document=matters.cast.document,
    )
    return issue_approval(actor=matters.cast.office, today=TODAY, order=order)
