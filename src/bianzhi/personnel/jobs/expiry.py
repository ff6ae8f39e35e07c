"""Every day: slots whose slip has ended lapse and give their place back."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bianzhi.audit.actors import System
from bianzhi.personnel.services.slots import expire_due_slots


def expire_slots(today: date) -> Mapping[str, Any]:
    """Let due slots lapse; running it twice changes nothing."""
    return {"expired": len(expire_due_slots(actor=System("名额过期"), today=today))}
