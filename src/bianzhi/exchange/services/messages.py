"""Taking what departments decide, message by message: the same one twice is one, and gets the same answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.exchange.models import Change, Message
from bianzhi.exchange.rules.messages import (
    digest_of_message,
    is_another,
    objections_to_message,
    remark_on_order,
)
from bianzhi.exchange.services.changes import take_message_change
from bianzhi.exchange.services.dispatches import locked_sources
from bianzhi.kernel.objections import Refused, refuse_if

REASON_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came; `sha256` is what its sender computed."""

    kind: str
    message_id: str
    seq: int
    payload: Mapping[str, Any]
    sha256: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A message with its answer."""

    message: Message
    is_repeated: bool


@unit_of_work
def take_message(*, actor: Actor, today: date, source_id: int, incoming: Incoming) -> Taken:
    """Take a message of a source, once. One the register cannot follow is kept as 已退回, with the reason.

    Raises Refused, and keeps nothing, when the digest is not of the content (K11), the department does not decide such
    things (K12) or the number was used for something else (K13).
    """
    (source,) = locked_sources([source_id])
    known = Message.objects.filter(source=source, message_id=incoming.message_id).first()
    computed = digest_of_message(incoming.kind, incoming.message_id, incoming.seq, incoming.payload)
    if known is not None and known.sha256 != computed:
        raise Refused([is_another(incoming.message_id)])
    refuse_if(objections_to_message(incoming.kind, source.department, computed=computed, told=incoming.sha256))
    if known is not None:
        return Taken(known, is_repeated=True)
    message = Message.objects.create(
        source=source,
        message_id=incoming.message_id,
        seq=incoming.seq,
        kind=incoming.kind,
        sha256=computed,
        payload=dict(incoming.payload),
    )
    message.change, message.state, message.reason = _followed(actor, today, message)
    message.save(update_fields=["change", "state", "reason"])
    facts = {
        "source": source.code,
        "kind": message.kind,
        "seq": message.seq,
        "sha256": computed,
        "state": message.state,
    }
    record("exchange.message_received", actor=actor, subject=message, facts=facts)
    payload = {"message": message.pk, "source": source.pk, "kind": message.kind, "state": message.state}
    outbox.put("exchange.message_received", key=message.pk, payload=payload)
    return Taken(message, is_repeated=False)


def _followed(actor: Actor, today: date, message: Message) -> tuple[Change | None, str, str]:
    """The change the message makes, or why it makes none."""
    try:
        return take_message_change(actor=actor, message=message, today=today), "accepted", ""
    except Refused as refusal:
        return None, "rejected", str(refusal)[:REASON_LENGTH]


def remark_of(message: Message) -> str:
    """What the sender was told of the order when the message came."""
    before = Message.objects.filter(source_id=message.source_id, pk__lt=message.pk)
    return remark_on_order(message.seq, before.aggregate(highest=Max("seq"))["highest"])
