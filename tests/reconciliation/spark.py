"""A Spark session for tests: one for all of them, started only when a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bianzhi.reconciliation.sql.spark_engine import SparkEngine, why_no_spark

IGNORED_WARNINGS = [
    # py4j leaves the closing of its sockets to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.default.parallelism": "1",
    "spark.driver.memory": "1g",
}


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkEngine]:
    reason = why_no_spark()
    if reason is not None:
        pytest.skip(reason)
    with SparkEngine("local[2]", settings=SMALL) as engine:
        yield engine
