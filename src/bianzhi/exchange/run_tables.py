"""The tables of a run on the disk: Parquet files, sealed where files are encrypted."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from django.conf import settings

from bianzhi.common import sealed_files
from bianzhi.common.sealed_places import Stored, on_disk
from bianzhi.reconciliation.sql.engine import Engine


def context_of(path: Path) -> str:
    """What a table is bound to: its run and its name."""
    return f"exchange-run|{path.parent.name}/{path.name}"


def open_table(path: Path) -> BinaryIO:
    """A table as a file that can be read from anywhere. Raises FileNotFoundError, BrokenSeal, LockedFile."""
    return sealed_files.open_file(path, context_of(path))


def every() -> Iterator[Stored]:
    """The tables of all runs, for `common.sealed_places`."""
    return on_disk(sorted((Path(settings.MEDIA_ROOT) / "exchange" / "runs").glob("*/*.parquet")), context_of)


class SealingEngine:
    """An engine whose tables lie sealed: it works on plain copies in `folder`, which goes with the run.

    Neither DuckDB nor Spark can read our envelope, and what one of them encrypts the other cannot open.
    """

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine, self._folder = engine, folder
        self.name = engine.name
        self._copies = ExitStack()

    def load(self, table: str, paths: Sequence[Path]) -> None:
        self._engine.load(table, [self._plain(path) for path in paths])

    def create(self, table: str, sql: str) -> None:
        self._engine.create(table, sql)

    def define(self, table: str, sql: str) -> None:
        self._engine.define(table, sql)

    def count(self, table: str) -> int:
        return self._engine.count(table)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._engine.rows(sql)

    def save(self, table: str, path: Path) -> None:
        if not sealed_files.encrypts():
            self._engine.save(table, path)
            return
        made = self._folder / f"{table}.parquet"
        self._engine.save(table, made)
        sealed_files.write(path, made, context_of(path))

    def register(self, table: str, data: pa.Table) -> None:
        self._engine.register(table, data)

    def amend(self, table: str, column: str, *, fixes: str, keys: Sequence[str]) -> None:
        self._engine.amend(table, column, fixes=fixes, keys=keys)

    def hash_rows(self, view: str, source: str, columns: Sequence[str], *, keep: Sequence[str]) -> None:
        self._engine.hash_rows(view, source, columns, keep=keep)

    def drop(self, *tables: str) -> None:
        self._engine.drop(*tables)

    def close(self) -> None:
        self._engine.close()
        self._copies.close()

    def _plain(self, path: Path) -> Path:
        """A table as the engine can read it; a roster is plain already."""
        if self._folder in path.parents:
            return path
        return self._copies.enter_context(sealed_files.plain(path, context_of(path)))
