"""Whole identity numbers of compared rows, for whoever has to tell people apart: every look is on record."""

from typing import Final

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.exchange.models import Finding, LinkReview
from bianzhi.kernel.objections import Objection, Severity, refuse_if

PERMISSION: Final = "personnel.reveal"
SHORTEST: Final = 2


@unit_of_work
def reveal_finding_numbers(*, actor: Actor, finding_id: int, purpose: str) -> Finding:
    """Record that somebody looks at the numbers of a finding's rows, and what for.

    Raises Denied without personnel.reveal, Refused (D2) without a purpose, Finding.DoesNotExist.
    """
    policies.require(actor, PERMISSION)
    finding = Finding.objects.get(pk=finding_id)
    _refuse_without(purpose)
    facts = {"key": finding.key, "purpose": purpose.strip()[:100]}
    record("exchange.numbers_revealed", actor=actor, subject=finding, facts=facts)
    return finding


@unit_of_work
def reveal_pair_numbers(*, actor: Actor, review_id: int, purpose: str) -> LinkReview:
    """Record that somebody looks at the numbers of a pair that may be one person, and what for.

    Raises Denied without personnel.reveal, Refused (D2) without a purpose, LinkReview.DoesNotExist.
    """
    policies.require(actor, PERMISSION)
    review = LinkReview.objects.get(pk=review_id)
    _refuse_without(purpose)
    facts = {"key": review.key, "purpose": purpose.strip()[:100]}
    record("exchange.numbers_revealed", actor=actor, subject=review, facts=facts)
    return review


def _refuse_without(purpose: str) -> None:
    if len(purpose.strip()) < SHORTEST:
        refuse_if([Objection("D2", "查看完整身份证号须说明用途", Severity.BLOCK, {}, "请填写用途")])
