"""Every finding of a run is computed again from the rows it shows, in another way, and comes out the same."""

import json

import pyarrow.parquet as pq
import pytest

from bianzhi.reconciliation.findings import KINDS
from bianzhi.reconciliation.findings.predicates import holds
from bianzhi.reconciliation.findings.recomputing import recompute


def findings(run):
    return pq.read_table(run.folder / "findings.parquet").to_pylist()


def test_every_finding_follows_from_the_rows_it_shows(october):
    found = findings(october)
    assert len({line["kind"] for line in found}) > len(KINDS) / 2
    for line in found:
        facts = json.loads(line["facts"])
        again = recompute(line["kind"], json.loads(line["rows"]), facts)
        assert again.holds, line
        assert dict(again.facts) == facts, line


def test_a_row_taken_away_takes_the_finding_away(october):
    (line, *_) = [line for line in findings(october) if line["kind"] == "two_units"]
    rows = json.loads(line["rows"])
    assert recompute("two_units", rows).holds
    assert not recompute("two_units", [row for row in rows if row["source"] != "establishment"]).holds


@pytest.mark.parametrize(
    ("predicate", "line", "expected"),
    [
        ("a > 0 and b = 0", {"a": 1, "b": 0}, True),
        ("a > 0 and b = 0", {"a": None, "b": 0}, False),
        ("a > 0 or b = 0", {"a": None, "b": 0}, True),
        ("a <> b", {"a": "x", "b": None}, False),
        ("coalesce(a, 0) <= 366 and (a = 1 or b = 'x')", {"a": None, "b": "x"}, True),
    ],
)
def test_unknown_values_are_taken_as_sql_takes_them(predicate, line, expected):
    assert holds(predicate, line) is expected


def test_a_predicate_with_anything_else_is_refused():
    with pytest.raises(ValueError, match="Like"):
        holds("a like 'x'", {"a": "x"})
