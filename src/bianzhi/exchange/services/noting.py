"""What happened to a finding: a line of its history, an entry in the audit and the news, always together."""

from collections.abc import Mapping
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.exchange.models import Finding, FindingStep
from bianzhi.exchange.rules.actions import Action
from bianzhi.kernel.objections import refuse_if


@unit_of_work
def note_step(
    *, actor: Actor, finding: Finding, action: Action, text: str = "", facts: Mapping[str, Any] | None = None
) -> FindingStep:
    """Write one line of a finding's history as part of the act that made it happen. Raises Refused for a long text."""
    step = FindingStep(finding=finding, action=action.value, text=text.strip(), actor_id=actor.pk)
    refuse_if(objections_to_lengths(step))
    step.save()
    told = {"action": action.value, "state": str(finding.state), "text": text.strip(), **(facts or {})}
    record("exchange.finding_noted", actor=actor, subject=finding, facts=told)
    payload = {"finding": finding.pk, "action": action.value, "state": str(finding.state)}
    outbox.put("exchange.finding_noted", key=finding.pk, payload=payload)
    return step
