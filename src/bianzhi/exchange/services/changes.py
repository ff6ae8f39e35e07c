"""Recognised changes: what a department tells of one, the case that registers it, or why it is not taken up."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.exchange.models import Change, ChangeKind, ChangeState, Message
from bianzhi.exchange.rules.handling import objections_to_words
from bianzhi.exchange.rules.remedies import SETTLED
from bianzhi.exchange.rules.telling import Told, read_message
from bianzhi.exchange.selectors.prefilling import case_of_change
from bianzhi.exchange.selectors.register import registered_words, unit_called, where_on_quota
from bianzhi.exchange.services.hub_cases import begin_hub_case
from bianzhi.kernel.masking import mask_numbers
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.matters.models import Case
from bianzhi.personnel.models import Person

DECIDE: Final = "exchange.decide"
OPEN: Final = (ChangeState.WAITING, ChangeState.CANDIDATE)
CERTAIN: Final = 1.0
"""A department's own decision about a person whose number and name the register knows."""
LIKELY: Final = 0.9


@unit_of_work
def take_message_change(*, actor: Actor, message: Message, today: date) -> Change:
    """Keep what a department has decided about a person as a candidate change; the same message twice is one.

    A salary that was set belongs to an entry, and changes nothing in the register: it is kept as registered. A change
    a run has recognised before is joined by the message. Raises Refused (X41, X42) for what cannot be read.
    """
    policies.require(actor, "exchange.deliver")
    department = message.source.department
    told = read_message(message.kind, message.payload)
    key = hashlib.sha256(f"{message.source.code}|{message.message_id}".encode()).hexdigest()
    known = Change.objects.filter(key=key).first()
    if known is not None:
        return known
    change = _recognised(told) or Change(key=key, kind=ChangeKind(told.kind), period=f"{today:%Y-%m}")
    _fill(change, told, department, message.payload, today)
    change.save()
    facts = {"kind": change.kind, "source": department, "message": message.message_id, "state": str(change.state)}
    record("exchange.change_taken", actor=actor, subject=change, facts=facts)
    outbox.put("exchange.change_taken", key=change.pk, payload={"change": change.pk, "kind": str(change.kind)})
    return change


def _recognised(told: Told) -> Change | None:
    """The open change of a run that the message is about: same kind, same number."""
    if not told.id_number:
        return None
    rows = Change.objects.select_for_update(of=("self",)).filter(kind=told.kind, state__in=OPEN, run__isnull=False)
    return rows.filter(number_fingerprint=Change.fingerprint(told.id_number)).order_by("-pk").first()


def _fill(change: Change, told: Told, department: str, payload: Mapping[str, Any], today: date) -> None:
    person = Person.objects.with_id_number(told.id_number).first() if told.id_number else None
    is_exact = person is not None and person.name_folded == told.name_key
    if is_exact:
        change.person = person
    change.person_name = change.person_name or mask_numbers(told.name)[:80]
    unit = unit_called(told.unit_code, told.unit, today)
    where = where_on_quota([change.person_id], today) if change.person_id else {}
    if told.kind == ChangeKind.HIRE:
        change.to_organization_id = change.to_organization_id or unit
    elif told.kind == ChangeKind.EXIT:
        change.from_organization_id = where.get(change.person_id or 0) or change.from_organization_id or unit
    change.happened_on = told.happened_on or change.happened_on
    change.sources = sorted({*change.sources, department})
    message = {**change.evidence.get("message", {}), **payload}
    change.evidence = {**change.evidence, **payload, "id_number": told.id_number, "message": message}
    is_certain = unit is not None if told.kind == ChangeKind.HIRE else is_exact
    change.confidence = max(change.confidence, CERTAIN if is_certain else LIKELY)
    words = registered_words(change, where) or ("工资已核定，不需登记" if told.kind == ChangeKind.SALARY else "")
    change.state = ChangeState.REGISTERED if words else ChangeState.CANDIDATE
    change.reason = words


@unit_of_work
def open_change_case(*, actor: Actor, change_id: int, today: date) -> Case:
    """Begin the case that registers a change, filled in for the unit.

    Raises Change.DoesNotExist, Denied, Refused: X35 (settled, or a case is under way), X31–X33 (what `case_of_change`
    says), and as `begin_case` does.
    """
    policies.require(actor, DECIDE)
    change = _open(change_id)
    case = begin_hub_case(
        actor=actor, prefilled=case_of_change(change, today), origin=f"数据核对变动 {change.pk}", today=today
    )
    change.case, change.state = case, ChangeState.CASE
    change.decided_by_id, change.decided_at = actor.pk, timezone.now()
    change.save(update_fields=["case", "state", "decided_by", "decided_at"])
    facts = {"kind": change.kind, "case": case.pk, "matter": case.matter}
    record("exchange.change_case_opened", actor=actor, subject=change, facts=facts)
    outbox.put("exchange.change_case_opened", key=change.pk, payload={"change": change.pk, "case": case.pk})
    return case


@unit_of_work
def dismiss_change(*, actor: Actor, change_id: int, reason: str) -> Change:
    """Say why a recognised change is not taken up. Raises Change.DoesNotExist, Denied, Refused (X35, X02)."""
    policies.require(actor, DECIDE)
    change = _open(change_id)
    refuse_if(objections_to_words(reason))
    change.state, change.reason = ChangeState.DISMISSED, reason.strip()[:200]
    change.decided_by_id, change.decided_at = actor.pk, timezone.now()
    change.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    record("exchange.change_dismissed", actor=actor, subject=change, facts={"kind": change.kind, "reason": reason})
    outbox.put("exchange.change_dismissed", key=change.pk, payload={"change": change.pk})
    return change


def _open(change_id: int) -> Change:
    rows = Change.objects.select_for_update(of=("self",)).select_related("person", "case__instance")
    change = rows.get(pk=change_id)
    if change.state not in OPEN:
        message = f"“{change}”{change.get_state_display()}"
        raise Refused([Objection(SETTLED, message, Severity.BLOCK, {}, "请刷新页面后按当前状态办理")])
    return change
