"""How far an alert nobody answers has climbed: reminded, then told to the audit administrators and the director."""

from datetime import datetime, timedelta
from enum import IntEnum


class Rung(IntEnum):
    """Whom an alert has reached."""

    RAISED = 0
    REMINDED = 1
    ESCALATED = 2

    @property
    def label(self) -> str:
        """The word on the page."""
        return {0: "已告警", 1: "已催办", 2: "已上报"}[self.value]


def rung_due(raised_at: datetime, now: datetime, *, remind_minutes: int, escalate_minutes: int) -> Rung:
    """The rung an unacknowledged alert should have reached by now."""
    waited = now - raised_at
    if waited >= timedelta(minutes=escalate_minutes):
        return Rung.ESCALATED
    return Rung.REMINDED if waited >= timedelta(minutes=remind_minutes) else Rung.RAISED
