"""When a mail that could not be sent is tried again, and when it is given up."""

from datetime import datetime, timedelta
from typing import Final

PAUSES: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=4),
)
"""After the first, second … failure; there are no more attempts after the last pause."""
MOST_ATTEMPTS: Final = len(PAUSES) + 1


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many attempts; None when it is given up. Raises ValueError before the first one."""
    if attempts < 1:
        raise ValueError(f"no attempt was made yet: {attempts}")
    return now + PAUSES[attempts - 1] if attempts < MOST_ATTEMPTS else None
