"""What must not matter does not: the order of rows, columns, files, a file twice or in two, other names of units."""

import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bianzhi.reconciliation.running import RunInputs, run
from bianzhi.reconciliation.sql.spark_engine import SparkEngine, why_no_spark
from tests.reconciliation.outcome import findings_by_rows, outcome, partition
from tests.reconciliation.running.conftest import MONTHS, compare, quotas_of, rosters_of


def rewritten(
    rosters: dict[str, list[Path]], folder: Path, change: Callable[[pa.Table], pa.Table]
) -> dict[str, list[Path]]:
    """The same rosters with every table changed."""
    written = {}
    for code, (path,) in rosters.items():
        target = folder / f"{code}.parquet"
        pq.write_table(change(pq.read_table(path)), target)
        written[code] = [target]
    return written


@pytest.fixture
def rosters(district):
    return rosters_of(district, MONTHS[0])


@pytest.fixture
def quotas(district):
    return quotas_of(district, MONTHS[0])


def test_the_order_of_rows_does_not_matter(rosters, quotas, october, tmp_path):
    def shuffled(table: pa.Table) -> pa.Table:
        places = list(range(table.num_rows))
        random.Random(3).shuffle(places)
        return table.take(places)

    again = compare(tmp_path / "run", rewritten(rosters, tmp_path, shuffled), quotas=quotas)
    assert outcome(again.folder) == outcome(october.folder)


def test_the_numbers_of_rows_and_the_names_of_files_do_not_matter(rosters, quotas, october, tmp_path):
    def renumbered(table: pa.Table) -> pa.Table:
        rows = pa.array(range(table.num_rows + 100, 100, -1), pa.int64())
        others = pa.array(["another file"] * table.num_rows)
        return table.set_column(2, "row", rows).set_column(1, "delivery", others)

    again = compare(tmp_path / "run", rewritten(rosters, tmp_path, renumbered), quotas=quotas)
    assert outcome(again.folder) == outcome(october.folder)


def test_the_order_of_columns_does_not_matter(rosters, quotas, october, tmp_path):
    changed = rewritten(rosters, tmp_path, lambda table: table.select(table.column_names[::-1]))
    again = compare(tmp_path / "run", changed, quotas=quotas)
    assert outcome(again.folder) == outcome(october.folder)


def test_the_order_of_deliveries_does_not_matter(rosters, quotas, october, tmp_path):
    again = compare(tmp_path / "run", dict(reversed(rosters.items())), quotas=quotas)
    assert outcome(again.folder) == outcome(october.folder)


def test_a_delivery_twice_is_one_delivery(rosters, quotas, october, tmp_path):
    copy = tmp_path / "again.parquet"
    copy.write_bytes(rosters["finance"][0].read_bytes())
    twice = {**rosters, "finance": [*rosters["finance"], copy]}
    assert outcome(compare(tmp_path / "run", twice, quotas=quotas).folder) == outcome(october.folder)


def test_a_file_split_in_two_says_the_same(rosters, quotas, october, tmp_path):
    table = pq.read_table(rosters["hr"][0])
    half = table.num_rows // 2
    rest = table.slice(half).set_column(1, "delivery", pa.array(["the second file"] * (table.num_rows - half)))
    for name, part in (("one", table.slice(0, half)), ("two", rest)):
        pq.write_table(part, tmp_path / f"{name}.parquet")
    split = {**rosters, "hr": [tmp_path / "one.parquet", tmp_path / "two.parquet"]}
    assert outcome(compare(tmp_path / "run", split, quotas=quotas).folder) == outcome(october.folder)


def test_other_names_of_all_units_make_the_same_people_and_the_same_findings(rosters, quotas, october, tmp_path):
    """Each character of the units' names becomes another one, the same everywhere, so that short names stay short."""
    written = {text for (path,) in rosters.values() for text in pq.read_table(path)["unit"].to_pylist() if text}
    characters = sorted({character for text in written for character in text if "\u4e00" <= character <= "\u9fff"})
    others = str.maketrans({character: chr(0x3400 + place) for place, character in enumerate(characters)})

    def renamed(table: pa.Table) -> pa.Table:
        units = [text.translate(others) if text else text for text in table["unit"].to_pylist()]
        return table.set_column(table.column_names.index("unit"), "unit", pa.array(units, pa.string()))

    quotas = quotas.set_column(0, "unit", pa.array([text.translate(others) for text in quotas["unit"].to_pylist()]))
    again = compare(tmp_path / "run", rewritten(rosters, tmp_path, renamed), quotas=quotas)
    assert partition(again.folder) == partition(october.folder)
    assert findings_by_rows(again.folder) == findings_by_rows(october.folder)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # py4j leaves sockets to the collector
@pytest.mark.skipif(why_no_spark() is not None, reason="Spark needs Java and pyspark")
def test_another_engine_says_the_same(rosters, quotas, october, tmp_path):
    engine = SparkEngine(master="local[2]")
    try:
        again = run(RunInputs(rosters, MONTHS[0], quotas=quotas), tmp_path / "run", engine)
    finally:
        engine.close()
    assert outcome(again.folder) == outcome(october.folder)
