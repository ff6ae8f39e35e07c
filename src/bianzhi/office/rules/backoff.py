"""When a mail that could not be sent is tried again, and when it is given up.

Of a server that cannot be reached no mail is at fault: that costs no attempt, and its age alone ends it.
"""

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
UNREACHABLE_PAUSE: Final = timedelta(minutes=5)
LONGEST_WAIT: Final = timedelta(days=5)
"""How old a mail may grow while no server is there; as long as RFC 5321 (4.5.4.1) lets a queue keep one."""


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many attempts; None when it is given up. Raises ValueError before the first one."""
    if attempts < 1:
        raise ValueError(f"no attempt was made yet: {attempts}")
    return now + PAUSES[attempts - 1] if attempts < MOST_ATTEMPTS else None


def next_connection(created_at: datetime, now: datetime) -> datetime | None:
    """When to try again a mail whose server was not there; None when it has grown too old and is given up."""
    return now + UNREACHABLE_PAUSE if now - created_at < LONGEST_WAIT else None
