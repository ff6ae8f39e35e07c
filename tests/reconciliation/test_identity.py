"""A person keeps the key given at first sight."""

from __future__ import annotations

import pyarrow as pa
import pytest

from bianzhi.reconciliation.identity import define_keyed_records, make_identities
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine


@pytest.fixture
def engine():
    with DuckDBEngine(memory_limit="512MB") as opened:
        yield opened


def keys(engine, tmp_path, lines, *, after=None):
    """Keys of this month's rows: (fingerprint, cluster, id18); `after` is the positions file of the month before."""
    columns = {"fingerprint": [a for a, _, _ in lines], "cluster": [b for _, b, _ in lines]}
    columns |= {"source": ["hr"] * len(lines), "rule": ["ID_EXACT"] * len(lines), "name_key": ["张伟"] * len(lines)}
    engine.register("linked", pa.table(columns | {"id18": pa.array([c for _, _, c in lines], pa.string())}))
    define_keyed_records(engine)
    engine.create("positions", "SELECT source, fingerprint, person_key, id18, name_key FROM keyed_records")
    make_identities(engine, after, ["person_key"])
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.parquet"
    engine.save("positions", path)
    return dict(engine.rows("SELECT fingerprint, person_key FROM identities")), path


def events(engine):
    return engine.rows("SELECT kind, person_key, other_key FROM identity_events ORDER BY kind")


def test_a_first_run_mints_a_key_for_each_cluster(engine, tmp_path):
    now, _ = keys(engine, tmp_path, [("a", "c1", None), ("b", "c1", None), ("x", "c2", None)])
    assert now["a"] == now["b"] != now["x"]
    assert now["a"].startswith("P")
    assert len(now["a"]) == 21
    assert events(engine) == []


def test_a_key_stays_when_the_cluster_is_called_otherwise(engine, tmp_path):
    before, path = keys(engine, tmp_path, [("a", "c1", None), ("b", "c1", None)])
    now, _ = keys(engine, tmp_path, [("a", "c9", None), ("b", "c9", None)], after=path)
    assert now == before


def test_rows_written_anew_keep_the_key_by_number_and_name(engine, tmp_path):
    before, path = keys(engine, tmp_path, [("a", "c1", "1")])
    now, _ = keys(engine, tmp_path, [("z", "c9", "1")], after=path)
    assert now["z"] == before["a"]


def test_two_people_found_to_be_one_keep_the_key_of_most_rows(engine, tmp_path):
    before, path = keys(engine, tmp_path, [("a", "c1", None), ("b", "c1", None), ("x", "c2", None)])
    now, _ = keys(engine, tmp_path, [("a", "c", None), ("b", "c", None), ("x", "c", None)], after=path)
    assert set(now.values()) == {before["a"]}
    assert events(engine) == [("merged", before["a"], before["x"])]


def test_one_person_found_to_be_two_leaves_the_key_with_most_rows(engine, tmp_path):
    before, path = keys(engine, tmp_path, [("a", "c1", None), ("b", "c1", None), ("x", "c1", None)])
    now, _ = keys(engine, tmp_path, [("a", "c1", None), ("b", "c1", None), ("x", "c7", None)], after=path)
    assert now["a"] == before["a"] != now["x"]
    assert events(engine) == [("split", now["x"], before["a"])]


def test_a_key_is_never_given_to_somebody_else(engine, tmp_path):
    before, path = keys(engine, tmp_path, [("a", "c1", None), ("b", "c1", None)])
    now, _ = keys(engine, tmp_path, [("a", "c2", None), ("b", "c2", None), ("n", "c1", None)], after=path)
    assert now["a"] == before["a"] != now["n"]


def test_the_same_month_twice_gives_the_same_keys(engine, tmp_path):
    lines = [("a", "c1", "1"), ("b", "c2", "2"), ("c", "c2", None)]
    _, path = keys(engine, tmp_path, lines)
    once, again = keys(engine, tmp_path, lines, after=path)
    assert keys(engine, tmp_path, lines, after=again)[0] == once
    assert events(engine) == []
