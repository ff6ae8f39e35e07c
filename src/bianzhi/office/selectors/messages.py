"""Reads of messages."""

from typing import Any

from bianzhi.office.models import Message


def unread_count(user: Any) -> int:
    """How many messages the user has not opened; one query by a partial index, asked on every page."""
    return Message.objects.filter(recipient=user, read_at__isnull=True).count()
