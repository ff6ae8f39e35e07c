"""整改 from the order to 销号 and back, step by step, with what is refused on the way (P13, R13, R26)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from bianzhi.accounts.models import User
from bianzhi.audit.models import AuditEntry
from bianzhi.common.integrity import findings
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.supervision.models import (
    OrderState,
    Problem,
    ProblemSource,
    ProblemState,
    RectificationOrder,
    RectificationStep,
    StepKind,
)
from bianzhi.supervision.selectors.locks import locked_units, locks_on
from bianzhi.supervision.services.problems import Finding, change_lock, open_problem, void_problem, write_problem
from bianzhi.supervision.services.rectifying import (
    close_order,
    extend_order,
    issue_order,
    reopen_order,
    report_rectification,
    verify_order,
)
from tests.cast import TODAY, Cast

pytestmark = pytest.mark.django_db

PROOFS = ("supervision.draws", "supervision.orders", "supervision.problems", "audit.rows")
Find = Callable[..., Problem]


def issue(inspector: User, *problems: Problem, **order: Any) -> RectificationOrder:
    ids = [problem.pk for problem in problems]
    return issue_order(actor=inspector, today=TODAY, problem_ids=ids, measures="请逐人核对档案并更正", **order).order


def settle(inspector: User, clerk: User, order: RectificationOrder) -> RectificationOrder:
    report_rectification(actor=clerk, today=TODAY, order_id=order.pk, text="已更正 3 人")
    verify_order(actor=inspector, today=TODAY, order_id=order.pk, passed=True, text="抽查属实")
    return close_order(actor=inspector, today=TODAY, order_id=order.pk, text="同意销号")


def state_of(problem: Problem) -> str:
    return Problem.objects.get(pk=problem.pk).state


def test_a_problem_is_numbered_recorded_and_locks_its_unit(cast: Cast, find_problem: Find):
    problem = find_problem(cast.bureau)
    assert problem.number == "WT2026-0001"
    assert problem.state == ProblemState.OPEN
    assert AuditEntry.objects.filter(action="supervision.problem_opened").count() == 1
    assert OutboxMessage.objects.filter(topic="supervision.problem_opened", key=problem.number).exists()
    (lock,) = locks_on(cast.bureau.pk, TODAY)
    assert "WT2026-0001" in lock.message
    assert "销号" in lock.next_step
    assert locks_on(cast.audit_office.pk, TODAY) == []
    assert locked_units([cast.bureau.pk, cast.audit_office.pk], TODAY) == {cast.bureau.pk}


@pytest.mark.parametrize(
    ("finding", "codes"),
    [
        (Finding("Q10", "  "), ["D2"]),
        (Finding("Q77", "数据不实"), ["D2"]),
        (Finding("Q10", "数据不实", found_on=TODAY + timedelta(days=1)), ["D3"]),
        (Finding("Q10", "数据不实", found_on=date(2019, 5, 1)), ["L1"]),
        (Finding("Q10", "长" * 1001), ["field.too_long"]),
    ],
)
def test_a_problem_that_says_too_little_or_too_much_is_refused(cast: Cast, inspector: User, finding, codes):
    with pytest.raises(Refused) as refused:
        open_problem(
            actor=inspector, today=TODAY, organization_id=cast.bureau.pk, finding=finding, source=ProblemSource.REPORT
        )
    assert refused.value.codes == codes
    assert not Problem.objects.exists()


def test_only_supervision_registers_problems(cast: Cast, of_bureau: User):
    with pytest.raises(PermissionDenied):
        open_problem(
            actor=of_bureau,
            today=TODAY,
            organization_id=cast.bureau.pk,
            finding=Finding("Q10", "数据不实"),
            source=ProblemSource.WARNING,
        )


def test_an_act_that_has_asked_itself_writes_the_problem(cast: Cast):
    finding = Finding("Q07", "1 人逾期未办理出编", locks_unit=False)
    problem = write_problem(
        actor=cast.office, today=TODAY, organization_id=cast.bureau.pk, finding=finding,
        source=ProblemSource.OVERDUE_EXIT,
    )  # fmt: skip
    assert problem.get_source_display() == "出编超期"
    assert locks_on(cast.bureau.pk, TODAY) == []


def test_from_the_order_to_the_closing_the_lock_goes_by_itself(
    cast: Cast, inspector: User, of_bureau: User, find_problem: Find
):
    first, second = find_problem(cast.bureau), find_problem(cast.bureau, "Q03", "超编 1 人")
    order = issue(inspector, first, second)
    assert order.number == "整改〔2026〕0001号"
    assert order.due_on == date(2026, 4, 1)  # 30 days on, a Wednesday
    assert {state_of(first), state_of(second)} == {ProblemState.RECTIFYING}
    report_rectification(actor=of_bureau, today=TODAY, order_id=order.pk, text="已更正 3 人，超编 1 人已调出")
    verify_order(actor=inspector, today=TODAY, order_id=order.pk, passed=False, text="仍有 1 人未更正")
    assert len(locks_on(cast.bureau.pk, TODAY)) == 1
    order = settle(inspector, of_bureau, order)
    assert order.state == OrderState.CLOSED
    assert {state_of(first), state_of(second)} == {ProblemState.CLOSED}
    assert locks_on(cast.bureau.pk, TODAY) == []
    kinds = list(order.steps.values_list("kind", flat=True))
    assert kinds == ["issued", "reported", "refused", "reported", "accepted", "closed"]
    assert order.steps.get(kind=StepKind.CLOSED).number == "销号〔2026〕0001号"
    assert findings(PROOFS) == []


def test_the_last_day_is_a_working_day(cast: Cast, inspector: User, find_problem: Find):
    order = issue_order(
        actor=inspector, today=date(2026, 3, 5), problem_ids=[find_problem(cast.bureau).pk], measures="更正"
    ).order
    assert order.due_on == date(2026, 4, 7)  # 30 days on is 4 April, a Saturday before 清明


def test_problems_of_two_units_do_not_go_into_one_order(cast: Cast, inspector: User, find_problem: Find):
    with pytest.raises(Refused) as refused:
        issue(inspector, find_problem(cast.bureau), find_problem(cast.audit_office))
    assert refused.value.codes == ["P13"]
    assert not RectificationOrder.objects.exists()


def test_an_order_needs_problems_that_wait_and_words(cast: Cast, inspector: User, find_problem: Find):
    with pytest.raises(Refused) as refused:
        issue_order(actor=inspector, today=TODAY, problem_ids=[], measures="更正")
    assert refused.value.codes == ["D2"]
    problem = find_problem(cast.bureau)
    with pytest.raises(Refused) as refused:
        issue_order(actor=inspector, today=TODAY, problem_ids=[problem.pk], measures=" ")
    assert refused.value.codes == ["D2"]
    issue(inspector, problem)
    with pytest.raises(Refused) as refused:
        issue(inspector, problem)
    assert refused.value.codes == ["P13"]


@pytest.mark.parametrize(("due_on", "code"), [(TODAY - timedelta(days=1), "D3"), (TODAY + timedelta(days=91), "P13")])
def test_a_day_before_today_or_too_far_off_is_refused(cast: Cast, inspector: User, find_problem: Find, due_on, code):
    with pytest.raises(Refused) as refused:
        issue(inspector, find_problem(cast.bureau), due_on=due_on)
    assert refused.value.codes == [code]


def test_a_late_order_is_issued_and_remarked(cast: Cast, inspector: User, find_problem: Find):
    problem = find_problem(cast.bureau, found_on=date(2026, 1, 5))
    issued = issue_order(actor=inspector, today=TODAY, problem_ids=[problem.pk], measures="更正")
    assert [remark.code for remark in issued.remarks] == ["P13"]
    assert "2026-01-12" in issued.remarks[0].message


def test_a_unit_reports_for_itself_only(
    cast: Cast, inspector: User, of_audit_office: User, of_bureau: User, find_problem: Find
):
    order = issue(inspector, find_problem(cast.bureau))
    with pytest.raises(PermissionDenied):
        report_rectification(actor=of_audit_office, today=TODAY, order_id=order.pk, text="已改")
    with pytest.raises(PermissionDenied):
        verify_order(actor=of_bureau, today=TODAY, order_id=order.pk, passed=True, text="属实")
    with pytest.raises(Refused) as refused:
        report_rectification(actor=of_bureau, today=TODAY, order_id=order.pk, text="")
    assert refused.value.codes == ["D2"]


def test_acts_out_of_order_are_refused(cast: Cast, inspector: User, of_bureau: User, find_problem: Find):
    order = issue(inspector, find_problem(cast.bureau))
    with pytest.raises(Refused, match="等待单位报送"):
        verify_order(actor=inspector, today=TODAY, order_id=order.pk, passed=True, text="属实")
    with pytest.raises(Refused, match="等待单位报送"):
        close_order(actor=inspector, today=TODAY, order_id=order.pk, text="销号")
    with pytest.raises(Refused, match="不能撤销销号"):
        reopen_order(actor=inspector, today=TODAY, order_id=order.pk, reason="有误")
    report_rectification(actor=of_bureau, today=TODAY, order_id=order.pk, text="已改")
    with pytest.raises(Refused, match="等待编办核查"):
        report_rectification(actor=of_bureau, today=TODAY, order_id=order.pk, text="再报")


def test_an_extension_moves_the_day_on_within_the_longest_time(cast: Cast, inspector: User, find_problem: Find):
    order = issue(inspector, find_problem(cast.bureau))
    with pytest.raises(Refused) as refused:
        extend_order(actor=inspector, today=TODAY, order_id=order.pk, due_on=order.due_on, reason="工作量大")
    assert refused.value.codes == ["D3"]
    with pytest.raises(Refused) as refused:
        extend_order(actor=inspector, today=TODAY, order_id=order.pk, due_on=date(2026, 9, 1), reason="工作量大")
    assert refused.value.codes == ["P13"]
    order = extend_order(actor=inspector, today=TODAY, order_id=order.pk, due_on=date(2026, 5, 6), reason="工作量大")
    assert (order.first_due_on, order.due_on) == (date(2026, 4, 1), date(2026, 5, 6))
    assert findings(PROOFS) == []


def test_an_overdue_rectification_locks_even_where_the_problem_does_not(
    cast: Cast, inspector: User, of_bureau: User, find_problem: Find
):
    order = issue(inspector, find_problem(cast.bureau, locks_unit=False))
    assert locks_on(cast.bureau.pk, order.due_on) == []
    (lock,) = locks_on(cast.bureau.pk, order.due_on + timedelta(days=1))
    assert order.number in lock.message
    assert "报送整改情况" in lock.next_step
    report_rectification(actor=of_bureau, today=TODAY, order_id=order.pk, text="已改")
    assert locks_on(cast.bureau.pk, order.due_on + timedelta(days=1)) == []


def test_a_closing_is_taken_back_by_a_reversing_step(cast: Cast, inspector: User, of_bureau: User, find_problem: Find):
    problem = find_problem(cast.bureau)
    order = settle(inspector, of_bureau, issue(inspector, problem))
    reopened = reopen_order(actor=inspector, today=TODAY, order_id=order.pk, reason="复查发现仍不一致")
    assert reopened.state == OrderState.ISSUED
    assert state_of(problem) == ProblemState.RECTIFYING
    assert len(locks_on(cast.bureau.pk, TODAY)) == 1
    step = RectificationStep.objects.get(kind=StepKind.REOPENED)
    assert step.reverses == order.steps.get(kind=StepKind.CLOSED)
    again = settle(inspector, of_bureau, reopened)
    numbers = again.steps.filter(kind=StepKind.CLOSED).values_list("number", flat=True)
    assert list(numbers) == ["销号〔2026〕0001号", "销号〔2026〕0002号"]
    assert findings(PROOFS) == []


def test_a_rectification_begun_again_is_extended_within_the_longest_time_from_then_on(
    cast: Cast, inspector: User, of_bureau: User, find_problem: Find
):
    order = settle(inspector, of_bureau, issue(inspector, find_problem(cast.bureau)))
    again, later = date(2026, 9, 1), date(2026, 9, 10)
    reopen_order(actor=inspector, today=again, order_id=order.pk, reason="复查发现仍不一致")
    with pytest.raises(Refused) as refused:
        extend_order(actor=inspector, today=later, order_id=order.pk, due_on=date(2026, 12, 1), reason="工作量大")
    assert refused.value.codes == ["P13"]
    last = date(2026, 11, 30)
    assert extend_order(actor=inspector, today=later, order_id=order.pk, due_on=last, reason="工作量大").due_on == last
    assert findings(PROOFS) == []


def test_the_lock_of_a_problem_is_changed_with_a_reason(cast: Cast, inspector: User, find_problem: Find):
    problem = find_problem(cast.bureau)
    with pytest.raises(Refused) as refused:
        change_lock(actor=inspector, problem_id=problem.pk, locks_unit=False, reason="")
    assert refused.value.codes == ["D2"]
    change_lock(actor=inspector, problem_id=problem.pk, locks_unit=False, reason="情节轻微")
    assert locks_on(cast.bureau.pk, TODAY) == []
    with pytest.raises(Refused) as refused:
        change_lock(actor=inspector, problem_id=problem.pk, locks_unit=False, reason="情节轻微")
    assert refused.value.codes == ["P13"]


def test_a_mistaken_problem_is_taken_back_before_its_order_only(cast: Cast, inspector: User, find_problem: Find):
    problem = find_problem(cast.bureau)
    assert void_problem(actor=inspector, problem_id=problem.pk, reason="单位登记有误").state == ProblemState.VOID
    assert locks_on(cast.bureau.pk, TODAY) == []
    with pytest.raises(Refused) as refused:
        void_problem(actor=inspector, problem_id=problem.pk, reason="再次")
    assert refused.value.codes == ["P13"]
    ordered = find_problem(cast.bureau)
    issue(inspector, ordered)
    with pytest.raises(Refused, match="已签发整改通知书"):
        void_problem(actor=inspector, problem_id=ordered.pk, reason="有误")
    assert findings(PROOFS) == []


def test_the_database_keeps_what_happened(cast: Cast, inspector: User, find_problem: Find):
    problem = find_problem(cast.bureau)
    order = issue(inspector, problem)
    with pytest.raises(DatabaseError), transaction.atomic():
        order.steps.update(text="另一说法")
    with pytest.raises(DatabaseError), transaction.atomic():
        Problem.objects.filter(pk=problem.pk).update(facts="没有问题")
    with pytest.raises(DatabaseError), transaction.atomic():
        RectificationOrder.objects.filter(pk=order.pk).update(measures="不必整改")


def test_the_proofs_find_states_that_no_step_led_to(cast: Cast, inspector: User, find_problem: Find):
    problem = find_problem(cast.bureau)
    order = issue(inspector, problem)
    RectificationOrder.objects.filter(pk=order.pk).update(state=OrderState.CLOSED, due_on=date(2026, 12, 31))
    assert len(findings(["supervision.orders"])) == 2
    assert len(findings(["supervision.problems"])) == 1
