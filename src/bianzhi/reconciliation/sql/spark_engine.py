"""Apache Spark, for rosters no single machine holds: an extra, `bianzhi[spark]`, that needs Java 17.

The same SQL, written by sqlglot in Spark's dialect. Every relation is written to a folder when it is made, so that no
step carries the plans of all steps before it.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from bianzhi.reconciliation.sql.dialect import to_spark
from bianzhi.reconciliation.sql.engine import relation

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SETTINGS: Final = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.codegen.maxFields": "200",
}


class SparkUnavailableError(RuntimeError):
    """This machine cannot start Spark; the message says in Chinese what is missing."""


def why_no_spark() -> str | None:
    """What is missing to start Spark on this machine, in Chinese; None when nothing is."""
    if find_spec("pyspark") is None:
        return "未安装 pyspark：请安装附加组件 bianzhi[spark]"
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and Path(home, "bin", "java").exists()):
        return "未找到 Java：Spark 需要 Java 17"
    return None


class SparkEngine:
    """A session on `master` ("local[2]", "spark://host:7077", "yarn") for one run."""

    name = "spark"

    def __init__(
        self, master: str = "local[2]", *, folder: Path | None = None, settings: dict[str, str] | None = None
    ) -> None:
        """`folder` must be one all machines of the cluster see. Raises SparkUnavailableError."""
        reason = why_no_spark()
        if reason is not None:
            raise SparkUnavailableError(reason)
        self._folder = TemporaryDirectory(prefix="bianzhi-spark-", dir=folder)
        self._versions = count()
        self._places: dict[str, Path] = {}
        self._defined: set[str] = set()
        self._spark = _session(master, SETTINGS | (settings or {}))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def load(self, table: str, paths: Sequence[Path]) -> None:
        files = self._spark.read.option("mergeSchema", "true").parquet(*map(str, paths))
        self._name(table, files, None)

    def create(self, table: str, sql: str) -> None:
        self._keep(table, self._spark.sql(to_spark(sql)))

    def define(self, table: str, sql: str) -> None:
        self._name(table, self._spark.sql(to_spark(sql)), None)
        self._defined.add(table)

    def count(self, table: str) -> int:
        return int(self._spark.table(relation(table)).count())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._spark.sql(to_spark(sql)).collect()]

    def save(self, table: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = self._new_place(table)
        self._spark.table(relation(table)).coalesce(1).write.option("compression", "zstd").parquet(str(made))
        (part,) = made.glob("part-*.parquet")
        making = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            shutil.copyfile(part, making)
            making.replace(path)
        finally:
            making.unlink(missing_ok=True)
            shutil.rmtree(made)
        if table in self._defined:
            self.load(table, [path])

    def register(self, table: str, data: pa.Table) -> None:
        place = self._new_place(table)
        place.mkdir()
        pq.write_table(data, place / "part-0.parquet")
        self._name(table, self._spark.read.parquet(str(place)), place)

    def amend(self, table: str, column: str, *, fixes: str, keys: Sequence[str]) -> None:
        equal = " AND ".join(f"amended.{relation(key)} = fixes.{relation(key)}" for key in keys)
        names = self._spark.table(relation(table)).columns
        chosen = (
            f"coalesce(fixes.{name}, amended.{name}) AS {name}" if name == column else f"amended.{name}"
            for name in names
        )
        amended = self._spark.sql(
            f"SELECT {', '.join(chosen)} FROM {table} AS amended LEFT JOIN {relation(fixes)} AS fixes ON {equal}"
        )
        self._keep(table, amended)

    def hash_rows(self, view: str, source: str, columns: Sequence[str], *, keep: Sequence[str]) -> None:
        kept = "".join(f"{relation(name)}, " for name in keep)
        hashed = ", ".join(relation(name) for name in columns)
        rows = self._spark.sql(f"SELECT {kept}xxhash64({hashed}) AS row_hash FROM {relation(source)}")
        self._name(view, rows, None)

    def drop(self, *tables: str) -> None:
        for table in tables:
            self._spark.catalog.dropTempView(relation(table))
            self._forget(table)

    def close(self) -> None:
        self._spark.stop()
        self._folder.cleanup()

    def _keep(self, table: str, frame: DataFrame) -> None:
        place = self._new_place(table)
        frame.write.parquet(str(place))
        self._name(table, self._spark.read.schema(frame.schema).parquet(str(place)), place)

    def _name(self, table: str, frame: DataFrame, place: Path | None) -> None:
        frame.createOrReplaceTempView(relation(table))
        self._forget(table)
        if place is not None:
            self._places[table] = place

    def _forget(self, table: str) -> None:
        self._defined.discard(table)
        place = self._places.pop(table, None)
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)

    def _new_place(self, table: str) -> Path:
        return Path(self._folder.name, f"{relation(table)}-{next(self._versions)}")


def _session(master: str, settings: dict[str, str]) -> SparkSession:
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra: most installations have no Spark

    logging.getLogger("py4j").setLevel(logging.WARNING)
    builder = SparkSession.builder.master(master).appName("bianzhi")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("FATAL")
    return session
