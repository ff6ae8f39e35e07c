"""督查 → 处理 → 反馈 inside a case: what its steps write into the ledger of problems (P13, R13)."""

from datetime import date

import pytest

from bianzhi.accounts.models import User
from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import Case
from bianzhi.supervision.models import Inspection, InspectionResult, OrderState, Problem, RectificationOrder
from bianzhi.supervision.selectors.locks import locks_on
from bianzhi.supervision.services.rectifying import report_rectification
from bianzhi.workflow.models import CommandExecution, InstanceStatus
from bianzhi.workflow.services.interventions import skip
from bianzhi.workflow.services.returning import return_task
from bianzhi.workflow.services.signers import add_signer
from bianzhi.workflow.services.withdrawing import withdraw
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


def ask_too(people: People, case: Case, position: str) -> None:
    """Supervision asks the deputy besides, at the step it has to decide."""
    task = people.task(case, people.supervision)
    add_signer(
        actor=people.supervision, task_id=task.pk, user_id=people.deputy.pk, position=position, text="", today=TODAY
    )


def skip_step(people: People, case: Case, whose: User) -> None:
    skip(actor=people.director, task_id=people.task(case, whose).pk, text="无人办理", today=TODAY)


def last_words(case: Case, command: str) -> str:
    return CommandExecution.objects.filter(instance=case.instance, command=command).latest("pk").words


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


@pytest.mark.parametrize("position", ["beside", "after"])
def test_a_problem_is_recorded_although_whoever_was_asked_besides_saw_none(matters, supervised, position):
    ask_too(matters, supervised, position)
    matters.decide(supervised, matters.supervision, "disagree", "辞职申请未经单位集体研究")
    matters.agree(supervised, matters.deputy, text="未见异常")
    assert Inspection.objects.get().result == InspectionResult.PROBLEMS
    assert Problem.objects.get().facts == "辞职申请未经单位集体研究"
    assert matters.at(supervised) == ["rectify"]
    matters.agree(supervised, matters.clerk, values={"rectify_report": "已补开班子会"})
    assert RectificationOrder.objects.get().state == OrderState.REPORTED


@pytest.mark.parametrize("position", ["beside", "after"])
def test_a_rectification_is_verified_only_when_everybody_asked_agrees(matters, supervised, position):
    find_wrong(matters, supervised)
    matters.agree(supervised, matters.clerk, values={"rectify_report": "已补开班子会"})
    ask_too(matters, supervised, position)
    matters.decide(supervised, matters.supervision, "disagree", "没有会议纪要")
    matters.agree(supervised, matters.deputy, text="属实")
    order = RectificationOrder.objects.get()
    assert order.state == OrderState.ISSUED
    assert order.steps.get(kind="refused").text == "没有会议纪要"
    assert len(locks_on(matters.cast.bureau.pk, TODAY)) == 1
    assert findings(PROOFS) == []


def test_a_check_that_was_skipped_is_not_recorded_as_one(matters, supervised):
    skip_step(matters, supervised, matters.supervision)
    assert not Inspection.objects.exists()
    assert "跳过" in last_words(supervised, "supervision.record")
    assert matters.at(supervised) == ["feedback"]


def test_a_rectification_nobody_verified_is_not_settled(matters, supervised):
    find_wrong(matters, supervised)
    matters.agree(supervised, matters.clerk, values={"rectify_report": "已补开班子会"})
    skip_step(matters, supervised, matters.supervision)
    order = RectificationOrder.objects.get()
    assert order.state == OrderState.REPORTED
    assert not order.steps.filter(kind__in=("accepted", "closed")).exists()
    assert len(locks_on(matters.cast.bureau.pk, TODAY)) == 1
    assert "跳过" in last_words(supervised, "supervision.verify")
    assert matters.at(supervised) == ["feedback"]
    assert findings(PROOFS) == []


def test_a_step_of_the_unit_that_was_skipped_reports_nothing_in_its_name(matters, supervised):
    find_wrong(matters, supervised)
    skip_step(matters, supervised, matters.clerk)
    order = RectificationOrder.objects.get()
    assert order.state == OrderState.ISSUED
    assert not order.steps.filter(kind="reported").exists()
    assert "跳过" in last_words(supervised, "supervision.report")
    matters.agree(supervised, matters.supervision, text="另行跟踪")
    assert RectificationOrder.objects.get().state == OrderState.ISSUED
    assert last_words(supervised, "supervision.verify") == "没有待核查的整改情况"


def test_a_step_is_not_skipped_when_another_of_its_people_has_answered(matters, supervised):
    find_wrong(matters, supervised)
    matters.agree(supervised, matters.clerk, values={"rectify_report": "已补开班子会"})
    ask_too(matters, supervised, "after")
    matters.agree(supervised, matters.supervision, text="属实")
    skip_step(matters, supervised, matters.deputy)
    order = RectificationOrder.objects.get()
    assert order.state == OrderState.CLOSED
    assert order.steps.get(kind="accepted").text == "属实"


@pytest.mark.parametrize("returned_before", [False, True])
def test_the_unit_does_not_take_back_what_it_has_reported(matters, supervised, returned_before):
    find_wrong(matters, supervised)
    if returned_before:
        matters.agree(supervised, matters.clerk, values={"rectify_report": "正在办理"})
        task = matters.task(supervised, matters.supervision)
        return_task(
            actor=matters.supervision, task_id=task.pk, to_node="rectify", way="step", text="没有佐证", today=TODAY
        )
    task = matters.task(supervised, matters.clerk)
    matters.agree(supervised, matters.clerk, values={"rectify_report": "已补开班子会"})
    refusals = RectificationOrder.objects.get().steps.filter(kind="refused").count()
    with pytest.raises(Refused, match="已经报送，等待编办核查"):
        withdraw(actor=matters.clerk, task_id=task.pk, text="还要补充", today=TODAY)
    order = RectificationOrder.objects.get()
    assert order.state == OrderState.REPORTED
    assert order.steps.filter(kind="refused").count() == refusals
    assert matters.at(supervised) == ["verify"]


def test_an_opinion_that_only_pointed_to_a_report_in_the_ledger_is_taken_back(matters, supervised):
    order = find_wrong(matters, supervised)
    report_rectification(actor=matters.clerk, today=TODAY, order_id=order.pk, text="已在台账报送")
    task = matters.task(supervised, matters.clerk)
    matters.agree(supervised, matters.clerk, values={"rectify_report": "同台账"})
    withdraw(actor=matters.clerk, task_id=task.pk, text="还要补充", today=TODAY)
    assert matters.at(supervised) == ["rectify"]
    assert RectificationOrder.objects.get().state == OrderState.REPORTED
    assert not order.steps.filter(kind="refused").exists()
