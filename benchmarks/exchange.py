"""The hub against the least it could cost and against its peers, all in one run.

    python -m benchmarks.exchange [--people N] [--rows N] [--workbook N] [--rounds N] [--seed N] [--noise X]
                                  [--folder DIR] [--no-splink]

Steps run one after another, each in a process of its own, in rounds (A B C A B C …); ratios are of one round, the
median of them is shown, by the clock and of processor time, which a busy machine disturbs less. Links are scored
against the truth of the generated rosters; `./bianzhi exchange evaluate DIR` scores everything else.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.exchange_data import FIRST, SECOND, rosters, shuffled, snapshots, workbook


@dataclass(slots=True)
class Measured:
    """Seconds of each step by round (by the clock, and of the processors), and the most memory it had."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    processor: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    megabytes: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def take(self, label: str, step: str, *arguments: object) -> None:
        """Run a step in its own process and keep what it cost."""
        command = [sys.executable, "-m", "benchmarks.exchange_steps", step, *map(str, arguments)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        result = json.loads(done.stdout.splitlines()[-1])
        self.seconds[label].append(result["seconds"])
        self.processor[label].append(result["processor"])
        self.megabytes[label] = max(self.megabytes[label], result["megabytes"])


def ratio(costs: dict[str, list[float]], label: str, against: str) -> float:
    """Median over the rounds both have; a step that ran once stands against the first round."""
    return median(own / other for own, other in zip(costs[label], costs[against], strict=False))


ROWS = (
    ("Parquet → links", "links", "scan of the linked columns", "scan linked", "≤ 12"),
    ("the same, rows in no order", "links mixed", "scan of the linked columns", "scan mixed", "≤ 12"),
    ("Parquet → links", "links", "Splink 5 on everything", "splink", "≤ 0.167"),
    ("whole run, findings too", "run", "scan of all columns", "scan all", ""),
    ("the month after, findings and events too", "month", "scan of all columns", "scan month", "≤ 4"),
    ("difference of two snapshots", "difference", "scan of both", "scan snapshots", "≤ 2.5"),
    (".xlsx → validated Parquet", "read", "openpyxl read-only", "openpyxl", "≤ 0.125"),
)


def measure(options: argparse.Namespace, folder: Path) -> Measured:
    """All steps in rounds."""
    made = rosters(folder, people=options.people, seed=options.seed, noise=options.noise)
    mixed = shuffled(made, FIRST)
    before, after = snapshots(folder, rows=options.rows)
    book = workbook(folder, rows=options.workbook, seed=options.seed)
    measured = Measured()
    for number in range(options.rounds):
        out = folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        measured.take("scan linked", "scan", made, FIRST, "linked")
        measured.take("links", "link", made, FIRST, out / "links")
        measured.take("scan mixed", "scan", mixed, FIRST, "linked")
        measured.take("links mixed", "link", mixed, FIRST, out / "mixed")
        if number == 0 and not options.no_splink:
            measured.take("splink", "splink", made, FIRST, out / "splink")
            quality("Splink on everything", out / "splink" / "links.parquet", made / FIRST)
        measured.take("scan all", "scan", made, FIRST, "all")
        measured.take("run", "run", made, FIRST, out / "first")
        measured.take("scan month", "scan", made, SECOND, "all")
        measured.take("month", "run", made, SECOND, out / "second", out / "first")
        measured.take("scan snapshots", "snapshot_scan", before, after)
        measured.take("difference", "difference", before, after)
        measured.take("read", "read", book, out / "read")
        measured.take("openpyxl", "openpyxl", book)
        if number == 0:
            quality("this hub", out / "links" / "links.parquet", made / FIRST)
    return measured


def quality(who: str, links: Path, month: Path) -> None:
    """Pairs found against the truth."""
    import duckdb

    from bianzhi.reconciliation.evaluate import linking

    with duckdb.connect() as con:
        linking.prepare(con, str(links), str(month / "truth" / "truth.parquet"))
        score, wrong = linking.pairs(con, "auto"), linking.wrong_merges(con)
    print(f"{who}: P {score.precision:.6f}  R {score.recall:.6f}  F1 {score.f1:.6f}  wrongly merged records {wrong}")


def print_table(measured: Measured, options: argparse.Namespace) -> None:
    """One line a comparison, in the form of docs/performance.md."""
    print(f"\n4 × {options.people:,} people, seed {options.seed}, noise {options.noise:g}; {options.rounds} rounds\n")
    print("Seconds and ratios: by the clock, and of processor time in brackets.\n")
    print("| what | seconds | against | seconds | ratio | target | peak memory |")
    print("|---|---|---|---|---|---|---|")
    for what, step, peer_name, peer, target in ROWS:
        if not measured.seconds[step] or not measured.seconds[peer]:
            continue
        both = (measured.seconds, measured.processor)
        own, other = ("{:.2f} ({:.2f})".format(*(median(costs[label]) for costs in both)) for label in (step, peer))
        ratios = "{:.2f} ({:.2f})".format(*(ratio(costs, step, peer) for costs in both))
        memory = f"{measured.megabytes[step]:,.0f} MB"
        print(f"| {what} | {own} | {peer_name} | {other} | {ratios} | {target} | {memory} |")
    if measured.megabytes["splink"]:
        print(f"\nSplink's peak memory: {measured.megabytes['splink']:,.0f} MB")


def main() -> None:
    """Measure at the sizes asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000, help="people of the rosters")
    parser.add_argument("--rows", type=int, default=200_000, help="rows of each snapshot")
    parser.add_argument("--workbook", type=int, default=5_000, help="people of the workbook")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noise", type=float, default=1.0)
    parser.add_argument("--folder", type=Path, help="where the data is made and kept; a temporary folder otherwise")
    parser.add_argument("--no-splink", action="store_true")
    options = parser.parse_args()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        print_table(measure(options, options.folder), options)
        return
    with tempfile.TemporaryDirectory() as folder:
        print_table(measure(options, Path(folder)), options)


if __name__ == "__main__":
    main()
