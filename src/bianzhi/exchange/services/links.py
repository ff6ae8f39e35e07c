"""疑似同一人: what an official says of a pair binds every later run, until the word is taken back with a reason."""

from collections.abc import Sequence
from typing import Final

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.exchange.models import LinkDecision, LinkReview, ReviewState
from bianzhi.exchange.rules.handling import UNSUPPORTED, objections_to_words
from bianzhi.exchange.services.batches import MOST, Outcome
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if

DECIDE: Final = "exchange.decide"
DECIDED: Final = "X21"
REVOKED: Final = "X22"


@unit_of_work
def decide_link(*, actor: Actor, review_id: int, same: bool, basis: str = "") -> LinkDecision:
    """Say of two rows that they are one person, or are not: must-link or never-link for ever.

    Raises LinkReview.DoesNotExist, Denied without exchange.decide, Refused (X21) when it was said before; TypeError
    for the system, which does not judge who is who.
    """
    policies.require(actor, DECIDE)
    review = LinkReview.objects.select_for_update(of=("self",)).select_related("decided_by").get(pk=review_id)
    if review.state in (ReviewState.SAME, ReviewState.DIFFERENT):
        who = review.decided_by.display_name if review.decided_by else "系统"
        message = f"这一对已由 {who} 判断为“{review.get_state_display()}”"
        raise Refused([Objection(DECIDED, message, Severity.BLOCK, {}, "需要更改的，请先撤销原判断")])
    decision = LinkDecision(
        kind="must" if same else "never",
        left_source=review.left.get("source", ""),
        left_fingerprint=review.left.get("fingerprint", ""),
        right_source=review.right.get("source", ""),
        right_fingerprint=review.right.get("fingerprint", ""),
        review=review,
        basis=basis.replace("\x00", "").strip(),
        decided_by_id=_person(actor),
    )
    refuse_if(objections_to_lengths(decision))
    decision.save()
    review.state = ReviewState.SAME if same else ReviewState.DIFFERENT
    review.decided_by_id, review.decided_at = actor.pk, decision.decided_at
    review.save(update_fields=["state", "decided_by", "decided_at"])
    facts = {"kind": decision.kind, "review": review.pk, "rule": review.rule, "basis": decision.basis}
    record("exchange.link_decided", actor=actor, subject=decision, facts=facts, wrote=[decision])
    outbox.put("exchange.link_decided", key=decision.pk, payload={"decision": decision.pk, "kind": decision.kind})
    return decision


@unit_of_work
def decide_links(*, actor: Actor, review_ids: Sequence[int], same: bool, basis: str = "") -> list[Outcome]:
    """Say the same of many pairs; one that is refused says why, and the others are decided.

    Raises Denied, Refused (X05) for none or too many.
    """
    policies.require(actor, DECIDE)
    wanted = list(dict.fromkeys(review_ids))
    if not wanted or len(wanted) > MOST:
        message = f"所选 {len(wanted)} 对，每批 1 至 {MOST} 对"
        raise Refused([Objection(UNSUPPORTED, message, Severity.BLOCK, {"所选": len(wanted)}, "请分批判断")])
    return [_outcome(actor, pk, same, basis) for pk in wanted]


def _outcome(by: Actor, pk: int, same: bool, basis: str) -> Outcome:
    try:
        decide_link(actor=by, review_id=pk, same=same, basis=basis)
    except Refused as refused:
        return Outcome(pk, ok=False, message=str(refused))
    except LinkReview.DoesNotExist:
        return Outcome(pk, ok=False, message="没有这一对。")
    return Outcome(pk, ok=True)


@unit_of_work
def revoke_decision(*, actor: Actor, decision_id: int, reason: str) -> LinkDecision:
    """Take a decision back: later runs are free again, and the question is open again. The decision stays on record.

    Raises LinkDecision.DoesNotExist, Denied, Refused (X22 taken back before, X02 no reason).
    """
    policies.require(actor, DECIDE)
    decision = LinkDecision.objects.select_for_update(of=("self",)).get(pk=decision_id)
    found = objections_to_words(reason)
    if decision.revoked_at is not None:
        found.append(Objection(REVOKED, "这一判断已撤销", Severity.BLOCK, {}, "无需再次撤销"))
    refuse_if(found)
    decision.revoked_by_id, decision.revoked_at = actor.pk, timezone.now()
    decision.save(update_fields=["revoked_by", "revoked_at"])
    if decision.review_id is not None:
        review = LinkReview.objects.filter(pk=decision.review_id)
        review.update(state=ReviewState.OPEN, decided_by=None, decided_at=None)
    facts = {"kind": decision.kind, "review": decision.review_id, "reason": reason.strip()}
    record("exchange.link_revoked", actor=actor, subject=decision, facts=facts, wrote=[decision])
    outbox.put("exchange.link_revoked", key=decision.pk, payload={"decision": decision.pk})
    return decision


def _person(by: Actor) -> int:
    if by.pk is None:
        raise TypeError("a decision for ever needs a person")
    return by.pk
