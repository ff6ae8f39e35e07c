"""What is given back to a department's system: written once by its key, signed, and answered."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bianzhi.accounts.policies import require
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.common import outbox
from bianzhi.exchange import signing
from bianzhi.exchange.models import Dispatch, DispatchState, Source
from bianzhi.exchange.rules.dispatching import ACCEPTED, REJECTED, objections_to_answer, signed_text
from bianzhi.exchange.rules.scopes import ACKNOWLEDGE
from bianzhi.exchange.scopes import departments_of
from bianzhi.exchange.services.tokens import SystemOf
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Objection, Refused, refuse_if

DELIVER: Final = "exchange.deliver"
ANSWERS: Final = {ACCEPTED: DispatchState.ACKNOWLEDGED, REJECTED: DispatchState.REJECTED}


@dataclass(frozen=True, slots=True)
class News:
    """One thing to give back. `key` names it within a source: the same news twice is one dispatch."""

    kind: str
    key: str
    payload: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    run_id: int | None = None


def manifest_of(dispatch: Dispatch) -> bytes:
    """The signed text of a dispatch."""
    return signed_text(dispatch.source.code, dispatch.kind, dispatch.key, dispatch.payload, dispatch.files)


def locked_sources(source_ids: Collection[int]) -> list[Source]:
    """The sources, locked one after the other.

    Whoever writes dispatches of a source holds its row until the commit, so that numbers become visible in their
    order: a reader who has seen number 7 will never find a 6 that came later (the cursor of the interface).
    """
    return list(Source.objects.select_for_update().filter(pk__in=source_ids).order_by("pk"))


@unit_of_work
def give_back(*, actor: Actor, source_id: int, news: News) -> Dispatch:
    """Write and sign one dispatch for a source; the one there is when its key was given back before."""
    (source,) = locked_sources([source_id])
    found = Dispatch.objects.filter(source=source, key=news.key).first()
    if found is not None:
        return found
    text = signed_text(source.code, news.kind, news.key, news.payload, news.files)
    dispatch = Dispatch.objects.create(
        source=source,
        key=news.key,
        kind=news.kind,
        payload=dict(news.payload),
        files=dict(news.files),
        sha256=hashlib.sha256(text).hexdigest(),
        signature=signing.sign(text),
        run_id=news.run_id,
    )
    facts = {"source": source.code, "kind": dispatch.kind, "key": dispatch.key, "sha256": dispatch.sha256}
    record("exchange.dispatched", actor=actor, subject=dispatch, facts=facts)
    outbox.put("exchange.dispatched", key=dispatch.pk, payload={"dispatch": dispatch.pk, "source": source.pk})
    return dispatch


@unit_of_work
def note_fetched(*, actor: Actor, dispatch_ids: Collection[int], now: datetime) -> int:
    """A department has fetched these, or was sent them: they count as arrived. Returns how many were new."""
    waiting = Dispatch.objects.filter(pk__in=dispatch_ids, state__in=(DispatchState.READY, DispatchState.FAILED))
    fresh = list(waiting.select_for_update(of=("self",)).select_related("source").order_by("pk"))
    if fresh:
        Dispatch.objects.filter(pk__in=[each.pk for each in fresh]).update(state=DispatchState.SENT, sent_at=now)
        facts = {"source": fresh[0].source.code, "dispatches": [each.pk for each in fresh]}
        record("exchange.dispatch_arrived", actor=actor, subject=_subject_of(fresh), facts=facts)
    return len(fresh)


@unit_of_work
def hand_out(*, actor: SystemOf, dispatch_ids: Collection[int], what: str, now: datetime) -> list[Dispatch]:
    """Let a department's system have its own dispatches, or `what` of one: a file, the signed text.

    They hold complete ID numbers: each time is recorded, a page of them once. They count as arrived from now on.
    """
    own = Dispatch.objects.filter(pk__in=dispatch_ids, source_id=actor.source_id).select_related("source")
    note_fetched(actor=actor, dispatch_ids=list(own.values_list("pk", flat=True)), now=now)
    given = list(own.order_by("pk"))
    if given:
        facts = {"source": given[0].source.code, "file": what, "dispatches": [each.pk for each in given]}
        record("exchange.dispatch_opened", actor=actor, subject=_subject_of(given), facts=facts)
    return given


def _subject_of(dispatches: Sequence[Dispatch]) -> Dispatch | Subject:
    first, last = dispatches[0], dispatches[-1]
    if first == last:
        return first
    label = f"{first.source.name} 回送 {len(dispatches)} 份"
    return Subject("exchange.dispatch", f"{first.pk}-{last.pk}", label)


@unit_of_work
def note_undeliverable(*, actor: Actor, dispatch_id: int) -> None:
    """Every try to push it failed; it can still be fetched."""
    Dispatch.objects.filter(pk=dispatch_id, state=DispatchState.READY).update(state=DispatchState.FAILED)


@unit_of_work
def answer_dispatch(*, actor: Actor, dispatch_id: int, outcome: str, reason: str = "") -> Dispatch:
    """Note that the department took a dispatch or sent it back; the same answer again changes nothing.

    For a system with the scope acknowledge, and for whoever may deliver for the department. Raises Denied, and
    Refused for an unknown answer (K21), for sending back without a reason (K22) or after accepting (K23).
    """
    _require_to_answer(actor)
    dispatch = Dispatch.objects.select_for_update().select_related("source").filter(pk=dispatch_id).first()
    if dispatch is None or not _is_of(actor, dispatch):
        raise Refused([Objection("K24", "没有这份回送，或者它不属于您的部门", next_step="请核对编号")])
    before = next((name for name, state in ANSWERS.items() if state == dispatch.state), "")
    refuse_if(objections_to_answer(outcome, reason, answered=before))
    if before == outcome:
        return dispatch
    dispatch.state, dispatch.answer, dispatch.answered_at = ANSWERS[outcome], reason.strip(), clock.now()
    dispatch.save(update_fields=["state", "answer", "answered_at"])
    facts = {"source": dispatch.source.code, "key": dispatch.key, "outcome": outcome, "reason": dispatch.answer}
    record("exchange.dispatch_answered", actor=actor, subject=dispatch, facts=facts)
    payload = {"dispatch": dispatch.pk, "source": dispatch.source_id, "outcome": outcome}
    outbox.put("exchange.dispatch_answered", key=dispatch.pk, payload=payload)
    return dispatch


def _require_to_answer(actor: Actor) -> None:
    if isinstance(actor, SystemOf):
        if ACKNOWLEDGE not in actor.token.scopes:
            raise Refused([Objection("K06", "密钥没有“提交回执”的范围", next_step="请向编办申请含此范围的密钥")])
        return
    require(actor, DELIVER)


def _is_of(actor: Actor, dispatch: Dispatch) -> bool:
    if isinstance(actor, SystemOf):
        return dispatch.source_id == actor.source_id
    return dispatch.source.department in departments_of(actor)
