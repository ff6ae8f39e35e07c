"""DuckDB inside this process: the engine of every run that fits on one machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Final, Self

import duckdb
import pyarrow as pa

from bianzhi.reconciliation.sql.dialect import check
from bianzhi.reconciliation.sql.engine import relation

SAVED_AS: Final = "FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 1"
"""Of relations that are mostly hashes, more effort makes files no smaller and costs half as much again."""


class MemoryLimitError(ValueError):
    """The limit of memory is written in a way DuckDB does not know; the message says so in Chinese."""


class DuckDBEngine:
    """One connection, for one run. What does not fit `memory_limit` spills to a folder that goes with the engine.

    A program whose tests run every statement `is_checked` need not read each of them again: that takes half a second.
    """

    name = "duckdb"

    def __init__(
        self,
        *,
        memory_limit: str = "2GB",
        temp_directory: Path | None = None,
        threads: int | None = None,
        is_checked: bool = True,
    ) -> None:
        self._check = check if is_checked else str
        self._folder = TemporaryDirectory(prefix="bianzhi-duckdb-", dir=temp_directory)
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "temp_directory": self._folder.name,
            "temp_file_encryption": True,
            "preserve_insertion_order": "false",
        }
        if threads is not None:
            settings["threads"] = threads
        self._kinds: dict[str, str] = {}
        self._defined: set[str] = set()
        try:
            self._connection = duckdb.connect(":memory:", config=settings)
        except duckdb.Error as error:
            self._folder.cleanup()
            raise MemoryLimitError(f"内存上限“{memory_limit}”写法有误，应如 2GB、512MB。") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def load(self, table: str, paths: Sequence[Path]) -> None:
        self._replace(table)
        files = self._connection.read_parquet([str(path) for path in paths], union_by_name=True)
        files.create_view(relation(table))
        self._kinds[table] = "VIEW"

    def create(self, table: str, sql: str) -> None:
        self._check(sql)
        making = table if self._kinds.get(relation(table)) != "VIEW" else f"{table}__making"
        self._run(f"CREATE OR REPLACE TABLE {making} AS {sql}")
        if making != table:
            self._replace(table)
            self._run(f"ALTER TABLE {making} RENAME TO {table}")
        self._kinds[table] = "TABLE"

    def define(self, table: str, sql: str) -> None:
        self._check(sql)
        self._replace(table)
        self._run(f"CREATE VIEW {relation(table)} AS {sql}")
        self._kinds[table] = "VIEW"
        self._defined.add(table)

    def count(self, table: str) -> int:
        return int(self._run(f"SELECT count(*) FROM {relation(table)}")[0][0])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        self._check(sql)
        return self._run(sql)

    def save(self, table: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        making = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self._run(f"COPY {relation(table)} TO '{_quoted(making)}' ({SAVED_AS})")
            making.replace(path)
        finally:
            making.unlink(missing_ok=True)
        if table in self._defined:
            self.load(table, [path])

    def register(self, table: str, data: pa.Table) -> None:
        self._connection.register("registered__now", data)
        try:
            self.create(table, "SELECT * FROM registered__now")
        finally:
            self._connection.unregister("registered__now")

    def amend(self, table: str, column: str, *, fixes: str, keys: Sequence[str]) -> None:
        equal = " AND ".join(f"amended.{relation(key)} = fixes.{relation(key)}" for key in keys)
        self._run(
            f"UPDATE {relation(table)} AS amended SET {relation(column)} = fixes.{relation(column)} "
            f"FROM {relation(fixes)} AS fixes WHERE {equal}"
        )

    def hash_rows(self, view: str, source: str, columns: Sequence[str], *, keep: Sequence[str]) -> None:
        self._replace(view)
        kept = "".join(f"{relation(name)}, " for name in keep)
        hashed = ", ".join(relation(name) for name in columns)
        self._run(f"CREATE VIEW {relation(view)} AS SELECT {kept}hash({hashed}) AS row_hash FROM {relation(source)}")
        self._kinds[view] = "VIEW"

    def drop(self, *tables: str) -> None:
        for table in tables:
            self._replace(table)

    def close(self) -> None:
        self._connection.close()
        self._folder.cleanup()

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        """DuckDB 2.0 refuses a connection whose last result was not taken to its end, so it always is."""
        return self._connection.execute(sql).fetchall()

    def _replace(self, table: str) -> None:
        self._defined.discard(table)
        kind = self._kinds.pop(relation(table), None)
        if kind is not None:
            self._run(f"DROP {kind} {table}")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
