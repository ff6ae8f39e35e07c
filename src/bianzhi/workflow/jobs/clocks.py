"""Every minute: timers that are due, reminders up their ladder, tasks of people who left, dates of a new calendar.

Each clock is handled under its case's lock in a transaction of its own: two workers do nothing twice, and one sick
case stops no other.
"""

import logging
from collections.abc import Callable
from datetime import date

from bianzhi.audit.actors import System
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from bianzhi.workflow.selectors.clocks import due_timers, orphaned_tasks, stale_clocks, to_remind
from bianzhi.workflow.services.clocks import fire, free_orphan, recompute, remind

log = logging.getLogger(__name__)
ACTOR = System("时限")


def run_clocks(today: date | None = None) -> dict[str, int]:
    """Handle every clock that asks for it on a day; returns how many of each kind were."""
    day = today or clock.today()
    return {
        "fired": sum(_tried(fire, deadline_id=pk, today=day) for pk in due_timers(day)),
        "reminded": sum(_tried(remind, deadline_id=pk, today=day) for pk in to_remind(day)),
        "released": sum(_tried(free_orphan, task_id=pk, today=day) for pk in orphaned_tasks(day)),
        "recomputed": sum(_tried(recompute, deadline_id=pk, today=day) for pk in stale_clocks(day)),
    }


def _tried(service: Callable[..., bool], **arguments: object) -> int:
    """Whether it was done. A case that cannot go on (its command refuses or fails) keeps its clock for another try."""
    try:
        return int(service(actor=ACTOR, **arguments))
    except Refused as refusal:
        log.warning("%s %s: %s", service.__name__, arguments, refusal)
    except Exception:
        log.exception("%s %s", service.__name__, arguments)
    return 0
