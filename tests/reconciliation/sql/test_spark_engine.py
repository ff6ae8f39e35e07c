"""Spark keeps the same promises as DuckDB."""

import pyarrow as pa
import pytest

from bianzhi.reconciliation.sql.dialect import DialectError
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine
from bianzhi.reconciliation.sql.spark_engine import SparkEngine, SparkUnavailableError
from tests.reconciliation.spark import IGNORED_WARNINGS, spark  # noqa: F401 - a fixture

pytestmark = IGNORED_WARNINGS
NUMBERS = pa.table({"a": pa.array([7, -7, None, 0], pa.int64()), "t": ["王伟", "𬭎?·x", "", None]})
EVERYTHING = """
    SELECT a // 2 AS half, a % 3 AS rest, abs(a) AS size, coalesce(t, '∅') AS text, length(t) AS long,
           substr(t, 2, 1) AS second, strpos(t, '·') AS place, translate(t, '王·', '汪') AS plain,
           regexp_replace(t, '[^一-鿿]', '', 'g') AS han, regexp_matches(t, '[?]') AS lost, upper(t) AS upper_text,
           replace(t, '伟', '玮') AS other, starts_with(t, '王') AS is_wang, ends_with(t, 'x') AS is_x,
           try_cast(t AS BIGINT) AS number, md5(concat(t, '|', CAST(a AS VARCHAR))) AS digest,
           least(a, 3) AS small, greatest(a, 3) AS large, nullif(a, 0) AS not_zero, trim(t) AS trimmed,
           a IS NOT DISTINCT FROM NULL AS is_nothing, CAST(a AS DOUBLE) / 4 AS quarter,
           row_number() OVER (ORDER BY a, t) AS place_in_order
    FROM numbers
"""
GROUPED = """
    SELECT a > 0 AS is_positive, count(*) AS n, count(DISTINCT t) AS texts, min(t) AS low, max(t) AS high,
           CAST(sum(a) AS BIGINT) AS total, bit_or(abs(a)) AS bits
    FROM numbers GROUP BY a > 0
"""


@pytest.fixture
def both(spark):  # noqa: F811
    with DuckDBEngine() as duckdb:
        for engine in (duckdb, spark):
            engine.register("numbers", NUMBERS)
        yield duckdb, spark
        spark.drop("numbers")


@pytest.mark.parametrize("sql", [EVERYTHING, GROUPED])
def test_every_function_of_the_dialect_gives_the_same_on_both_engines(both, sql):
    duckdb, spark = both  # noqa: F811
    assert sorted(spark.rows(sql), key=repr) == sorted(duckdb.rows(sql), key=repr)


def test_relations_are_saved_loaded_amended_and_dropped(spark, tmp_path):  # noqa: F811
    spark.register("people", pa.table({"key": [1, 2], "name": ["张伟", "王芳"]}))
    spark.register("fixes", pa.table({"key": [2], "name": ["王芳#2"]}))
    spark.amend("people", "name", fixes="fixes", keys=["key"])
    spark.create("people", "SELECT name, key FROM people WHERE key > 0")
    spark.save("people", tmp_path / "people.parquet")
    spark.load("again", [tmp_path / "people.parquet"])
    assert spark.rows("SELECT name, key FROM again ORDER BY key") == [("张伟", 1), ("王芳#2", 2)]
    assert [path.name for path in tmp_path.iterdir()] == ["people.parquet"]
    spark.drop("people", "fixes", "again", "nobody")
    with pytest.raises(Exception, match="TABLE_OR_VIEW_NOT_FOUND"):
        spark.count("people")


def test_equal_rows_have_equal_hashes(spark):  # noqa: F811
    spark.register("lines", pa.table({"a": ["x", "x", "y"], "b": [1, 1, 1]}))
    spark.hash_rows("hashed", "lines", ["a", "b"], keep=["a"])
    (one,), (two,), (other,) = spark.rows("SELECT row_hash FROM hashed ORDER BY a")
    assert one == two != other


def test_a_statement_outside_the_dialect_is_refused_on_spark_too(spark):  # noqa: F811
    with pytest.raises(DialectError):
        spark.create("far", "SELECT levenshtein('a', 'b') AS far")


def test_without_java_the_reason_is_told_in_chinese(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(SparkUnavailableError, match="Java 17"):
        SparkEngine()
