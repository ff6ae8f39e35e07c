"""One roster, one outcome: whoever computes it, in whatever order its rows come."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bianzhi.reconciliation.generate.options import Form, GenerateOptions
from bianzhi.reconciliation.generate.world import write_rosters
from bianzhi.reconciliation.identity import define_keyed_records, make_identities
from bianzhi.reconciliation.link import empty_inputs, make_links
from bianzhi.reconciliation.normalise import make_records
from bianzhi.reconciliation.sources import DEPARTMENT_CODES, ROSTER_COLUMNS
from bianzhi.reconciliation.sql.dialect import to_spark
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine
from tests.reconciliation.link import oracle
from tests.reconciliation.spark import IGNORED_WARNINGS, spark  # noqa: F401 - a fixture

pytestmark = IGNORED_WARNINGS
LINKS = "SELECT source, delivery, row, fingerprint, cluster, rule FROM links"


@pytest.fixture(scope="module", params=[(400, 3, 30.0), (400, 4, 5.0)], ids=["dirty", "usual"])
def month(request, tmp_path_factory) -> Path:
    """Rosters of a small district; the first so full of mistakes that every rule has something to do."""
    people, seed, noise = request.param
    options = GenerateOptions(people=people, seed=seed, noise=noise, form=Form.PARQUET)
    return write_rosters(tmp_path_factory.mktemp("rosters"), options)[0] / "canonical"


def load(engine, month):
    engine.load("rosters", [month / f"{source}.parquet" for source in DEPARTMENT_CODES])


def links_of(engine) -> list[tuple[object, ...]]:
    empty_inputs(engine)
    make_records(engine)
    make_links(engine)
    return sorted(engine.rows(LINKS))


def rows_of(engine) -> list[dict[str, object]]:
    columns = ", ".join(ROSTER_COLUMNS)
    return [dict(zip(ROSTER_COLUMNS, line, strict=True)) for line in engine.rows(f"SELECT {columns} FROM rosters")]


def test_the_sql_and_the_plain_python_find_the_same_people(month):
    with DuckDBEngine() as engine:
        load(engine, month)
        assert links_of(engine) == oracle.links(rows_of(engine))


@pytest.mark.slow
def test_spark_and_duckdb_find_the_same_people(month, spark):  # noqa: F811
    with DuckDBEngine() as engine:
        load(engine, month)
        load(spark, month)
        assert links_of(spark) == links_of(engine)
        tables = ("unit_aliases", "homes", "office_units", "pairs_for_review")
        for table in tables:
            sql = f"SELECT * FROM {table}"
            assert sorted(spark.rows(sql), key=repr) == sorted(engine.rows(sql), key=repr)


def test_the_order_of_rows_and_columns_does_not_matter(month):
    with DuckDBEngine(threads=1) as engine:
        load(engine, month)
        first = links_of(engine)
        shuffled = engine._connection.table("rosters").to_arrow_table()
    order = list(range(shuffled.num_rows))
    random.Random(5).shuffle(order)
    with DuckDBEngine(threads=2) as engine:
        engine.register("rosters", shuffled.take(order).select(list(reversed(shuffled.column_names))))
        assert links_of(engine) == first


def test_every_statement_of_a_run_is_in_the_restricted_dialect(month, monkeypatch):
    statements = []
    with DuckDBEngine() as engine:
        create = engine.create

        def listen(table: str, sql: str) -> None:
            statements.append(sql)
            create(table, sql)

        monkeypatch.setattr(engine, "create", listen)
        load(engine, month)
        links_of(engine)
        define_keyed_records(engine)
        engine.create("positions", "SELECT source, fingerprint, person_key, id18, name_key FROM keyed_records")
        engine.save("positions", month / "positions.parquet")
        make_identities(engine, month / "positions.parquet", ["person_key"])
    assert len(statements) > 60
    assert all(to_spark(sql) for sql in statements)
