"""What user administration does by itself every day."""

from datetime import date
from typing import Any

from bianzhi.accounts.services.changes import expire_due
from bianzhi.audit.actors import System


def end_expired(today: date) -> dict[str, Any]:
    """End the proposals nobody confirmed in time."""
    return {"expired": expire_due(actor=System("账号变更"))}
