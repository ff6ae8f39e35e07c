"""检查: what is drawn, what the check found, and the end of a plan."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from bianzhi.accounts.models import User
from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.supervision.models import (
    Inspection,
    InspectionPlan,
    InspectionResult,
    PlanScope,
    PlanState,
    PlanSubject,
    Problem,
)
from bianzhi.supervision.rules.sampling import draw
from bianzhi.supervision.selectors.locks import locks_on
from bianzhi.supervision.services.inspecting import (
    PlanOrder,
    cancel_plan,
    close_plan,
    draw_plan,
    inspect_case,
    record_inspection,
)
from bianzhi.supervision.services.problems import Finding
from bianzhi.workflow.models import FlowInstance
from tests.cast import TODAY, Cast

pytestmark = pytest.mark.django_db

UNITS = PlanOrder(
    title="2026 年度机构编制核查",
    basis="机构编制监督检查工作办法",
    subject=PlanSubject.UNITS,
    scope=PlanScope.ALL,
    starts_on=TODAY,
    ends_on=TODAY + timedelta(days=30),
)
WRONG = Finding("Q10", "实名制数据与档案不一致 3 人")


def order(**changes: Any) -> PlanOrder:
    return PlanOrder(**{**{name: getattr(UNITS, name) for name in UNITS.__slots__}, **changes})


def cases(**changes: Any) -> PlanOrder:
    facts = {"subject": PlanSubject.CASES, "period_from": date(2026, 1, 1), "period_until": date(2026, 3, 31)}
    return order(**{**facts, **changes})


def test_a_plan_of_all_units_checks_every_one(cast: Cast, inspector: User):
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    assert plan.number == "督查〔2026〕0001号"
    assert {each.organization_id for each in plan.inspections.all()} == {
        cast.bureau.pk, cast.audit_office.pk, cast.school.pk, cast.township.pk,
    }  # fmt: skip
    assert {each.result for each in plan.inspections.all()} == {InspectionResult.PENDING}


def test_a_sample_can_be_drawn_again_from_what_is_kept(cast: Cast, inspector: User, ended_case):
    for number in range(12):
        ended_case(cast.bureau, f"用编核准 {number}", TODAY - timedelta(days=number))
    plan = draw_plan(actor=inspector, today=TODAY, order=cases(scope=PlanScope.SAMPLED, percent=25))
    drawn = {f"case-{each.instance_id}" for each in plan.inspections.all()}
    assert len(plan.candidates) == 12
    assert drawn == set(draw(plan.candidates, 25, plan.seed))
    assert len(drawn) == 3
    assert findings(["supervision.draws", "audit.rows"]) == []


def test_cases_are_those_that_ended_in_the_period_and_of_the_matter(cast: Cast, inspector: User, ended_case):
    inside = ended_case(cast.bureau, "期内", date(2026, 1, 31))
    ended_case(cast.bureau, "期前", date(2026, 1, 30))
    ended_case(cast.bureau, "期后", date(2026, 2, 28))
    ended_case(cast.bureau, "另一事项", date(2026, 2, 1), key="p05")
    period = {"period_from": date(2026, 1, 31), "period_until": date(2026, 2, 27)}
    plan = draw_plan(actor=inspector, today=TODAY, order=cases(**period, definition_id=inside.version.definition_id))
    assert [each.instance_id for each in plan.inspections.all()] == [inside.pk]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " "}, "D2"),
        ({"basis": ""}, "D2"),
        ({"ends_on": TODAY - timedelta(days=1)}, "D3"),
        ({"scope": PlanScope.SAMPLED, "percent": 0}, "D2"),
        ({"subject": PlanSubject.CASES}, "D2"),
        ({"subject": PlanSubject.CASES, "period_from": TODAY, "period_until": date(2026, 1, 1)}, "D3"),
        ({"subject": PlanSubject.CASES, "period_from": TODAY, "period_until": TODAY}, "P13"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(cast: Cast, inspector: User, changes, code):
    with pytest.raises(Refused) as refused:
        draw_plan(actor=inspector, today=TODAY, order=order(**changes))
    assert refused.value.codes == [code]
    assert not InspectionPlan.objects.exists()


def test_only_supervision_plans_and_checks(cast: Cast, inspector: User, of_bureau: User):
    with pytest.raises(PermissionDenied):
        draw_plan(actor=of_bureau, today=TODAY, order=UNITS)
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    with pytest.raises(PermissionDenied):
        record_inspection(actor=of_bureau, today=TODAY, inspection_id=plan.inspections.all()[0].pk, text="好")


def test_a_check_without_findings_is_clean_and_done_once(cast: Cast, inspector: User):
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    check = plan.inspections.get(organization=cast.bureau)
    done = record_inspection(actor=inspector, today=TODAY, inspection_id=check.pk, text="账实相符")
    assert done.result == InspectionResult.CLEAN
    assert done.checked_by_name == "孙督查"
    with pytest.raises(Refused, match="已于 2026-03-02 登记检查结果"):
        record_inspection(actor=inspector, today=TODAY, inspection_id=check.pk, text="再查")
    with pytest.raises(DatabaseError), transaction.atomic():
        Inspection.objects.filter(pk=check.pk).update(text="改口")


def test_findings_become_problems_of_the_unit(cast: Cast, inspector: User):
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    check = plan.inspections.get(organization=cast.bureau)
    record_inspection(
        actor=inspector,
        today=TODAY,
        inspection_id=check.pk,
        text="抽查 10 人",
        findings=(WRONG, Finding("Q11", "缺文")),
    )
    assert Inspection.objects.get(pk=check.pk).result == InspectionResult.PROBLEMS
    assert {problem.kind for problem in check.problems.all()} == {"Q10", "Q11"}
    assert len(locks_on(cast.bureau.pk, TODAY)) == 1


def test_a_finding_that_cannot_be_written_takes_the_check_back(cast: Cast, inspector: User):
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    check = plan.inspections.get(organization=cast.bureau)
    with pytest.raises(Refused):
        record_inspection(
            actor=inspector, today=TODAY, inspection_id=check.pk, text="抽查", findings=(WRONG, Finding("Q11", ""))
        )
    assert Inspection.objects.get(pk=check.pk).result == InspectionResult.PENDING
    assert not Problem.objects.exists()


def test_one_case_is_checked_at_its_own_step(cast: Cast, inspector: User, ended_case: Callable[..., FlowInstance]):
    case = ended_case(cast.bureau, "用编核准 1 名")
    check = inspect_case(
        actor=inspector, today=TODAY, instance_id=case.pk, organization_id=cast.bureau.pk, text="未按核准单进人",
        findings=(Finding("Q06", "先进人后核编 1 人"),),
    )  # fmt: skip
    assert check.plan is None
    assert check.label == "用编核准 1 名"
    assert check.problems.get().instance == case
    with pytest.raises(Refused):
        inspect_case(actor=inspector, today=TODAY, instance_id=case.pk, organization_id=cast.bureau.pk, text=" ")


def test_a_plan_ends_when_everything_is_checked(cast: Cast, inspector: User):
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    with pytest.raises(Refused, match="还有 4 个对象未检查"):
        close_plan(actor=inspector, today=TODAY, plan_id=plan.pk, conclusion="总体较好")
    for check in plan.inspections.all():
        record_inspection(actor=inspector, today=TODAY, inspection_id=check.pk, text="账实相符")
    closed = close_plan(actor=inspector, today=TODAY, plan_id=plan.pk, conclusion="总体较好")
    assert (closed.state, closed.closed_on) == (PlanState.CLOSED, TODAY)
    with pytest.raises(Refused, match="已完成"):
        cancel_plan(actor=inspector, today=TODAY, plan_id=plan.pk, reason="不再检查")


def test_a_cancelled_plan_takes_no_more_results(cast: Cast, inspector: User):
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    cancel_plan(actor=inspector, today=TODAY, plan_id=plan.pk, reason="与上级巡察重复")
    with pytest.raises(Refused, match="已取消"):
        record_inspection(actor=inspector, today=TODAY, inspection_id=plan.inspections.all()[0].pk, text="好")
    with pytest.raises(Refused, match="已取消"):
        close_plan(actor=inspector, today=TODAY, plan_id=plan.pk, conclusion="好")


def test_the_proof_finds_a_check_nobody_drew(cast: Cast, inspector: User):
    plan = draw_plan(actor=inspector, today=TODAY, order=order(scope=PlanScope.SAMPLED, percent=25))
    left = {cast.bureau.pk, cast.school.pk} - {each.organization_id for each in plan.inspections.all()}
    Inspection.objects.create(plan=plan, organization_id=left.pop(), label="自行加入")
    assert len(findings(["supervision.draws"])) == 1
