"""On whose behalf this thread works: the number of the request, job or message that every log line carries."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_reference: ContextVar[str] = ContextVar("reference", default="")


def reference() -> str:
    """The number of what is being worked on, e.g. "9f3c…" of a request or "job-17"; "" outside of any."""
    return _reference.get()


def begin(number: str) -> None:
    """From here on this thread works for this number, until it begins something else.

    A request is logged of even after its middleware has ended.
    """
    _reference.set(number)


@contextmanager
def on_behalf_of(number: str) -> Iterator[None]:
    """For the length of the block, log lines carry this number."""
    token = _reference.set(number)
    try:
        yield
    finally:
        _reference.reset(token)
