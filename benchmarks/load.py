"""The office at work: its ten commonest pages at full demo size with a tenth of writes, against a bare view.

    python -m benchmarks.load [--seconds 60] [--clients 8] [--size full] [--engine sqlite] [--engine postgresql]
                              [--home DIR]

Both engines by default, one after the other: each with a home of its own, the product's server and worker as
`./bianzhi start` starts them, everybody signed in, writes through the pages that people use. The peer is a Django view
without middleware, policies or frame that shows 20 rows of the same table, served by the same server with the same
number of clients in the same run. The clients share the processors with what they measure.
"""

import argparse
import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.load_clients import PAGES, WRITES, Sample, run_office, run_peer
from benchmarks.load_platform import Platform
from tests import postgres

PEER_SECONDS = 15.0
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def database(engine: str) -> Iterator[str]:
    """The address of an empty database that keeps what it acknowledged; "" for SQLite."""
    if engine == "sqlite":
        yield ""
        return
    for name in DURABLE:
        postgres.UNSAFE_BUT_QUICK.pop(name, None)
    with postgres.throwaway_cluster() as url:
        yield url


def row(name: str, found: list[Sample], seconds: float) -> str:
    """One line of the table."""
    times = sorted(sample.seconds * 1000 for sample in found)
    if not times:
        return f"{name:<26}{0:>8}"
    p95, p99 = times[int(len(times) * 0.95)], times[int(len(times) * 0.99)]
    figures = f"{len(times):>8}{len(times) / seconds:>9.1f}{statistics.median(times):>9.0f}{p95:>8.0f}{p99:>8.0f}"
    return f"{name:<26}{figures}{times[-1]:>9.0f}"


def measure(engine: str, options: argparse.Namespace) -> int:
    """One engine from an empty home to its table; returns how many answers were wrong."""
    with database(engine) as url, Platform(url, options.home if engine == "sqlite" else None) as platform:
        platform.prepare(options.size, options.clients)
        with platform.served() as address:
            left = platform.wait_until_idle(address)
            samples = run_office(address, clients=options.clients, seconds=options.seconds)
        with platform.served(peer=True) as address:
            peer = run_peer(address, clients=options.clients, seconds=min(PEER_SECONDS, options.seconds))
    wrong = [sample for sample in samples if not sample.is_good]
    print(f"\n{engine}: {options.clients} clients, {options.seconds:.0f} s, load {os.getloadavg()[0]:.1f}; {left}")
    print(f"{'':<26}{'n':>8}{'per s':>9}{'p50 ms':>9}{'p95':>8}{'p99':>8}{'max':>9}")
    for name in [*PAGES, "form of a draft", *WRITES]:
        print(row(name, [sample for sample in samples if sample.name == name], options.seconds))
    pages = [sample for sample in samples if sample.name not in WRITES]
    print(row("all pages", pages, options.seconds))
    print(row("all writes", [sample for sample in samples if sample.name in WRITES], options.seconds))
    print(row("peer: bare view, 20 rows", peer, min(PEER_SECONDS, options.seconds)))
    for sample in wrong[:5]:
        print(f"  wrong answer: {sample.name} {sample.status}")
    print(f"  errors: {len(wrong)} of {len(samples)}")
    return len(wrong)


def main() -> None:
    """Measure and print; exit 1 when any answer was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--size", default="full")
    parser.add_argument("--engine", action="append", choices=("sqlite", "postgresql"))
    parser.add_argument("--home", type=Path, help="a home for SQLite that is kept, and used again")
    options = parser.parse_args()
    if sum(measure(engine, options) for engine in options.engine or ("sqlite", "postgresql")):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
