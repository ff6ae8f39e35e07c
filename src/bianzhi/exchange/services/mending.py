"""What follows from a finding: the case that mends it, or a problem for 督查; of an accusation only once confirmed."""

from datetime import date

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.exchange.models import Finding
from bianzhi.exchange.rules.actions import Action
from bianzhi.exchange.rules.handling import objections_to_mending
from bianzhi.exchange.rules.remedies import NO_UNIT, PROBLEM_OF_KIND, UNDER_WAY, USUAL_PROBLEM
from bianzhi.exchange.selectors.prefilling import case_of_finding
from bianzhi.exchange.selectors.words import finding_words
from bianzhi.exchange.services.findings import DECIDE
from bianzhi.exchange.services.hub_cases import begin_hub_case
from bianzhi.exchange.services.noting import note_step
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.matters.models import Case
from bianzhi.supervision.models import Problem, ProblemSeverity, ProblemSource
from bianzhi.supervision.services.problems import Finding as ProblemFacts
from bianzhi.supervision.services.problems import open_problem

GRAVITY = {"red": ProblemSeverity.SERIOUS, "yellow": ProblemSeverity.MINOR, "blue": ProblemSeverity.MINOR}
FACTS_LENGTH = 1000


@unit_of_work
def open_case(*, actor: Actor, finding_id: int, today: date) -> Case:
    """Begin the case that mends a finding, filled in with what the rows say; an accusation is confirmed before (R25).

    Raises Finding.DoesNotExist, Denied, Refused: R25/X01 (state), X31–X33 (what `case_of_finding` says), X34 (there is
    one under way), and as `begin_case` does.
    """
    finding = _locked(actor, finding_id)
    refuse_if([*_objections_to_mending(finding), *_objections_to_second_case(finding)])
    prefilled = case_of_finding(finding, today)
    case = begin_hub_case(actor=actor, prefilled=prefilled, origin=f"四方核对差异 {finding.pk}", today=today)
    finding.case = case
    finding.save(update_fields=["case"])
    text = f"已生成 {prefilled.matter} 草稿：{case.title}"
    note_step(actor=actor, finding=finding, action=Action.CASE_OPENED, text=text[:500], facts={"case": case.pk})
    return case


@unit_of_work
def register_problem(*, actor: Actor, finding_id: int, today: date, kind: str = "", locks_unit: bool = True) -> Problem:
    """Put a finding into 问题台账, with the kind that belongs to it unless another is said.

    Raises Finding.DoesNotExist, Denied without exchange.decide or supervision.manage, Refused: R25/X01 (state), X33 (no
    unit), X34 (in the ledger already), and as `open_problem` does.
    """
    finding = _locked(actor, finding_id)
    found = _objections_to_mending(finding)
    if finding.organization_id is None:
        message = f"“{finding.unit or finding}”没有对应的在册单位，不能登记问题"
        found.append(Objection(NO_UNIT, message, Severity.BLOCK, {}, "请先确认单位别名后重新核对"))
    if finding.problem is not None:
        message = f"已登记问题 {finding.problem.number}"
        found.append(Objection(UNDER_WAY, message, Severity.BLOCK, {}, "请在问题台账中办理"))
    refuse_if(found)
    facts = ProblemFacts(
        kind=kind or PROBLEM_OF_KIND.get(finding.kind, USUAL_PROBLEM),
        facts=f"{finding.person_name}　{finding_words(finding)}"[:FACTS_LENGTH],
        severity=GRAVITY.get(finding.severity, ProblemSeverity.MINOR),
        locks_unit=locks_unit,
    )
    finding.problem = open_problem(
        actor=actor,
        today=today,
        organization_id=finding.organization_id or 0,
        finding=facts,
        source=ProblemSource.WARNING,
    )
    finding.save(update_fields=["problem"])
    number = finding.problem.number
    note_step(actor=actor, finding=finding, action=Action.PROBLEM, text=f"登记问题 {number}", facts={"problem": number})
    return finding.problem


def _locked(by: Actor, finding_id: int) -> Finding:
    policies.require(by, DECIDE)
    related = ("person", "case__instance", "problem")
    return Finding.objects.select_for_update(of=("self",)).select_related(*related).get(pk=finding_id)


def _objections_to_mending(finding: Finding) -> list[Objection]:
    return objections_to_mending(finding.state, finding.lane, str(finding))


def _objections_to_second_case(finding: Finding) -> list[Objection]:
    """One case at a time: a draft set aside, or one that ended, may be followed by another."""
    case = finding.case
    if case is None or case.discarded_at is not None or (case.instance is not None and not case.instance.is_live):
        return []
    message = f"已有办理中的 {case.number or '草稿'} {case.title}"
    return [Objection(UNDER_WAY, message, Severity.BLOCK, {}, "请在该办件中办理")]
