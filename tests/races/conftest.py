"""Many writers at once, each a thread with a connection of its own, on real transactions."""

import gc
import json
import os
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import pytest
from django.db import IntegrityError, OperationalError, connection, connections

from bianzhi.kernel.objections import Refused
from bianzhi.ledger.services import allot
from bianzhi.organizations.models import Organization
from tests.cast import Cast, assemble, make_unit

Attempt = Callable[[], object]


@dataclass(frozen=True)
class Size:
    """How large a race is: the full one is what the issue asks for."""

    writers: int
    units: int
    seats: int
    attempts: int

    @property
    def vacancies(self) -> int:
        return self.units * self.seats


SMALL = Size(writers=12, units=4, seats=5, attempts=96)
FULL = Size(writers=48, units=20, seats=10, attempts=960)
THOUSAND = Size(writers=48, units=20, seats=10, attempts=1_000)
PROCESSES = 4


@pytest.fixture(params=[SMALL, pytest.param(FULL, marks=pytest.mark.slow)], ids=["small", "full"])
def size(request: pytest.FixtureRequest) -> Size:
    chosen: Size = request.param
    return chosen


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


@pytest.fixture
def units(cast: Cast, size: Size) -> list[Organization]:
    """So many units with so many A1 each."""
    found = []
    for number in range(size.units):
        unit = make_unit(
            actor=cast.office,
            code=f"R{number:03d}",
            name=f"测试区第{number}单位",
            document=cast.document,
            org_type="31",
            rank="141",
        )
        allot(actor=cast.office, basis=cast.basis(), organization_id=unit.pk, amounts={"A1": size.seats})
        found.append(unit)
    return found


def race(attempts: Sequence[Attempt], writers: int) -> Counter[str]:
    """Let so many writers work the attempts off together; counts what came of each.

    "granted", the codes of a refusal, or "IntegrityError". Anything else that is raised fails the test: a deadlock is
    no refusal.
    """
    waiting: SimpleQueue[Attempt] = SimpleQueue()
    for attempt in attempts:
        waiting.put(attempt)
    outcomes: SimpleQueue[str] = SimpleQueue()
    start = threading.Barrier(writers)

    def write() -> None:
        try:
            start.wait()
            while True:
                outcomes.put(_outcome(waiting.get_nowait()))
        except Empty:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(writers)]
    with _no_collection():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    counted: Counter[str] = Counter()
    while not outcomes.empty():
        counted[outcomes.get()] += 1
    failures = [outcome for outcome in counted if outcome.startswith("Traceback")]
    assert not failures, failures[0]
    assert counted.total() == len(attempts)
    return counted


def race_in_processes(attempts: Sequence[Attempt], writers: int) -> Counter[str]:
    """The same with the writers spread over several processes, as where more than one server writes to a database."""
    connections.close_all()
    pipes = [_forked(attempts[number::PROCESSES], writers // PROCESSES) for number in range(PROCESSES)]
    counted: Counter[str] = Counter()
    for child, pipe in pipes:
        with os.fdopen(pipe, "rb") as stream:
            told = json.loads(stream.read() or b"{}")
        os.waitpid(child, 0)
        assert "failed" not in told, told["failed"]
        counted += Counter(told)
    assert counted.total() == len(attempts)
    return counted


def _forked(attempts: Sequence[Attempt], writers: int) -> tuple[int, int]:
    """A child that races its share and writes what came of it into the pipe."""
    readable, writable = os.pipe()
    child = os.fork()
    if child:
        os.close(writable)
        return child, readable
    try:
        told = json.dumps(race(attempts, writers))
    except BaseException:  # noqa: BLE001 (the parent tells it)
        told = json.dumps({"failed": traceback.format_exc()})
    os.write(writable, told.encode()[:60_000])
    os._exit(0)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector away from SQLite cursors of other threads.

    Collecting one resets its statement, which waits for that thread's connection; and that one may be waiting, up to
    the busy timeout of 20 s, for the very writer in whose thread the collector runs.
    """
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _outcome(attempt: Attempt) -> str:
    while True:
        try:
            attempt()
        except Refused as refused:
            return "+".join(sorted(set(refused.codes)))
        except IntegrityError:
            return "IntegrityError"
        except OperationalError as error:
            if "database is locked" not in str(error):
                return traceback.format_exc()
            continue  # SQLite lets one writer in at a time and is not fair: who waited 20 s in vain asks again
        except Exception:  # noqa: BLE001 (whatever it is, the test shows it)
            return traceback.format_exc()
        return "granted"
