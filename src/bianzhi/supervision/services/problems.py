"""问题台账: opening a problem, saying whether it locks its unit, taking back a mistaken entry."""

from dataclasses import dataclass
from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.common.numbering import next_numbers
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.organizations.scopes import require_organization
from bianzhi.personnel.selectors.units import unit_on
from bianzhi.supervision.models import Inspection, Problem, ProblemSeverity, ProblemSource, ProblemState
from bianzhi.supervision.rules.rectifying import wanted
from bianzhi.workflow.models import FlowInstance

MANAGE = "supervision.manage"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found wrong: kind by code list problem_kind, the facts, how grave, whether it locks the unit (R13)."""

    kind: str
    facts: str
    severity: ProblemSeverity = ProblemSeverity.MINOR
    locks_unit: bool = True
    found_on: date | None = None


@unit_of_work
def open_problem(
    *,
    actor: Actor,
    today: date,
    organization_id: int,
    finding: Finding,
    source: ProblemSource,
    instance_id: int | None = None,
) -> Problem:
    """Register a problem of a unit; while it is not 销号 and locks, new applications are not accepted (R13).

    Raises Refused (L1 no such unit, D2, D3). Denied without supervision.manage.
    """
    require_organization(actor, MANAGE, organization_id)
    instance = FlowInstance.objects.get(pk=instance_id) if instance_id is not None else None
    return write_problem(
        actor=actor, today=today, organization_id=organization_id, finding=finding, source=source, instance=instance
    )


@unit_of_work
def write_problem(
    *,
    actor: Actor,
    today: date,
    organization_id: int,
    finding: Finding,
    source: ProblemSource,
    inspection: Inspection | None = None,
    instance: FlowInstance | None = None,
) -> Problem:
    """Write a problem for an act that has asked for the permission itself. Raises Refused as `open_problem` does."""
    refuse_if(_objections_to_finding(organization_id, finding, today))
    problem = Problem(
        number=f"WT{today.year}-{next_numbers(f'problem-{today.year}')[0]:04d}",
        organization_id=organization_id,
        kind=finding.kind,
        facts=finding.facts.strip(),
        source=source,
        found_on=finding.found_on or today,
        severity=finding.severity,
        locks_unit=finding.locks_unit,
        inspection=inspection,
        instance=instance,
    )
    refuse_if(objections_to_lengths(problem))
    problem.save()
    facts = {
        "number": problem.number,
        "organization": organization_id,
        "kind": problem.kind,
        "severity": str(problem.severity),
        "source": str(problem.source),
        "locks_unit": problem.locks_unit,
    }
    record("supervision.problem_opened", actor=actor, subject=problem, facts=facts, wrote=[problem])
    payload = {"problem": problem.pk, "organization": organization_id}
    outbox.put("supervision.problem_opened", key=problem.number, payload=payload)
    return problem


@unit_of_work
def change_lock(*, actor: Actor, problem_id: int, locks_unit: bool, reason: str) -> Problem:
    """Say whether new applications wait for this problem (R13), with the reason.

    Raises Refused (P13 settled already or nothing to change, D2 no reason). Denied without supervision.manage.
    """
    problem = _locked(problem_id)
    require_organization(actor, MANAGE, problem.organization_id)
    found = [*_objections_to_settled(problem), *wanted(理由=reason)]
    if problem.locks_unit == locks_unit:
        now = "已经限制" if locks_unit else "没有限制"
        found.append(Objection("P13", f"问题 {problem.number} {now}新申请", Severity.BLOCK, {}, "无需变更"))
    refuse_if(found)
    problem.locks_unit = locks_unit
    problem.save(update_fields=["locks_unit"])
    facts = {"locks_unit": locks_unit, "reason": reason.strip()}
    record("supervision.problem_lock_changed", actor=actor, subject=problem, facts=facts, wrote=[problem])
    payload = {"problem": problem.pk, "locks_unit": locks_unit}
    outbox.put("supervision.problem_lock_changed", key=problem.number, payload=payload)
    return problem


@unit_of_work
def void_problem(*, actor: Actor, problem_id: int, reason: str) -> Problem:
    """Take back a problem that was registered by mistake, before any order; the row stays and counts no more (R26).

    Raises Refused (P13 an order covers it, D2 no reason). Denied without supervision.manage.
    """
    problem = _locked(problem_id)
    require_organization(actor, MANAGE, problem.organization_id)
    found = [*_objections_to_settled(problem), *wanted(撤销原因=reason)]
    if problem.order_id is not None:
        message = f"问题 {problem.number} 已签发整改通知书，不能撤销登记（P13）"
        found.append(Objection("P13", message, Severity.BLOCK, {}, "请按整改程序核查、销号"))
    refuse_if(found)
    problem.state = ProblemState.VOID
    problem.void_reason = reason.strip()
    refuse_if(objections_to_lengths(problem))
    problem.save(update_fields=["state", "void_reason"])
    record("supervision.problem_voided", actor=actor, subject=problem, facts={"reason": reason}, wrote=[problem])
    outbox.put("supervision.problem_voided", key=problem.number, payload={"problem": problem.pk})
    return problem


def _locked(problem_id: int) -> Problem:
    return Problem.objects.select_for_update().get(pk=problem_id)


def _objections_to_finding(organization_id: int, finding: Finding, today: date) -> list[Objection]:
    found = wanted(问题事实=finding.facts)
    found_on = finding.found_on or today
    if finding.kind not in codes("problem_kind"):
        found.append(Objection("D2", "未选择问题类别", Severity.BLOCK, {}, "请从问题类别中选择"))
    if found_on > today:
        found.append(Objection("D3", f"发现日期 {found_on} 尚未到来", Severity.BLOCK, {}, "请核对发现日期"))
    elif unit_on(organization_id, found_on) is None:
        message = f"该单位在 {found_on} 不存在（L1）"
        found.append(Objection("L1", message, Severity.BLOCK, {}, "请核对单位和发现日期"))
    return found


def _objections_to_settled(problem: Problem) -> list[Objection]:
    if problem.state not in (ProblemState.CLOSED, ProblemState.VOID):
        return []
    message = f"问题 {problem.number} {problem.get_state_display()}（P13）"
    return [Objection("P13", message, Severity.BLOCK, {}, "销号有误的，请撤销销号")]
