"""What a stage can rely on when DuckDB computes it."""

import pyarrow as pa
import pytest

from bianzhi.reconciliation.sql.dialect import DialectError
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine


@pytest.fixture
def engine():
    with DuckDBEngine(memory_limit="512MB") as opened:
        opened.register("people", pa.table({"name": ["张伟", "王芳", "李娜"], "pay": [3, 1, None]}))
        yield opened


def test_what_is_saved_can_be_loaded_again(engine, tmp_path):
    engine.save("people", tmp_path / "out" / "people.parquet")
    engine.load("again", [tmp_path / "out" / "people.parquet"])
    assert engine.rows("SELECT name FROM again ORDER BY pay") == [("王芳",), ("张伟",), ("李娜",)]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["people.parquet"]


def test_files_with_different_columns_become_one_relation(engine, tmp_path):
    engine.create("names", "SELECT name FROM people")
    engine.save("people", tmp_path / "a.parquet")
    engine.save("names", tmp_path / "b.parquet")
    engine.load("all_rows", [tmp_path / "b.parquet", tmp_path / "a.parquet"])
    assert engine.rows("SELECT count(*), count(pay) FROM all_rows") == [(6, 2)]


def test_a_relation_may_be_computed_from_its_own_last_state(engine):
    engine.create("people", "SELECT name FROM people WHERE pay = 1")
    assert engine.rows("SELECT * FROM people") == [("王芳",)]


def test_a_statement_outside_the_dialect_is_refused_before_it_runs(engine):
    with pytest.raises(DialectError):
        engine.create("people", "SELECT levenshtein(name, '王') AS far FROM people")
    assert engine.count("people") == 3


def test_a_name_that_is_not_plain_is_refused(engine):
    with pytest.raises(ValueError, match="not a name"):
        engine.count("people; DROP TABLE people")


def test_dropping_what_is_not_there_is_nothing(engine):
    engine.drop("people", "people", "nobody")
    with pytest.raises(Exception, match="does not exist"):
        engine.count("people")


def test_an_unfinished_save_leaves_nothing_behind(engine, tmp_path):
    (tmp_path / "taken.parquet").mkdir()
    with pytest.raises(IsADirectoryError):
        engine.save("people", tmp_path / "taken.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["taken.parquet"]


def test_amending_changes_the_rows_named_and_no_other(engine):
    engine.register("fixes", pa.table({"pay": [1], "name": ["王芳#2"]}))
    engine.amend("people", "name", fixes="fixes", keys=["pay"])
    assert sorted(engine.rows("SELECT name FROM people")) == [("张伟",), ("李娜",), ("王芳#2",)]


def test_a_defined_relation_follows_what_it_asks_until_it_is_saved(engine, tmp_path):
    engine.define("paid", "SELECT name FROM people WHERE pay IS NOT NULL ORDER BY name")
    engine.create("people", "SELECT name, pay FROM people WHERE name <> '张伟'")
    assert engine.rows("SELECT name FROM paid") == [("王芳",)]
    engine.save("paid", tmp_path / "paid.parquet")
    engine.drop("people")
    assert engine.rows("SELECT name FROM paid") == [("王芳",)]
