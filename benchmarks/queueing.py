"""Writers of one process queueing for SQLite's only write lock: by SQLite's own waiting, and first come, first served.

    python -m benchmarks.queueing [WRITERS] [WRITES] [ROUNDS]

Every write is one the office makes: a document registered through its service, with audit record and outbox row. The
peer is Django's stock backend with the product's settings; both take turns in one process and database.
"""

import statistics
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

WRITERS, WRITES, ROUNDS = 8, 20, 3


class Turn:
    """A lock that is given to whoever has waited longest; released by whoever holds it, harmlessly twice."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._holder: int | None = None

    def take(self) -> None:
        with self._guard:
            if self._holder is None:
                self._holder = threading.get_ident()
                return
            mine = threading.Event()
            self._waiting.append(mine)
        mine.wait()
        self._holder = threading.get_ident()

    def leave(self) -> None:
        with self._guard:
            if self._holder != threading.get_ident():
                return
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._holder = None


def fair(turn: Turn) -> Callable[[], None]:
    """Put the queue in front of BEGIN IMMEDIATE; returns what takes it away again."""
    from django.db.backends.sqlite3 import base

    wrapper: Any = base.DatabaseWrapper
    stock = {name: getattr(wrapper, name) for name in ("_start_transaction_under_autocommit", "_commit", "_rollback")}

    def begin(self: Any) -> None:
        turn.take()
        try:
            stock["_start_transaction_under_autocommit"](self)
        except BaseException:
            turn.leave()
            raise

    def ended(name: str) -> Callable[[Any], Any]:
        def end(self: Any) -> Any:
            try:
                return stock[name](self)
            finally:
                turn.leave()

        return end

    wrapper._start_transaction_under_autocommit = begin
    wrapper._commit, wrapper._rollback = ended("_commit"), ended("_rollback")

    def undo() -> None:
        for name, method in stock.items():
            setattr(wrapper, name, method)

    return undo


def measured(writers: int, writes: int, label: str) -> tuple[float, list[float], int]:
    """Seconds in all, seconds of each write in order of length, and how many were refused."""
    from django.db import OperationalError, connections

    from bianzhi.audit.actors import System
    from bianzhi.documents.services import register_document

    times: list[float] = []
    refused: list[int] = []

    def write(number: int) -> None:
        for each in range(writes):
            begun = time.perf_counter()
            with suppress(OperationalError):
                register_document(
                    actor=System("测量"),
                    doc_no=f"云编办〔2026〕{label}{number:03}{each:04}号",
                    issued_on=date(2026, 11, 2),
                    title="关于核增编制的批复",
                    issuer="云江区委编办",
                    issuer_level="office",
                    kind="reply",
                    note="",
                )
                times.append(time.perf_counter() - begun)
                continue
            refused.append(number)
        connections.close_all()

    threads = [threading.Thread(target=write, args=[number]) for number in range(writers)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun, sorted(times), len(refused)


def compare(writers: int, writes: int, rounds: int) -> None:
    """Both in turn, and one line for each."""
    print(f"{'round':<8}{'queue':<8}{'writes/s':>10}{'p50 ms':>9}{'p95':>8}{'p99':>8}{'max':>8}{'refused':>9}")
    for number in range(rounds):
        for name in ("stock", "fair"):
            undo = fair(Turn()) if name == "fair" else None
            total, times, refused = measured(writers, writes, f"{number + 1}{1 if undo else 2}")
            if undo:
                undo()
            p50, p95 = statistics.median(times), times[int(len(times) * 0.95)]
            p99 = times[int(len(times) * 0.99)]
            figures = "".join(f"{figure * 1000:>{width}.0f}" for figure, width in ((p50, 9), (p95, 8), (p99, 8)))
            print(f"{number:<8}{name:<8}{len(times) / total:>10.1f}{figures}{times[-1] * 1000:>8.0f}{refused:>9}")


def main() -> None:
    """In a database of its own."""
    from benchmarks.database import throwaway

    writers, writes, rounds = (*map(int, sys.argv[1:]), *(WRITERS, WRITES, ROUNDS)[len(sys.argv) - 1 :])
    with throwaway():
        compare(writers, writes, rounds)


if __name__ == "__main__":
    main()
