"""Findings for the pages: the list, and one with its rows, its history and what may be done to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from bianzhi.exchange.models import Finding, FindingState, FindingStep
from bianzhi.exchange.rules.handling import MAY_FOLLOW, objections_to_mending
from bianzhi.reconciliation.findings import KINDS, FindingRule
from bianzhi.reconciliation.sources import DEPARTMENT_CODES


@dataclass(frozen=True, slots=True)
class FindingDetail:
    """A finding as its page shows it.

    `sides` has one entry for each department in the fixed order, with its rows as delivered (none: an empty list);
    `may` names the acts that its state and the user's permissions allow.
    """

    finding: Finding
    rule: FindingRule | None
    sides: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]
    facts: Mapping[str, Any]
    explanation: str
    steps: Sequence[FindingStep]
    related: Sequence[Finding]
    may: frozenset[str]


def findings_for(user: Any) -> QuerySet[Finding]:
    """The findings a user may see, newest first, with whatever a list shows."""
    related = ("person", "organization", "assignee", "proposed_by", "case__instance", "problem")
    return Finding.objects.visible_to(user).select_related(*related)


def assigned_to(user: Any) -> QuerySet[Finding]:
    """The findings a user was asked to look into and has not reported to the end of, the most pressing first."""
    return findings_for(user).filter(assignee_id=user.pk, state=FindingState.ASSIGNED).order_by("due_on", "pk")


def detail(user: Any, pk: int) -> FindingDetail:
    """One finding. Raises Finding.DoesNotExist for one the user may not see."""
    finding = findings_for(user).get(pk=pk)
    rows = [row for row in finding.evidence.get("rows", ()) if isinstance(row, Mapping)]
    others = Finding.objects.visible_to(user).exclude(pk=pk)
    return FindingDetail(
        finding=finding,
        rule=KINDS.get(finding.kind),
        sides=[(code, [row for row in rows if row.get("source") == code]) for code in DEPARTMENT_CODES],
        facts=finding.evidence.get("facts", {}),
        explanation=str(finding.evidence.get("explanation") or ""),
        steps=list(finding.steps.select_related("actor", "run")),
        related=list(others.filter(person_key=finding.person_key)) if finding.person_key else [],
        may=acts_allowed(finding, user),
    )


def acts_allowed(finding: Finding, user: Any) -> frozenset[str]:
    """Acts of `rules.handling` the user may do now, and "mend"; nobody settles an own proposal (R25)."""
    state = finding.state
    found = {act for act, states in MAY_FOLLOW.items() if state in states and user.can(_permission(act, state))}
    if finding.assignee_id == user.pk and state in MAY_FOLLOW["report"]:
        found.add("report")
    if finding.proposed_by_id == user.pk:
        found.discard("settle")
    if finding.case_id or finding.problem_id:
        found.discard("take_back")
    if user.can("exchange.decide") and not objections_to_mending(state, finding.lane, str(finding)):
        found.add("mend")
    return frozenset(found)


def _permission(act: str, state: str) -> str:
    is_second = act == "settle" or (act == "take_back" and state in (FindingState.CONFIRMED, FindingState.DISMISSED))
    return "exchange.confirm" if is_second else "exchange.decide"


def age_in_days(finding: Finding, today: date) -> int:
    """Days a finding has stood, or stood until it was settled."""
    return ((finding.closed_on or today) - finding.found_on).days
