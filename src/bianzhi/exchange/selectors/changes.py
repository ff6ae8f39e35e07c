"""Recognised changes for the pages: the list, and one with what it rests on and what it leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from bianzhi.exchange.models import Change, ChangeState, Finding
from bianzhi.exchange.selectors.prefilling import Prefilled, case_of_change
from bianzhi.exchange.selectors.visible import visible_changes
from bianzhi.exchange.selectors.words import change_words
from bianzhi.kernel.objections import Refused


@dataclass(frozen=True, slots=True)
class ChangeDetail:
    """A change: `prefilled` is the case that would register it, or `why_not` says why none can be begun."""

    change: Change
    words: str
    signals: Sequence[Mapping[str, Any]]
    findings: Sequence[Finding]
    prefilled: Prefilled | None
    why_not: str


def changes_for(user: Any) -> QuerySet[Change]:
    """The changes a user may see, newest first, with their persons, units and cases."""
    related = ("person", "from_organization", "to_organization", "case", "decided_by", "run")
    return visible_changes(user).select_related(*related)


def change_detail(user: Any, pk: int, today: date) -> ChangeDetail:
    """One change. Raises Change.DoesNotExist for one the user may not see."""
    change = changes_for(user).get(pk=pk)
    findings: list[Finding] = []
    if change.person_key:
        findings = list(Finding.objects.visible_to(user).filter(person_key=change.person_key).order_by("-pk"))
    prefilled, why_not = None, ""
    if change.state in (ChangeState.WAITING, ChangeState.CANDIDATE):
        try:
            prefilled = case_of_change(change, today)
        except Refused as refused:
            why_not = str(refused)
    told = change.evidence.get("signals")
    signals = [signal for signal in told if isinstance(signal, Mapping)] if isinstance(told, list) else []
    return ChangeDetail(change, change_words(change), signals, findings, prefilled, why_not)
