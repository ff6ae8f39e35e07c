"""One step of the hub's benchmark in a process of its own, so that its memory is its own: prints one JSON object.

python -m benchmarks.exchange_steps STEP ARGUMENTS…  (called by benchmarks.exchange)
"""

import json
import re
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from benchmarks.exchange_data import FIRST, SECOND, SNAPSHOT_COLUMNS, canonical

MEMORY = "2GB"
LINKED = ("id_number", "name", "birth", "unit", "unit_code")
PERIODS = {"first": FIRST, "second": SECOND}


def peak_megabytes() -> float:
    """The most memory this process has had resident."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


class Cost(NamedTuple):
    """What a piece of work took: by the clock, and of the processors (all threads, finished children too)."""

    seconds: float
    processor: float


def timed(work: Callable[[], object]) -> Cost:
    """The cost of one call."""
    begun, used = time.perf_counter(), _processor()
    work()
    return Cost(time.perf_counter() - begun, _processor() - used)


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def scan(paths: Sequence[Path], columns: Sequence[str]) -> Cost:
    """Read columns of Parquet files and hash every cell: the least that any comparison must do."""
    files = ", ".join(f"'{path}'" for path in paths)
    hashes = ", ".join(columns)
    with duckdb.connect() as con:
        return timed(lambda: con.execute(f"SELECT bit_xor(hash({hashes})) FROM read_parquet([{files}])").fetchall())


def step_scan(made: str, month: str, columns: str) -> Cost:
    """The scan of a month's rosters: `linked` columns, or `all`."""
    from bianzhi.reconciliation.sources import ROSTER_COLUMNS

    chosen = LINKED if columns == "linked" else [name for name in ROSTER_COLUMNS if name not in ("delivery", "row")]
    return scan(canonical(Path(made), month), chosen)


def step_link(made: str, month: str, out: str) -> Cost:
    """Rosters to links, nothing after."""
    from bianzhi.reconciliation import link
    from bianzhi.reconciliation.normalise import LINK_COLUMNS, make_records
    from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine

    Path(out).mkdir(parents=True, exist_ok=True)

    def work() -> None:
        with DuckDBEngine(memory_limit=MEMORY, is_checked=False) as engine:
            engine.load("rosters", canonical(Path(made), month))
            make_records(engine, LINK_COLUMNS)
            link.empty_inputs(engine)
            link.make_links(engine)
            engine.save("links", Path(out) / "links.parquet")

    return timed(work)


def step_run(made: str, month: str, out: str, previous: str = "") -> Cost:
    """A whole comparison: links, identities, findings, events; `previous` is the run of the month before."""
    import pyarrow.parquet as pq

    from bianzhi.reconciliation.running import RunInputs, run
    from bianzhi.reconciliation.sources import DEPARTMENT_CODES
    from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine

    files = dict(zip(DEPARTMENT_CODES, canonical(Path(made), month), strict=True))
    inputs = RunInputs(
        rosters={source: [path] for source, path in files.items()},
        period=month,
        previous=Path(previous) if previous else None,
        quotas=pq.read_table(Path(made) / month / "canonical" / "quotas.parquet"),
    )

    def work() -> None:
        with DuckDBEngine(memory_limit=MEMORY, is_checked=False) as engine:
            run(inputs, Path(out), engine)

    return timed(work)


def step_splink(made: str, month: str, out: str) -> Cost:
    """Splink on everything."""
    from benchmarks.exchange_peer import link_everything

    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    paths = canonical(Path(made), month)
    return timed(lambda: link_everything(paths, folder / "links.parquet", memory="8GB", spill=folder / "spill"))


def step_snapshot_scan(before: str, after: str) -> Cost:
    """Both snapshots read and hashed."""
    return scan([Path(before), Path(after)], SNAPSHOT_COLUMNS)


def step_difference(before: str, after: str) -> Cost:
    """Rows that went and rows that came between two snapshots."""
    from bianzhi.reconciliation.diff import bag_difference
    from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine

    with DuckDBEngine(memory_limit=MEMORY, is_checked=False) as engine:
        engine.load("before", [Path(before)])
        engine.load("after", [Path(after)])
        keep = SNAPSHOT_COLUMNS[:1]
        taken = timed(lambda: bag_difference(engine, "before", "after", SNAPSHOT_COLUMNS, keep=keep))
        print(engine.count("difference_gone"), engine.count("difference_came"), file=sys.stderr)
        return taken


def step_read(workbook: str, out: str) -> Cost:
    """A workbook to a validated roster in Parquet, in the guarded process that deliveries are read in."""
    from bianzhi.reconciliation.reading.folders import read_folder

    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "in").mkdir(exist_ok=True)
    link = folder / "in" / Path(workbook).name
    if not link.exists():
        link.hardlink_to(workbook)
    return timed(lambda: read_folder(folder / "in", folder / "out"))


def step_openpyxl(workbook: str) -> Cost:
    """The same workbook to bare cells with openpyxl's read-only mode."""
    import openpyxl

    def work() -> None:
        book = openpyxl.load_workbook(workbook, read_only=True, data_only=True)
        for sheet in book.worksheets:
            for _ in sheet.iter_rows(values_only=True):
                pass
        book.close()

    return timed(work)


STEPS: dict[str, Callable[..., Cost]] = {
    name.removeprefix("step_"): function for name, function in dict(globals()).items() if name.startswith("step_")
}


if __name__ == "__main__":
    cost = STEPS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({**cost._asdict(), "megabytes": peak_megabytes()}))
