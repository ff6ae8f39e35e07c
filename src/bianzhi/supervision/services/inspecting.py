"""检查: drawing what is checked, and writing down what the check found."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.common.numbering import next_numbers
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.supervision.models import (
    Inspection,
    InspectionPlan,
    InspectionResult,
    PlanScope,
    PlanState,
    PlanSubject,
    Problem,
    ProblemSource,
)
from bianzhi.supervision.rules.rectifying import wanted
from bianzhi.supervision.rules.sampling import draw
from bianzhi.supervision.selectors.candidates import Candidate, ended_cases, units
from bianzhi.supervision.services.problems import Finding, write_problem
from bianzhi.workflow.models import FlowInstance

MANAGE = "supervision.manage"
WHOLE = 100


@dataclass(frozen=True, slots=True)
class PlanOrder:
    """What is to be checked. Without `seed` one is made; `percent` counts only for a sample."""

    title: str
    basis: str
    subject: PlanSubject
    scope: PlanScope
    starts_on: date
    ends_on: date
    percent: int = WHOLE
    definition_id: int | None = None
    period_from: date | None = None
    period_until: date | None = None
    seed: str = ""


@unit_of_work
def draw_plan(*, actor: Actor, today: date, order: PlanOrder) -> InspectionPlan:
    """Write a plan and draw what it checks; the seed and all candidates are kept, so that the draw can be repeated.

    Raises Refused (D2, D3: something missing or days out of order; P13: nothing to draw from). Denied without
    supervision.manage.
    """
    policies.require(actor, MANAGE)
    refuse_if(_objections_to_order(order))
    candidates = {each.key: each for each in _candidates(order, today)}
    refuse_if(_nothing_to_draw(candidates))
    seed = order.seed.strip() or secrets.token_hex(8)
    percent = order.percent if order.scope == PlanScope.SAMPLED else WHOLE
    plan = InspectionPlan(
        number=f"督查〔{today.year}〕{next_numbers(f'inspection-plan-{today.year}')[0]:04d}号",
        title=order.title.strip(),
        basis=order.basis.strip(),
        subject=order.subject,
        definition_id=order.definition_id,
        period_from=order.period_from,
        period_until=order.period_until,
        scope=order.scope,
        percent=percent,
        seed=seed,
        starts_on=order.starts_on,
        ends_on=order.ends_on,
        candidates=sorted(candidates),
        drawn_on=today,
    )
    refuse_if(objections_to_lengths(plan))
    plan.save()
    drawn = Inspection.objects.bulk_create(
        [_pending(plan, candidates[key]) for key in draw(candidates, percent, seed)], batch_size=500
    )
    facts = {"number": plan.number, "seed": seed, "percent": percent, "of": len(candidates), "drawn": len(drawn)}
    record("supervision.plan_drawn", actor=actor, subject=plan, facts=facts, wrote=[plan, *drawn])
    outbox.put("supervision.plan_drawn", key=plan.pk, payload={"plan": plan.pk, "drawn": len(drawn)})
    return plan


@unit_of_work
def record_inspection(
    *, actor: Actor, today: date, inspection_id: int, text: str, findings: tuple[Finding, ...] = ()
) -> Inspection:
    """Write down what a check found; each finding becomes a problem of the unit. Without findings it is 无问题.

    Raises Refused (P13: checked already, or the plan is over; D2: nothing written). Denied without supervision.manage.
    """
    policies.require(actor, MANAGE)
    inspection = Inspection.objects.select_for_update(of=("self",)).select_related("plan").get(pk=inspection_id)
    refuse_if([*_objections_to_result(inspection), *wanted(检查情况=text)])
    _write_result(inspection, actor, today, text, has_problems=bool(findings))
    problems = _problems_of(inspection, actor, today, findings)
    _tell(actor, inspection, problems)
    return inspection


@unit_of_work
def inspect_case(
    *, actor: Actor, today: date, instance_id: int, organization_id: int, text: str, findings: tuple[Finding, ...] = ()
) -> Inspection:
    """Check one case at its own 督查 step, outside any plan.

    Raises Refused (D2: nothing written). Denied without supervision.manage.
    """
    policies.require(actor, MANAGE)
    refuse_if(wanted(检查情况=text))
    instance = FlowInstance.objects.get(pk=instance_id)
    inspection = Inspection(organization_id=organization_id, instance=instance, label=instance.title)
    _write_result(inspection, actor, today, text, has_problems=bool(findings))
    problems = _problems_of(inspection, actor, today, findings)
    _tell(actor, inspection, problems)
    return inspection


@unit_of_work
def close_plan(*, actor: Actor, today: date, plan_id: int, conclusion: str) -> InspectionPlan:
    """End a plan with its conclusion. Raises Refused (P13) while checks are pending or when it is over already."""
    policies.require(actor, MANAGE)
    plan = InspectionPlan.objects.select_for_update().get(pk=plan_id)
    left = plan.inspections.filter(result=InspectionResult.PENDING).count()
    refuse_if([*_objections_to_ending(plan), *_pending_left(plan, left), *wanted(检查结论=conclusion)])
    return _end_plan(plan, actor, today, PlanState.CLOSED, conclusion, "supervision.plan_closed")


@unit_of_work
def cancel_plan(*, actor: Actor, today: date, plan_id: int, reason: str) -> InspectionPlan:
    """Give a plan up; what was checked and found stays. Raises Refused (P13) when it is over already."""
    policies.require(actor, MANAGE)
    plan = InspectionPlan.objects.select_for_update().get(pk=plan_id)
    refuse_if([*_objections_to_ending(plan), *wanted(取消原因=reason)])
    return _end_plan(plan, actor, today, PlanState.CANCELLED, reason, "supervision.plan_cancelled")


def _end_plan(
    plan: InspectionPlan, actor: Actor, today: date, state: PlanState, words: str, action: str
) -> InspectionPlan:
    plan.state = state
    plan.closed_on = today
    plan.conclusion = words.strip()
    refuse_if(objections_to_lengths(plan))
    plan.save(update_fields=["state", "closed_on", "conclusion"])
    record(action, actor=actor, subject=plan, facts={"words": plan.conclusion}, wrote=[plan])
    outbox.put(action, key=plan.pk, payload={"plan": plan.pk})
    return plan


def _candidates(order: PlanOrder, today: date) -> list[Candidate]:
    if order.subject == PlanSubject.UNITS:
        return list(units(today))
    if order.period_from is None or order.period_until is None:
        return []
    return list(ended_cases(order.period_from, order.period_until, order.definition_id))


def _pending(plan: InspectionPlan, candidate: Candidate) -> Inspection:
    return Inspection(
        plan=plan,
        organization_id=candidate.organization_id,
        instance_id=candidate.instance_id,
        label=candidate.label[:200],
    )


def _write_result(inspection: Inspection, actor: Actor, today: date, text: str, *, has_problems: bool) -> None:
    inspection.result = InspectionResult.PROBLEMS if has_problems else InspectionResult.CLEAN
    inspection.text = text.strip()
    inspection.checked_on = today
    inspection.checked_by_id = actor.pk
    inspection.checked_by_name = actor.display_name
    refuse_if(objections_to_lengths(inspection))
    inspection.save()


def _problems_of(inspection: Inspection, actor: Actor, today: date, findings: tuple[Finding, ...]) -> list[Problem]:
    return [
        write_problem(
            actor=actor,
            today=today,
            organization_id=inspection.organization_id,
            finding=finding,
            source=ProblemSource.INSPECTION,
            inspection=inspection,
            instance=inspection.instance,
        )
        for finding in findings
    ]


def _tell(actor: Actor, inspection: Inspection, problems: list[Problem]) -> None:
    facts: Mapping[str, object] = {
        "result": str(inspection.result),
        "text": inspection.text,
        "problems": [problem.number for problem in problems],
    }
    record("supervision.inspected", actor=actor, subject=inspection, facts=facts, wrote=[inspection])
    payload = {"inspection": inspection.pk, "result": str(inspection.result)}
    outbox.put("supervision.inspected", key=inspection.pk, payload=payload)


def _objections_to_order(order: PlanOrder) -> list[Objection]:
    found = wanted(方案名称=order.title, 检查依据=order.basis)
    if order.ends_on < order.starts_on:
        found.append(Objection("D3", "检查时间的止日早于起日", Severity.BLOCK, {}, "请核对检查时间"))
    if order.scope == PlanScope.SAMPLED and not 1 <= order.percent <= WHOLE:
        found.append(Objection("D2", "抽查比例应为 1 至 100", Severity.BLOCK, {}, "请填写 1 至 100 的整数"))
    if order.subject == PlanSubject.CASES:
        if order.period_from is None or order.period_until is None:
            found.append(Objection("D2", "检查办件须填写办结时间", Severity.BLOCK, {}, "请填写办结时间的起止"))
        elif order.period_until < order.period_from:
            found.append(Objection("D3", "办结时间的止日早于起日", Severity.BLOCK, {}, "请核对办结时间"))
    return found


def _nothing_to_draw(candidates: Mapping[str, Candidate]) -> list[Objection]:
    if candidates:
        return []
    message = "所选范围内没有可以检查的对象（P13）"
    return [Objection("P13", message, Severity.BLOCK, {"可抽取": 0}, "请调整办结时间、事项或检查对象")]


def _objections_to_result(inspection: Inspection) -> list[Objection]:
    found: list[Objection] = []
    if inspection.result:
        message = f"“{inspection.label}”已于 {inspection.checked_on} 登记检查结果（P13）"
        found.append(Objection("P13", message, Severity.BLOCK, {}, "另有发现的，请在问题台账登记问题"))
    if inspection.plan is not None and inspection.plan.state != PlanState.DRAWN:
        message = f"方案 {inspection.plan.number} {inspection.plan.get_state_display()}（P13）"
        found.append(Objection("P13", message, Severity.BLOCK, {}, "请在进行中的方案内登记"))
    return found


def _objections_to_ending(plan: InspectionPlan) -> list[Objection]:
    if plan.state == PlanState.DRAWN:
        return []
    message = f"方案 {plan.number} {plan.get_state_display()}（P13）"
    return [Objection("P13", message, Severity.BLOCK, {}, "无需再办")]


def _pending_left(plan: InspectionPlan, left: int) -> list[Objection]:
    if not left:
        return []
    message = f"方案 {plan.number} 还有 {left} 个对象未检查（P13）"
    return [Objection("P13", message, Severity.BLOCK, {"未检查": left}, "请登记全部检查结果，或取消方案")]
