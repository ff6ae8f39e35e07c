"""A writer beside the test, with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from django.db import connections

PATIENCE = 15.0


def another_can(write: Callable[[], object]) -> bool:
    """Whether somebody else comes to the end of a write now."""

    def run() -> None:
        try:
            write()
            done.append(True)
        finally:
            connections.close_all()

    done: list[bool] = []
    writer = Thread(target=run)
    writer.start()
    writer.join(PATIENCE)
    return bool(done)
