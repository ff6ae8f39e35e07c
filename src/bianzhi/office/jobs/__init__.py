"""What the office app does by itself: sending mail, keeping audiences complete, tidying."""

from datetime import date

from bianzhi.audit.actors import System
from bianzhi.office.services.messages import remove_old_messages
from bianzhi.office.services.notices import complete_audiences


def complete(today: date) -> dict[str, int]:
    """Add new colleagues to the audiences of notices in force."""
    return {"added": complete_audiences(actor=System("通知"), today=today)}


def tidy(today: date) -> dict[str, int]:
    """Remove messages read half a year ago."""
    return {"removed": remove_old_messages(actor=System("消息"), today=today)}
