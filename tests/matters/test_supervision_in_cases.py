"""督查 → 处理 → 反馈 inside a case: what its steps write into the ledger of problems (P13, R13)."""

from datetime import date

import pytest

from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import Case
from bianzhi.supervision.models import Inspection, InspectionResult, OrderState, Problem, RectificationOrder
from bianzhi.supervision.selectors.locks import locks_on
from bianzhi.supervision.services.rectifying import report_rectification
from bianzhi.workflow.models import InstanceStatus
from bianzhi.workflow.services.returning import return_task
from tests.cast import TODAY
from tests.matters.people import People
from tests.matters.test_publications import decided, set_matter

PROOFS = ("supervision.draws", "supervision.orders", "supervision.problems", "audit.rows")


@pytest.fixture
def supervised(matters: People) -> Case:
    """A decided case that is checked."""
    set_matter("P05", sampling_percent=100)
    return decided(matters)


def find_wrong(people: People, case: Case, **values: object) -> RectificationOrder:
    people.decide(case, people.supervision, "disagree", "辞职申请未经单位集体研究", values=values)
    return RectificationOrder.objects.get()


def test_a_case_without_problems_goes_straight_to_its_rating(matters, supervised):
    assert matters.at(supervised) == ["supervise"]
    matters.agree(supervised, matters.supervision)
    check = Inspection.objects.get()
    assert (check.result, check.plan) == (InspectionResult.CLEAN, None)
    assert check.checked_by_name.startswith("人员supervision")
    assert matters.at(supervised) == ["feedback"]


def test_a_case_that_is_not_drawn_is_not_checked(matters):
    set_matter("P05", sampling_percent=0)
    assert matters.at(decided(matters)) == ["feedback"]
    assert not Inspection.objects.exists()


def test_a_problem_locks_the_unit_until_it_is_rectified_in_the_case(matters, supervised):
    order = find_wrong(
        matters, supervised, supervise_kind="Q10", supervise_severity="serious", supervise_due_on="2026-04-20",
        supervise_measures="补开会议并报送纪要",
    )  # fmt: skip
    problem = Problem.objects.get()
    assert (problem.kind, problem.severity, problem.facts) == ("Q10", "serious", "辞职申请未经单位集体研究")
    assert (order.due_on, order.measures) == (date(2026, 4, 20), "补开会议并报送纪要")
    assert len(locks_on(matters.cast.bureau.pk, TODAY)) == 1
    assert matters.at(supervised) == ["rectify"]
    with pytest.raises(Refused, match="整改情况"):
        matters.agree(supervised, matters.clerk)
    matters.agree(supervised, matters.clerk, values={"rectify_report": "已补开班子会，纪要附后"})
    assert RectificationOrder.objects.get().state == OrderState.REPORTED
    assert matters.at(supervised) == ["verify"]
    matters.agree(supervised, matters.supervision, text="属实")
    assert RectificationOrder.objects.get().state == OrderState.CLOSED
    assert locks_on(matters.cast.bureau.pk, TODAY) == []
    assert matters.at(supervised) == ["feedback"]
    assert findings(PROOFS) == []


def test_the_problem_has_usual_words_where_nothing_more_was_said(matters, supervised):
    order = find_wrong(matters, supervised)
    assert (Problem.objects.get().kind, Problem.objects.get().severity) == ("Q14", "minor")
    assert order.due_on == date(2026, 4, 1)
    assert "逐项整改" in order.measures
    assert order.instance_id == supervised.instance_id


def test_the_unit_does_not_send_back_what_was_decided(matters, supervised):
    find_wrong(matters, supervised)
    task = matters.task(supervised, matters.clerk)
    with pytest.raises(Refused, match="不能退回到该环节"):
        return_task(actor=matters.clerk, task_id=task.pk, to_node="review", way="step", text="请重办", today=TODAY)
    assert matters.at(supervised) == ["rectify"]


def test_a_rectification_sent_back_is_reported_again(matters, supervised):
    find_wrong(matters, supervised)
    matters.agree(supervised, matters.clerk, values={"rectify_report": "正在办理"})
    task = matters.task(supervised, matters.supervision)
    return_task(
        actor=matters.supervision, task_id=task.pk, to_node="rectify", way="step", text="没有佐证材料", today=TODAY
    )
    order = RectificationOrder.objects.get()
    assert order.state == OrderState.ISSUED
    assert order.steps.get(kind="refused").text.endswith("没有佐证材料")
    assert matters.at(supervised) == ["rectify"]
    matters.agree(supervised, matters.clerk, values={"rectify_report": "纪要已附"})
    matters.agree(supervised, matters.supervision)
    assert RectificationOrder.objects.get().state == OrderState.CLOSED
    assert findings(PROOFS) == []


def test_a_rectification_that_does_not_hold_stays_in_the_ledger_and_the_case_goes_on(matters, supervised):
    find_wrong(matters, supervised)
    matters.agree(supervised, matters.clerk, values={"rectify_report": "无法补开"})
    matters.decide(supervised, matters.supervision, "disagree", "须由党组重新研究")
    assert matters.at(supervised) == ["feedback"]
    assert RectificationOrder.objects.get().state == OrderState.ISSUED
    assert len(locks_on(matters.cast.bureau.pk, TODAY)) == 1
    supervised.instance.refresh_from_db()
    assert supervised.instance.status == InstanceStatus.RUNNING
    assert findings(PROOFS) == []


def test_what_was_reported_in_the_ledger_is_not_reported_twice(matters, supervised):
    order = find_wrong(matters, supervised)
    report_rectification(actor=matters.clerk, today=TODAY, order_id=order.pk, text="已在台账报送")
    matters.agree(supervised, matters.clerk, values={"rectify_report": "同台账"})
    assert order.steps.filter(kind="reported").count() == 1
    matters.agree(supervised, matters.supervision)
    assert RectificationOrder.objects.get().state == OrderState.CLOSED
