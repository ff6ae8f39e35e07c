"""Doing a reorganisation only if it does what was shown, or only to see what it would do."""

from collections.abc import Callable

from bianzhi.audit.rehearsal import carried_out_if, rehearsed
from bianzhi.organizations.models import ReorganizationEvent
from bianzhi.personnel.selectors.reorganizations import Consequences, consequences


def rehearse(act: Callable[[], ReorganizationEvent]) -> Consequences:
    """What a reorganisation would do. Raises Refused as the act does."""
    return rehearsed(lambda: consequences(act()))


def carry_out_as_shown(
    act: Callable[[], ReorganizationEvent], shown: str
) -> tuple[ReorganizationEvent | None, Consequences]:
    """Carry out a reorganisation if its consequences are those shown (by their digest); else undo it, giving None.

    Somebody may have moved people or quota of the units since they were shown. Raises Refused as the act does.
    """

    def told() -> tuple[ReorganizationEvent, Consequences]:
        event = act()
        return event, consequences(event)

    is_done, (event, found) = carried_out_if(told, lambda each: each[1].digest == shown)
    return (event if is_done else None), found
