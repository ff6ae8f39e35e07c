"""What each kind of job does."""

from collections.abc import Callable, Mapping
from typing import Any

from bianzhi.common.jobs.context import JobContext

Handler = Callable[[JobContext], Mapping[str, Any] | None]

_handlers: dict[str, Handler] = {}


def job(kind: str) -> Callable[[Handler], Handler]:
    """Register a function as the handler of a kind of job, e.g. "import.commit"; raises ValueError on a second one."""

    def register(function: Handler) -> Handler:
        if kind in _handlers:
            raise ValueError(f"job handler registered twice: {kind}")
        _handlers[kind] = function
        return function

    return register


def handler_of(kind: str) -> Handler | None:
    """The handler of a kind, None when no installed app has one."""
    return _handlers.get(kind)
