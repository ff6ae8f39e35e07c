"""Every day: cases whose applicant has not rated them in time are closed, each in a transaction of its own."""

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bianzhi.audit.actors import System
from bianzhi.kernel.objections import Refused
from bianzhi.matters.selectors.unrated import unrated_tasks
from bianzhi.matters.services.feedback import close_unrated

log = logging.getLogger(__name__)
ACTOR: Final = System("办件办结")


def close_cases(today: date) -> Mapping[str, Any]:
    """Close what waits for a word that does not come; running it twice changes nothing."""
    return {"closed": sum(_closed(pk, today) for pk in unrated_tasks(today))}


def _closed(task_id: int, today: date) -> bool:
    """Whether it was. A case that cannot go on stops no other, and is tried again the next day."""
    try:
        close_unrated(actor=ACTOR, task_id=task_id, today=today)
    except Refused as refusal:
        log.warning("task %s is not closed unrated: %s", task_id, refusal)
        return False
    return True
