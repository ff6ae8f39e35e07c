"""Runs with known faults, and what the evaluation says of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bianzhi.reconciliation.evaluate import NotTheSameRosters, Score, evaluate
from bianzhi.reconciliation.evaluate.printing import table
from tests.reconciliation.generate.population import FIRST, SECOND, labels, written

Row = dict[str, Any]


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small invented population."""
    return written(tmp_path_factory.mktemp("rosters"), people=1500)


def perfect_links(population: Path, month: str) -> list[Row]:
    """Each record with its own person's, as if nothing could be mistaken."""
    return [
        {
            "source": row["source"],
            "delivery": row["delivery"],
            "row": row["row"],
            "fingerprint": f"{row['source']}{row['row']}{month}",
            "cluster": f"c{row['person']}",
            "rule": "ID_EXACT",
            "lane": "auto",
            "person": row["person"],
        }
        for row in labels(population, month, "truth")
    ]


def a_run(
    population: Path,
    folder: Path,
    *,
    month: str = FIRST,
    links: Callable[[list[Row]], list[Row]] = lambda rows: rows,
    findings: list[tuple[str, int, str]] | None = None,
    events: list[tuple[str, int, str]] | None = None,
    pairs: int = 0,
) -> Path:
    """A run's folder; findings and events are (kind, true person, lane)."""
    folder.mkdir()
    linked = links(perfect_links(population, month))
    keys = {row["fingerprint"]: f"P{row['cluster']}" for row in linked}
    save(folder / "links.parquet", [{name: row[name] for name in row if name != "person"} for row in linked])
    identities = [
        {"fingerprint": row["fingerprint"], "source": row["source"], "person_key": keys[row["fingerprint"]]}
        for row in linked
    ]
    save(folder / "identities.parquet", identities)
    said = findings if findings is not None else true_findings(population, month)
    save(folder / "findings.parquet", [of_person(number, *one) for number, one in enumerate(said)])
    save(folder / "events.parquet", [of_person(number, *one) for number, one in enumerate(events or [])])
    save(folder / "pairs_for_review.parquet", [{"key": str(number)} for number in range(pairs)])
    return folder


def of_person(number: int, kind: str, person: int, lane: str) -> Row:
    return {"key": str(number), "kind": kind, "person_key": f"Pc{person}", "unit": "", "lane": lane}


def true_findings(population: Path, month: str) -> list[tuple[str, int, str]]:
    found = labels(population, month, "truth_findings")
    return [(label["kind"], label["person"], "accuse") for label in found if label["person"] is not None]


def save(path: Path, lines: list[Row]) -> None:
    empty = {"key": "", "kind": "", "person_key": "", "unit": "", "lane": ""}
    pq.write_table(pa.Table.from_pylist(lines or [empty]).slice(0, len(lines)), path)


def test_a_run_without_fault_scores_one_everywhere(population, tmp_path) -> None:
    scored = evaluate(a_run(population, tmp_path / "run"), population / FIRST)
    assert scored.auto.f1 == scored.with_review.f1 == 1.0
    assert scored.wrong_merges == 0
    assert scored.unread == 0
    assert {joined.recall for joined in scored.mistakes.values()} == {1.0}
    persons = {kind: laned.strict for kind, laned in scored.findings.items() if kind != "over_quota"}
    assert {(score.precision, score.recall) for score in persons.values()} == {(1.0, 1.0)}
    assert len(persons) > 8
    assert scored.review.per_million == 0


def test_two_persons_put_together_cost_precision_and_are_counted_as_wrong_merges(population, tmp_path) -> None:
    def merge(links: list[Row]) -> list[Row]:
        return [{**row, "cluster": "c1" if row["cluster"] == "c2" else row["cluster"]} for row in links]

    scored = evaluate(a_run(population, tmp_path / "run", links=merge), population / FIRST)
    assert scored.auto.recall == 1.0
    assert scored.auto.right < scored.auto.found
    both = [row for row in labels(population, FIRST, "truth") if row["person"] in (1, 2)]
    assert scored.wrong_merges == min(sum(row["person"] == person for row in both) for person in (1, 2))
    assert scored.auto.found - scored.auto.right == (
        sum(row["person"] == 1 for row in both) * sum(row["person"] == 2 for row in both)
    )


