"""Doing an act only if it does what was shown, or only to see what it would do."""

from collections.abc import Callable

from django.db import transaction

from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.organizations.models import ReorganizationEvent
from bianzhi.personnel.selectors.reorganizations import Consequences, consequences


class _Undone(Exception):
    """Takes what an act would do out of the transaction that is rolled back."""

    def __init__(self, told: Consequences) -> None:
        super().__init__()
        self.told = told


def rehearse(act: Callable[[], ReorganizationEvent]) -> Consequences:
    """Carry out a reorganisation with every lock and rule it has, read what it did, and undo it wholly.

    Raises Refused as the act does.
    """
    try:
        with transaction.atomic():
            raise _Undone(consequences(unit_of_work(act)()))
    except _Undone as undone:
        return undone.told


def carry_out_as_shown(
    act: Callable[[], ReorganizationEvent], shown: str
) -> tuple[ReorganizationEvent | None, Consequences]:
    """Carry out a reorganisation if its consequences are those shown (by their digest); else undo it, giving None.

    Somebody may have moved people or quota of the units since they were shown. Raises Refused as the act does.
    """
    try:
        with transaction.atomic():
            event = unit_of_work(act)()
            told = consequences(event)
            if told.digest != shown:
                raise _Undone(told)
            return event, told
    except _Undone as undone:
        return None, undone.told
