"""Opening and closing the secret address of one's own calendar."""

import hashlib
import secrets
from datetime import datetime
from typing import Final

from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.office.models import CalendarFeed

TOKEN_BYTES: Final = 32


def digest_of(token: str) -> str:
    """What is kept of a token. It is random and long: a plain digest cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


@unit_of_work
def open_feed(*, actor: User) -> tuple[CalendarFeed, str]:
    """A new secret address for the actor's calendar; the one before it stops working. Returns the token, once."""
    for before in CalendarFeed.objects.select_for_update().filter(user=actor, revoked_at__isnull=True):
        _revoke(actor, before)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = CalendarFeed.objects.create(user=actor, token_digest=digest_of(token))
    record("office.feed_opened", actor=actor, subject=feed, facts={}, wrote=[feed])
    return feed, token


@unit_of_work
def revoke_feed(*, actor: User) -> CalendarFeed:
    """Stop the actor's subscription. Raises Refused (N30) when there is none."""
    feed = CalendarFeed.objects.select_for_update().filter(user=actor, revoked_at__isnull=True).first()
    if feed is None:
        raise Refused([Objection("N30", "您没有开通日历订阅。")])
    _revoke(actor, feed)
    return feed


def _revoke(actor: Actor, feed: CalendarFeed) -> None:
    feed.revoked_at = timezone.now()
    feed.save(update_fields=["revoked_at"])
    record("office.feed_revoked", actor=actor, subject=feed, facts={}, wrote=[feed])


@unit_of_work
def note_feed_read(*, actor: Actor, feed_id: int, now: datetime) -> None:
    """Note that a calendar program has read the feed, so that its owner sees whether it is still used."""
    CalendarFeed.objects.filter(pk=feed_id).update(last_used_at=now)