def test_records_left_apart_cost_recall_of_their_kind_of_mistake(population, tmp_path) -> None:
    missing = {
        (row["source"], row["row"]) for row in labels(population, FIRST, "truth") if "id_missing" in row["kinds"]
    }

    def tear(links: list[Row]) -> list[Row]:
        return [
            {**row, "cluster": f"alone{row['fingerprint']}"} if (row["source"], row["row"]) in missing else row
            for row in links
        ]

    scored = evaluate(a_run(population, tmp_path / "run", links=tear), population / FIRST)
    assert missing
    assert scored.auto.precision == 1.0
    assert scored.auto.right < scored.auto.true
    assert scored.mistakes["id_missing"].recall == 0.0
    assert scored.mistakes["none"].recall == 1.0


def test_links_left_for_review_count_only_with_review(population, tmp_path) -> None:
    def doubt(links: list[Row]) -> list[Row]:
        return [{**row, "lane": "review" if row["source"] == "finance" else "auto"} for row in links]

    scored = evaluate(a_run(population, tmp_path / "run", links=doubt, pairs=30), population / FIRST)
    assert scored.with_review.f1 == 1.0
    assert scored.auto.right < 0.7 * scored.auto.true
    assert scored.review.per_million == pytest.approx(30 * 1_000_000 / scored.persons)


def test_accusations_and_reviews_are_scored_apart(population, tmp_path) -> None:
    ghosts = [one for one in true_findings(population, FIRST) if one[0] == "ghost_payroll"]
    others = {row["person"] for row in labels(population, FIRST, "truth")} - {person for _, person, _ in ghosts}
    wrong = [("ghost_payroll", person, "review") for person in sorted(others)[:4]]
    run = a_run(population, tmp_path / "run", findings=ghosts[1:] + wrong)
    score = evaluate(run, population / FIRST).findings["ghost_payroll"]
    assert score.strict == Score(true=len(ghosts), found=len(ghosts) - 1, right=len(ghosts) - 1)
    assert score.all.found == len(ghosts) + 3
    assert score.all.right == len(ghosts) - 1


def test_those_who_left_all_departments_are_known_by_the_month_before(population, tmp_path) -> None:
    events = [
        (event["kind"], event["person"], event["lane"])
        for event in labels(population, SECOND, "truth_events")
        if event["kind"] != "merger"
    ]
    first = a_run(population, tmp_path / "first")
    second = a_run(population, tmp_path / "second", month=SECOND, events=events)
    alone = evaluate(second, population / SECOND)
    known = evaluate(second, population / SECOND, earlier=(first, population / FIRST))
    assert alone.events["exit"].all.right < alone.events["exit"].all.true
    assert {(laned.all.precision, laned.all.recall) for laned in known.events.values()} == {(1.0, 1.0)}
    assert known.events["hire"].strict.precision == 1.0


def test_the_truth_of_other_files_is_refused(population, tmp_path) -> None:
    other = written(tmp_path / "other", people=200, seed=77)
    run = a_run(population, tmp_path / "run")
    with pytest.raises(NotTheSameRosters, match="不是同一批文件"):
        evaluate(run, other / FIRST)


def test_the_table_is_chinese_and_the_json_holds_the_same_figures(population, tmp_path) -> None:
    scored = evaluate(a_run(population, tmp_path / "run", pairs=3), population / FIRST)
    text = table(scored, {"ghost_payroll": "疑似吃空饷"})
    assert "疑似吃空饷" in text
    assert "身份证号缺失" in text
    assert "误并：0 行" in text
    figures = json.loads(json.dumps(scored.as_json()))
    assert figures["pairs"]["auto"]["f1"] == 1.0
    assert figures["review"]["pairs"] == 3
    assert figures["findings"]["unpaid"]["strict"]["recall"] == 1.0


def test_an_empty_class_has_neither_precision_nor_recall() -> None:
    assert Score(0, 0, 0).precision is None
    assert Score(0, 3, 0).recall is None
    assert Score(4, 2, 2).f1 == pytest.approx(2 / 3)
