"""Addresses to which a department's dispatches are pushed, and the tries to do so: each noted before it is made."""

import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Max, Q

from bianzhi.accounts.policies import require
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.exchange.models import Dispatch, DispatchState, Source, Webhook, WebhookAttempt
from bianzhi.exchange.rules.webhooks import MOST_TRIES, next_try, objections_to_secret, objections_to_url
from bianzhi.exchange.services.dispatches import note_fetched, note_undeliverable
from bianzhi.exchange.services.tokens import CONFIGURE
from bianzhi.kernel.digests import canonical_json
from bianzhi.kernel.objections import Objection, Refused, refuse_if

LOOKED_AT: Final = 200
"""So many waiting dispatches of an address are looked at for one that is due."""
ERROR_LENGTH: Final = 200


@unit_of_work
def register_webhook(*, actor: Actor, source_id: int, url: str, secret_name: str) -> Webhook:
    """Push a source's dispatches to an address from now on.

    Raises Refused for an address that is none (K31), unencrypted (K32) or inside (K33), and for a key that may not be
    used (K34) or is not set (K35); K36 when the source is not in use, K37 when it has an address in use already.
    """
    require(actor, CONFIGURE)
    source = Source.objects.select_for_update().filter(pk=source_id, is_active=True).first()
    if source is None:
        raise Refused([Objection("K36", "这个数据来源不存在或已停用", next_step="请选择启用中的来源")])
    refuse_if(
        [
            *objections_to_url(url, settings.WEBHOOK_HOSTS),
            *objections_to_secret(secret_name, secret_in(secret_name)),
        ]
    )
    _refuse_second(source.pk)
    webhook = Webhook.objects.create(source=source, url=url, secret_name=secret_name, created_by_id=actor.pk)
    facts = {"source": source.code, "url": url, "secret_name": secret_name}
    record("exchange.webhook_registered", actor=actor, subject=webhook, facts=facts, wrote=[webhook])
    return webhook


@unit_of_work
def switch_webhook(*, actor: Actor, webhook_id: int, active: bool) -> Webhook:
    """Begin or stop to push to an address; what it is already is left. Raises Refused (K37) for a second one."""
    require(actor, CONFIGURE)
    webhook = Webhook.objects.get(pk=webhook_id)
    Source.objects.select_for_update().get(pk=webhook.source_id)
    webhook = Webhook.objects.select_for_update().get(pk=webhook_id)
    if webhook.is_active != active:
        if active:
            _refuse_second(webhook.source_id)
        webhook.is_active = active
        webhook.save(update_fields=["is_active"])
        facts = {"url": webhook.url, "is_active": active}
        record("exchange.webhook_switched", actor=actor, subject=webhook, facts=facts, wrote=[webhook])
    return webhook


def _refuse_second(source_id: int) -> None:
    """What one address has taken counts as arrived, so a second one would miss it."""
    other = Webhook.objects.filter(source=source_id, is_active=True).first()
    if other is not None:
        raise Refused([Objection("K37", f"这个来源正在推送到 {other.url}", next_step="请先停用原来的地址")])


@unit_of_work
def claim_push(*, actor: Actor, webhook_id: int, now: datetime) -> WebhookAttempt | None:
    """Note the next try that is due, before it is made; None when nothing is, or the source is out of use.

    The address is locked meanwhile: of two workers each makes a try of its own. One whose worker disappeared counts
    as a failed one, and the next is due after its pause.
    """
    in_use = Webhook.objects.filter(is_active=True, source__is_active=True)
    webhook = in_use.select_for_update(of=("self",)).filter(pk=webhook_id).first()
    if webhook is None:
        return None
    mine = Q(attempts__webhook=webhook)
    waiting = Dispatch.objects.filter(source_id=webhook.source_id, state=DispatchState.READY).annotate(
        tries=Count("attempts", filter=mine), last=Max("attempts__tried_at", filter=mine)
    )
    for dispatch_id, tries, last in waiting.order_by("pk").values_list("pk", "tries", "last")[:LOOKED_AT]:
        if _is_due(tries, last, now):
            return WebhookAttempt.objects.create(
                webhook=webhook, dispatch_id=dispatch_id, number=tries + 1, tried_at=now
            )
    return None


def _is_due(tries: int, last: datetime | None, now: datetime) -> bool:
    if last is None:
        return True
    again = next_try(tries, last)
    return again is not None and again <= now


@unit_of_work
def note_push(*, actor: Actor, attempt_id: int, status: int | None, error: str, now: datetime) -> bool:
    """Note how a try ended; returns whether the receiver took it (an answer of 2xx)."""
    attempt = WebhookAttempt.objects.select_related("dispatch").get(pk=attempt_id)
    attempt.status, attempt.error = status, error[:ERROR_LENGTH]
    attempt.save(update_fields=["status", "error"])
    if status is not None and 200 <= status < 300:
        note_fetched(actor=actor, dispatch_ids=[attempt.dispatch_id], now=now)
        return True
    if attempt.number >= MOST_TRIES:
        note_undeliverable(actor=actor, dispatch_id=attempt.dispatch_id)
    return False


@dataclass(frozen=True, slots=True)
class Letter:
    """What is posted, with the headers by which its receiver knows it is ours and fresh."""

    body: bytes
    headers: dict[str, str]


def letter_of(attempt: WebhookAttempt, now: datetime) -> Letter:
    """The dispatch as the interface tells it, signed with the address's key and the time."""
    dispatch = attempt.dispatch
    body = canonical_json(told_of(dispatch)).encode()
    stamp = str(int(now.timestamp()))
    digest = hmac.new(secret_in(attempt.webhook.secret_name).encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    return Letter(
        body,
        {
            "Content-Type": "application/json",
            "User-Agent": "bianzhi",
            "X-Bianzhi-Dispatch": str(dispatch.pk),
            "X-Bianzhi-Attempt": str(attempt.number),
            "X-Bianzhi-Timestamp": stamp,
            "X-Bianzhi-Signature": f"v1={digest.hexdigest()}",
        },
    )


def told_of(dispatch: Dispatch) -> dict[str, Any]:
    """A dispatch in the words of the interface."""
    return {
        "id": dispatch.pk,
        "kind": dispatch.kind,
        "key": dispatch.key,
        "created_at": dispatch.created_at,
        "payload": dispatch.payload,
        "files": dispatch.files,
        "sha256": dispatch.sha256,
        "signature": dispatch.signature,
    }


def secret_in(name: str) -> str:
    """The key in an environment variable of the server; "" when it is not set."""
    return os.environ.get(name, "")
