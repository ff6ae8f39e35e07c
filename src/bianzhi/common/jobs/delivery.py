"""Delivering outbox messages to the subscribers named in `config.subscriptions`, at least once each.

A message and what its subscribers write are one transaction: either all heard it, or nobody did and it is tried again.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from bianzhi.common.models import OutboxMessage
from bianzhi.common.tracing import on_behalf_of

log = logging.getLogger(__name__)

BATCH: Final = 200
PAGE: Final = 1_000
MAX_ATTEMPTS: Final = 10
LONGEST_PAUSE: Final = 600.0

_not_before: Final[dict[int, float]] = {}
"""When a message that failed may be tried again, on the monotonic clock of this worker."""


def deliver_waiting() -> int:
    """Deliver what waits, oldest first; returns how many messages reached subscribers.

    News nobody subscribes to is done with at once: a loaded district leaves tens of thousands of them.
    """
    waiting = OutboxMessage.objects.filter(delivered_at__isnull=True, attempts__lt=MAX_ATTEMPTS).order_by("id")
    unheard = waiting.exclude(topic__in=list(settings.SUBSCRIPTIONS))
    if unheard.exists():
        unheard.order_by().update(delivered_at=timezone.now())
    _end_pauses()
    return sum(_traced(pk) for pk in list(islice(_due(waiting), BATCH)))


def _end_pauses() -> None:
    now = time.monotonic()
    for pk in [pk for pk, until in _not_before.items() if until <= now]:
        del _not_before[pk]


def _due(waiting: QuerySet[OutboxMessage]) -> Iterator[int]:
    """What waits, without what pauses: however many fail, they take no place of others in a round."""
    last = 0
    while page := list(waiting.filter(pk__gt=last).values_list("pk", flat=True)[:PAGE]):
        yield from (pk for pk in page if pk not in _not_before)
        last = page[-1]


def _traced(pk: int) -> bool:
    with on_behalf_of(f"message-{pk}"):
        return _deliver(pk)


def _deliver(pk: int) -> bool:
    subscriptions: Mapping[str, Sequence[str]] = settings.SUBSCRIPTIONS
    try:
        with transaction.atomic():
            rows = OutboxMessage.objects.select_for_update(skip_locked=_can_skip())
            message = rows.filter(pk=pk, delivered_at__isnull=True).first()
            if message is None:
                return False
            for path in subscriptions.get(message.topic, ()):
                import_string(path)(message)
            message.delivered_at = timezone.now()
            message.save(update_fields=["delivered_at"])
    except Exception as error:  # noqa: BLE001 - a subscriber may fail in any way; the message waits and is told of
        _note_failure(pk, error)
        return False
    return True


def _can_skip() -> bool:
    return bool(transaction.get_connection().features.has_select_for_update_skip_locked)


def _note_failure(pk: int, error: Exception) -> None:
    log.warning("outbox message %s was not delivered", pk, exc_info=error)
    message = OutboxMessage.objects.filter(pk=pk).first()
    if message is None:
        return
    message.attempts += 1
    message.last_error = f"{type(error).__name__}: {error}"[:2000]
    _not_before[pk] = time.monotonic() + min(LONGEST_PAUSE, 2.0**message.attempts)
    try:
        message.save(update_fields=["attempts", "last_error"])
    except DatabaseError:
        log.exception("outbox message %s: the failure could not be noted", pk)
