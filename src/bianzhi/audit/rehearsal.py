"""Acts tried without being done: every lock is taken, every rule asked, what it would do is read, and it is undone."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from bianzhi.audit.unit_of_work import unit_of_work

T = TypeVar("T")


class _Undone(Exception):
    """Takes what was read out of the unit of work that is rolled back."""

    def __init__(self, told: Any) -> None:
        super().__init__()
        self.told = told


def rehearsed(act: Callable[[], T]) -> T:
    """What an act returns when it is carried out with all it needs and wholly undone: no row, no number, no record.

    It reads what is to be known of its work before it returns. What it raises goes through.
    """
    return carried_out_if(act, lambda _: False)[1]


def carried_out_if(act: Callable[[], T], agreed: Callable[[T], bool]) -> tuple[bool, T]:
    """Carry out an act as one unit of work and keep it only if what it returns is agreed to; whether it was, and that.

    So what is done is what was shown, whoever changed the register since. What the act raises goes through.
    """
    try:
        return True, _tried(act, agreed)
    except _Undone as undone:
        return False, cast("T", undone.told)


@unit_of_work
def _tried(act: Callable[[], T], agreed: Callable[[T], bool]) -> T:
    told = act()
    if not agreed(told):
        raise _Undone(told)
    return told
