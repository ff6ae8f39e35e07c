"""One run against one month's truth."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from bianzhi.reconciliation.evaluate import classes, linking
from bianzhi.reconciliation.evaluate.scores import Joined, LanedScore, Score

MILLION = 1_000_000


class NotTheSameRosters(ValueError):
    """The truth is about other files than the run read; the message says so in Chinese."""


@dataclass(frozen=True, slots=True)
class Review:
    """How much a run asks of people: items, and per million persons."""

    pairs: int
    findings: int
    events: int
    persons: int

    @property
    def per_million(self) -> float:
        """Pairs and findings to look at, per million persons; events waiting for a second department are not counted.

        They wait for next month's rosters, not for a person.
        """
        return (self.pairs + self.findings) * MILLION / max(1, self.persons)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything measured about one run."""

    records: int
    persons: int
    unread: int
    auto: Score
    with_review: Score
    wrong_merges: int
    mistakes: dict[str, Joined]
    rules: dict[str, Score]
    findings: dict[str, LanedScore]
    events: dict[str, LanedScore]
    review: Review
    merged: tuple[int, int]

    @property
    def wrong_merges_per_million(self) -> float:
        """Wrongly merged records of the strict lane, per million records."""
        return self.wrong_merges * MILLION / max(1, self.records)

    def as_json(self) -> dict[str, Any]:
        """Everything as one JSON object."""
        return {
            "records": self.records,
            "persons": self.persons,
            "unread": self.unread,
            "pairs": {"auto": self.auto.as_json(), "with_review": self.with_review.as_json()},
            "wrong_merges": self.wrong_merges,
            "wrong_merges_per_million": self.wrong_merges_per_million,
            "mistakes": {
                kind: {"records": joined.records, "joined": joined.joined, "recall": joined.recall}
                for kind, joined in self.mistakes.items()
            },
            "rules": {rule: {"records": score.found, "right": score.right} for rule, score in self.rules.items()},
            "findings": {kind: score.as_json() for kind, score in self.findings.items()},
            "events": {kind: score.as_json() for kind, score in self.events.items()},
            "review": {
                "pairs": self.review.pairs,
                "findings": self.review.findings,
                "events_waiting": self.review.events,
                "per_million_persons": self.review.per_million,
            },
            "merged_units": {"persons": self.merged[0], "said_to_be_transferred": self.merged[1]},
        }


def evaluate(run: Path, month: Path, *, earlier: tuple[Path, Path] | None = None) -> Evaluation:
    """Score the run in folder `run` against `month`, a month's folder written by the generator (with `truth/`).

    `earlier` are the run and month folders before, needed to know those who are gone: without them, people who left
    all departments count as missed. Raises NotTheSameRosters.
    """
    truth, links = month / "truth", run / "links.parquet"
    with duckdb.connect() as con:
        records, unread = linking.prepare(con, str(links), str(truth / "truth.parquet"))
        if unread == records:
            raise NotTheSameRosters(f"运行结果与真值不是同一批文件：{month} 的 {records} 行没有一行出现在 {links} 中。")
        before = None if earlier is None else (earlier[0], earlier[1] / "truth" / "truth.parquet")
        classes.prepare_persons(con, run, before)
        events_path = run / "events.parquet"
        has_events = events_path.exists()
        happened = classes.events(con, events_path, truth / "truth_events.parquet") if has_events else {}
        return Evaluation(
            records=records,
            persons=_count(con, "SELECT count(DISTINCT person) FROM judged"),
            unread=unread,
            auto=linking.pairs(con, "auto"),
            with_review=linking.pairs(con, "all"),
            wrong_merges=linking.wrong_merges(con),
            mistakes=linking.by_mistake(con),
            rules=linking.by_rule(con, str(links)),
            findings=classes.findings(con, run / "findings.parquet", truth / "truth_findings.parquet"),
            events=happened,
            review=_review(con, run, has_events=has_events),
            merged=classes.merged_as_transfers(con, events_path) if has_events else (0, 0),
        )


def _review(con: duckdb.DuckDBPyConnection, run: Path, *, has_events: bool) -> Review:
    return Review(
        pairs=_count(con, f"SELECT count(DISTINCT key) FROM read_parquet('{run / 'pairs_for_review.parquet'}')"),
        findings=_count(
            con, f"SELECT count(DISTINCT key) FROM read_parquet('{run / 'findings.parquet'}') WHERE lane = 'review'"
        ),
        events=_count(con, f"SELECT count(*) FROM read_parquet('{run / 'events.parquet'}') WHERE lane = 'waiting'")
        if has_events
        else 0,
        persons=_count(con, "SELECT count(DISTINCT person) FROM judged"),
    )


def _count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0
