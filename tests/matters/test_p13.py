"""P13 督查核查与整改 from the list of problems to 销号."""

import pytest
from django.core.exceptions import PermissionDenied

from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.matters.services.drafting import begin_case
from bianzhi.matters.services.submitting import submit_case
from bianzhi.supervision.models import OrderState, Problem, ProblemSource, ProblemState, RectificationOrder
from bianzhi.supervision.selectors.locks import locks_on
from bianzhi.supervision.services.problems import Finding, open_problem
from bianzhi.workflow.models import InstanceStatus
from bianzhi.workflow.rules.profile import Action
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.services.interventions import skip
from bianzhi.workflow.services.returning import return_task
from tests.cast import TODAY
from tests.matters.people import People

FORM = {
    "source": "inspection",
    "found_on": "2026-03-02",
    "findings": [
        {"kind": "Q10", "severity": "serious", "facts": "3 人信息与档案不一致"},
        {"kind": "Q11", "facts": "1 条台账没有文号"},
    ],
    "locks_unit": True,
    "measures": "逐人核对并更正，补齐批准文件",
    "due_on": "2026-04-20",
}
PROOFS = ("supervision.orders", "supervision.problems", "audit.rows")


def notified(people: People, **form: object):
    case = people.apply("P13", {**FORM, **form}, by=people.supervision)
    return people.agree(case, people.director)


def test_from_the_list_of_problems_to_the_closing(matters):
    case = notified(matters)
    order = RectificationOrder.objects.get()
    assert {problem.kind for problem in order.problems.all()} == {"Q10", "Q11"}
    assert {problem.instance_id for problem in order.problems.all()} == {case.instance_id}
    assert order.due_on.isoformat() == "2026-04-20"
    assert len(locks_on(matters.cast.bureau.pk, TODAY)) == 1
    assert matters.at(case) == ["rectify"]
    matters.agree(case, matters.clerk, values={"rectify_report": "已更正 3 人，补齐文件 1 份"})
    matters.agree(case, matters.supervision, text="抽查属实")
    assert matters.at(case) == ["settle"]
    matters.agree(case, matters.director, text="同意销号")
    order.refresh_from_db()
    assert order.state == OrderState.CLOSED
    assert set(Problem.objects.values_list("state", flat=True)) == {ProblemState.CLOSED}
    assert locks_on(matters.cast.bureau.pk, TODAY) == []
    case.instance.refresh_from_db()
    assert case.instance.status == InstanceStatus.COMPLETED
    assert findings(PROOFS) == []


def test_the_units_report_has_nothing_to_refuse_or_to_send_back(matters):
    case = notified(matters)
    with pytest.raises(Refused) as refused:
        matters.decide(case, matters.clerk, "disagree", "不改")
    assert "不能这样办理" in str(refused.value)
    process = process_of(case.instance.version)
    assert process.node("rectify").agree_word == "报送"
    assert Action.RETURN not in process.node("rectify").actions
    assert process.node("verify").word_of("disagree") == "整改不到位"


def test_what_is_not_approved_brings_nothing_about(matters):
    case = matters.apply("P13", FORM, by=matters.supervision)
    matters.decide(case, matters.director, "disagree", "证据不足")
    assert not Problem.objects.exists()
    assert locks_on(matters.cast.bureau.pk, TODAY) == []


def test_problems_waiting_in_the_ledger_are_taken_along(matters):
    waiting = open_problem(
        actor=matters.supervision, today=TODAY, organization_id=matters.cast.bureau.pk,
        finding=Finding("Q07", "1 人逾期未出编"), source=ProblemSource.WARNING,
    )  # fmt: skip
    notified(matters, with_open=True, locks_unit=False)
    waiting.refresh_from_db()
    assert waiting.state == ProblemState.RECTIFYING
    assert RectificationOrder.objects.get().problems.count() == 3
    assert len(locks_on(matters.cast.bureau.pk, TODAY)) == 1


def test_a_rectification_found_wanting_goes_back_to_the_unit(matters):
    case = notified(matters)
    matters.agree(case, matters.clerk, values={"rectify_report": "正在办理"})
    task = matters.task(case, matters.supervision)
    return_task(actor=matters.supervision, task_id=task.pk, to_node="rectify", way="step", text="没有佐证", today=TODAY)
    assert matters.at(case) == ["rectify"]
    assert RectificationOrder.objects.get().state == OrderState.ISSUED
    matters.agree(case, matters.clerk, values={"rectify_report": "佐证已附"})
    matters.decide(case, matters.supervision, "disagree", "仍不到位，转台账跟踪")
    assert RectificationOrder.objects.get().state == OrderState.ISSUED
    case.instance.refresh_from_db()
    assert case.instance.status == InstanceStatus.COMPLETED
    assert findings(PROOFS) == []


def test_a_closing_the_director_does_not_agree_to_stays_open_in_the_ledger(matters):
    case = notified(matters)
    matters.agree(case, matters.clerk, values={"rectify_report": "已改"})
    matters.agree(case, matters.supervision)
    matters.decide(case, matters.director, "disagree", "补充佐证后再销号")
    assert RectificationOrder.objects.get().state == OrderState.VERIFIED
    assert len(locks_on(matters.cast.bureau.pk, TODAY)) == 1


def test_a_closing_nobody_decided_on_is_left_to_the_ledger(matters):
    case = notified(matters)
    matters.agree(case, matters.clerk, values={"rectify_report": "已改"})
    matters.agree(case, matters.supervision)
    skip(actor=matters.director, task_id=matters.task(case, matters.director).pk, text="另行研究", today=TODAY)
    assert RectificationOrder.objects.get().state == OrderState.VERIFIED
    assert len(locks_on(matters.cast.bureau.pk, TODAY)) == 1


def test_what_the_order_would_refuse_is_said_before_it_is_sent_in(matters):
    case = matters.draft("P13", {**FORM, "due_on": "2026-12-31"}, by=matters.supervision)
    with pytest.raises(Refused) as refused:
        submit_case(actor=matters.supervision, case_id=case.pk, today=TODAY)
    assert refused.value.codes == ["P13"]
    assert "90 天" in str(refused.value)


def test_only_supervision_starts_it(matters):
    for user in (matters.clerk, matters.office_clerk, matters.reviewer):
        with pytest.raises(PermissionDenied):
            begin_case(actor=user, matter="P13", organization_id=matters.cast.bureau.pk, today=TODAY)
