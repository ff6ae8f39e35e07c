"""Putting news in the outbox; delivery is the worker's job (`common.jobs.delivery`)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from bianzhi.common.models import OutboxMessage


def put(topic: str, *, key: object, payload: Mapping[str, Any]) -> OutboxMessage:
    """Write one message in the current transaction.

    Raises RuntimeError outside a transaction, where news could outlive a change that failed.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"outbox message outside a transaction: {topic}")
    return OutboxMessage.objects.create(topic=topic, key=str(key), payload=dict(payload))
