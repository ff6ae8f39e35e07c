"""What a stage asks of whatever computes it, so that a stage is written once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


class Engine(Protocol):
    """Relations with names, made by SQL of the restricted dialect (`reconciliation.sql.dialect`).

    `create`, `define` and `rows` refuse any statement outside it (DialectError): what runs on one engine runs on all.
    """

    name: str

    def load(self, table: str, paths: Sequence[Path]) -> None:
        """Name the rows of one or several Parquet files; columns are matched by name, missing ones are NULL."""

    def create(self, table: str, sql: str) -> None:
        """Compute a SELECT once and name its rows; an existing relation of that name is replaced."""

    def define(self, table: str, sql: str) -> None:
        """Name the rows of a SELECT, computed whenever they are asked for; what it asks must stay as it is.

        Once saved they are read from their file: so a large relation may be written without ever being held in memory.
        """

    def count(self, table: str) -> int:
        """How many rows a relation has."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a SELECT, for results small enough to be looked at one by one."""

    def save(self, table: str, path: Path) -> None:
        """Write a relation as one Parquet file, which appears whole or not at all."""

    def register(self, table: str, data: pa.Table) -> None:
        """Name the rows of a small table made outside."""

    def amend(self, table: str, column: str, *, fixes: str, keys: Sequence[str]) -> None:
        """Put the `column` of `fixes` in place of a relation's own where `keys` are equal; for few rows of many."""

    def hash_rows(self, view: str, source: str, columns: Sequence[str], *, keep: Sequence[str]) -> None:
        """Name `keep` of a relation with `row_hash`, 64 bits over `columns`, computed when asked for.

        Equal rows have equal hashes within one run of one engine and nowhere else: never store them.
        """

    def drop(self, *tables: str) -> None:
        """Forget relations nobody asks for any more, and give back what they took; unknown names are ignored."""

    def close(self) -> None:
        """Give back memory and temporary files."""


def relation(name: str) -> str:
    """The name itself, for it to stand in SQL. Raises ValueError for anything but a plain lower-case name."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name of a relation: {name!r}")
    return name
