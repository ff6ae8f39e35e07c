"""Unit page, roster list, ledger as of a past day and report T03: time and queries at full and small size.

    python -m benchmarks.pages

The peer is the same page on the small district: constant query counts show as equal numbers, and the ratio says what
twelve times the data costs.
"""

import json
import os
import subprocess
import sys
from datetime import date, timedelta

PAGES = {
    "workbench": "/",
    "unit page": "/organizations/{unit}/",
    "roster list, page 1": "/personnel/people/",
    "roster list, last page": "/personnel/people/?page=9999",
    "roster a year ago": "/personnel/people/?date={past}",
    "ledger list": "/ledger/",
    "ledger statement a year ago": "/ledger/statement/{unit}/?date={past}",
    "report T03": "/reports/t03/",
}
RUNS = 5


def measure(size: str) -> dict[str, tuple[float, int]]:
    """Median seconds and number of queries of each page, in a process and a database of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.pages", "--size", size],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "BIANZHI_DEBUG": "0"},
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return {page: (seconds, queries) for page, (seconds, queries) in json.loads(done.stdout.splitlines()[-1]).items()}


def measured_here(size: str) -> dict[str, tuple[float, int]]:
    """Load a district and ask for every page as the director."""
    from benchmarks.database import throwaway

    with throwaway():
        from benchmarks.pages_parts import biggest_bureau, load, median_of

        load(size)
        places = {"unit": biggest_bureau(), "past": (date.today() - timedelta(days=365)).isoformat()}
        return {page: median_of(path.format(**places), RUNS) for page, path in PAGES.items()}


def main() -> None:
    """Print the table, or, in the child process, the figures of one size."""
    if "--size" in sys.argv:
        print(json.dumps(measured_here(sys.argv[-1])))
        return
    small, full = measure("small"), measure("full")
    print(f"{'page':<30}{'full':>10}{'small':>10}{'ratio':>8}{'queries full':>14}{'small':>8}")
    for page in PAGES:
        (own, queries), (peer, fewer) = full[page], small[page]
        print(f"{page:<30}{own * 1000:>8.0f} ms{peer * 1000:>7.0f} ms{own / peer:>7.1f}×{queries:>14}{fewer:>8}")


if __name__ == "__main__":
    main()
