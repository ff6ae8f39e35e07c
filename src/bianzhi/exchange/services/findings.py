"""Handling a finding: asking somebody to find out, proposing what it is, and the second person's word."""

from datetime import date

from bianzhi.accounts import policies
from bianzhi.accounts.models import User
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.exchange.models import Finding, FindingState, FindingStep
from bianzhi.exchange.rules.actions import PROPOSALS, Action
from bianzhi.exchange.rules.handling import (
    CONFIRM,
    UNSUPPORTED,
    VERDICTS,
    WRONG_STATE,
    Proposal,
    objections_to_act,
    objections_to_due_day,
    objections_to_second_person,
    objections_to_words,
)
from bianzhi.exchange.services.noting import note_step
from bianzhi.kernel.objections import Objection, Severity, refuse_if

DECIDE = "exchange.decide"
CONFIRMATION = "exchange.confirm"


@unit_of_work
def assign_finding(*, actor: Actor, finding_id: int, assignee_id: int, due_on: date, today: date) -> Finding:
    """Ask somebody to find out until a day; asked again it is handed on.

    Raises Finding.DoesNotExist, Denied without exchange.decide, Refused (X01 state, X03 day, X05 account, or one
    that does not see the finding).
    """
    finding = _locked(actor, DECIDE, finding_id)
    assignee = User.objects.filter(pk=assignee_id, is_active=True).first()
    found = [*objections_to_act("assign", finding.state, str(finding)), *objections_to_due_day(due_on, today)]
    if assignee is None:
        found.append(Objection(UNSUPPORTED, "承办人账号不存在或已停用", Severity.BLOCK, {}, "请选择在用的账号"))
    elif not Finding.objects.visible_to(assignee).filter(pk=finding.pk).exists():
        message = f"{assignee.display_name} 看不到“{finding}”：不是其部门或单位的差异"
        step = "请选择编办人员、责任部门或涉及部门的联络员，或该单位的经办"
        found.append(Objection(UNSUPPORTED, message, Severity.BLOCK, {}, step))
    refuse_if(found)
    finding.assignee, finding.due_on, finding.state = assignee, due_on, FindingState.ASSIGNED
    finding.save(update_fields=["assignee", "due_on", "state"])
    text = f"交 {assignee.display_name if assignee else ''} 核实，{due_on} 前办理"
    facts = {"assignee": assignee_id, "due_on": due_on}
    note_step(actor=actor, finding=finding, action=Action.ASSIGNED, text=text, facts=facts)
    return finding


@unit_of_work
def report_finding(*, actor: Actor, finding_id: int, text: str) -> Finding:
    """Write what was found out, as whoever was asked to or as somebody who handles findings; the state stays.

    Raises Finding.DoesNotExist, Denied, Refused (X01 state, X02 nothing written).
    """
    finding = Finding.objects.select_for_update(of=("self",)).get(pk=finding_id)
    if actor.pk is None or finding.assignee_id != actor.pk:
        policies.require(actor, DECIDE)
    refuse_if([*objections_to_act("report", finding.state, str(finding)), *objections_to_words(text, "核实情况")])
    note_step(actor=actor, finding=finding, action=Action.REPORTED, text=text)
    return finding


@unit_of_work
def take_back_finding(*, actor: Actor, finding_id: int, reason: str) -> Finding:
    """Make an assigned, proposed or settled finding open again, unless a case or a problem rests on it.

    Taking back what a second person settled asks for that person's permission. Raises Finding.DoesNotExist, Denied,
    Refused (X01 state, X02 no reason).
    """
    finding = _locked(actor, DECIDE, finding_id)
    if finding.state in (FindingState.CONFIRMED, FindingState.DISMISSED):
        policies.require(actor, CONFIRMATION)
    found = [*objections_to_act("take_back", finding.state, str(finding)), *objections_to_words(reason)]
    resting = finding.case or finding.problem
    if resting is not None:
        message = f"“{finding}”已据此办理 {resting}，不能收回"
        found.append(Objection(WRONG_STATE, message, Severity.BLOCK, {}, "请在该办件或问题中处理"))
    refuse_if(found)
    _open_again(finding)
    note_step(actor=actor, finding=finding, action=Action.TAKEN_BACK, text=reason)
    return finding


@unit_of_work
def propose_finding(*, actor: Actor, finding_id: int, verdict: str, reason: str) -> Finding:
    """Say that the difference is real (`confirm`) or is none (`dismiss`), for a second person to decide.

    Raises Finding.DoesNotExist, Denied without exchange.decide, Refused (X01 state, X02 no reason, X05 verdict).
    """
    finding = _locked(actor, DECIDE, finding_id)
    found = [*objections_to_act("propose", finding.state, str(finding)), *objections_to_words(reason)]
    if verdict not in VERDICTS:
        found.append(Objection(UNSUPPORTED, "未选择处理意见", Severity.BLOCK, {}, "请选择属实或不成立"))
    refuse_if(found)
    finding.state, finding.proposed_by_id = FindingState.PROPOSED, actor.pk
    finding.save(update_fields=["state", "proposed_by"])
    note_step(actor=actor, finding=finding, action=PROPOSALS[verdict], text=reason)
    return finding


@unit_of_work
def settle_finding(*, actor: Actor, finding_id: int, agree: bool, today: date, reason: str = "") -> Finding:
    """Agree to what was proposed, or send it back with the reason; never by whoever proposed it (R25).

    Raises Finding.DoesNotExist, Denied without exchange.confirm, Refused (X01 state, X02 no reason, R25).
    """
    finding = _locked(actor, CONFIRMATION, finding_id)
    refuse_if(objections_to_act("settle", finding.state, str(finding)))
    proposer = finding.proposed_by
    proposal = Proposal(finding.proposed_by_id, proposer.display_name if proposer else "系统")
    found = objections_to_second_person(proposal, actor.pk, actor.display_name)
    refuse_if(found if agree else [*found, *objections_to_words(reason)])
    if not agree:
        finding.state = FindingState.ASSIGNED if finding.assignee_id else FindingState.OPEN
        finding.proposed_by = None
        action = Action.DISAGREED
    elif proposed_verdict(finding) == CONFIRM:
        finding.state, action = FindingState.CONFIRMED, Action.CONFIRMED
    else:
        finding.state, finding.closed_on, action = FindingState.DISMISSED, today, Action.DISMISSED
    finding.save(update_fields=["state", "proposed_by", "closed_on"])
    note_step(actor=actor, finding=finding, action=action, text=reason, facts={"proposer": proposal.proposer})
    return finding


def proposed_verdict(finding: Finding) -> str:
    """What was last proposed of a finding: "confirm", "dismiss", "" when nothing was."""
    words = {action.value: verdict for verdict, action in PROPOSALS.items()}
    rows = FindingStep.objects.filter(finding=finding, action__in=words).order_by("-pk")
    return words.get(rows.values_list("action", flat=True).first() or "", "")


def _locked(by: Actor, permission: str, finding_id: int) -> Finding:
    policies.require(by, permission)
    return Finding.objects.select_for_update(of=("self",)).get(pk=finding_id)


def _open_again(finding: Finding) -> None:
    finding.state, finding.assignee, finding.due_on = FindingState.OPEN, None, None
    finding.proposed_by, finding.closed_on = None, None
    finding.save(update_fields=["state", "assignee", "due_on", "proposed_by", "closed_on"])
