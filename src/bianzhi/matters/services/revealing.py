"""Whole ID numbers of a form, for whoever has to hold them against the papers: every look is on record."""

from collections.abc import Sequence

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.matters.models import Case

PERMISSION = "personnel.reveal"
SHORTEST = 2


@unit_of_work
def reveal_numbers(*, actor: Actor, case_id: int, labels: Sequence[str], purpose: str) -> Case:
    """Record that somebody looks at the numbers under some labels of a case's form, and what for.

    Raises Denied without personnel.reveal, Refused without a purpose, Case.DoesNotExist.
    """
    policies.require(actor, PERMISSION)
    case = Case.objects.get(pk=case_id)
    if len(purpose.strip()) < SHORTEST:
        refuse_if([Objection("D2", "查看完整身份证号须说明用途", Severity.BLOCK, {}, "请填写用途")])
    facts = {"number": case.number or "草稿", "fields": sorted(labels), "purpose": purpose.strip()[:100]}
    record("matters.numbers_revealed", actor=actor, subject=case, facts=facts)
    return case
