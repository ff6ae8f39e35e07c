"""The results of a run as tables for people: CSV beside the Parquet files, with the columns that are documented."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

PUBLISHED: Final[Mapping[str, Sequence[str]]] = {
    "links": ("source", "delivery", "row", "fingerprint", "cluster", "rule", "lane", "score", "evidence"),
    "pairs_for_review": ("key", "rule", "score", "left_fingerprint", "right_fingerprint", "evidence"),
    "unit_aliases": ("source", "text", "unit", "unit_code", "support", "share", "is_exact"),
    "identities": ("fingerprint", "source", "person_key"),
    "identity_events": ("kind", "person_key", "other_key"),
    "findings": (
        "key",
        "kind",
        "group_code",
        "person_key",
        "name",
        "unit",
        "owner",
        "severity",
        "lane",
        "sources",
        "facts",
        "rows",
        "explanation",
        "rule",
    ),
    "events": (
        "key",
        "kind",
        "person_key",
        "name",
        "from_unit",
        "to_unit",
        "happened_on",
        "sources",
        "confidence",
        "lane",
        "evidence",
    ),
}
"""Relations a run publishes, and their columns (docs/reference/reconcile.md)."""

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
LINES_AT_ONCE: Final = 50_000


def write_tables(folder: Path) -> list[Path]:
    """Write every published relation of a finished run as CSV (UTF-8 with a byte-order mark) beside its Parquet file.

    A text a spreadsheet would run as a formula gets an apostrophe before it. Returns the files, in the usual order.
    """
    return [_write(folder, table, columns) for table, columns in PUBLISHED.items()]


def _write(folder: Path, table: str, columns: Sequence[str]) -> Path:
    path = folder / f"{table}.csv"
    making = path.with_name(f".{path.name}.making")
    with making.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(_lines(folder / f"{table}.parquet", columns))
    making.replace(path)
    return path


def _lines(path: Path, columns: Sequence[str]) -> Iterator[list[Any]]:
    for batch in pq.ParquetFile(path).iter_batches(LINES_AT_ONCE, columns=list(columns)):
        values = [batch.column(name).to_pylist() for name in columns]
        for line in zip(*values, strict=True):
            yield [neutral(value) for value in line]


def neutral(value: Any) -> Any:
    """The value, a text beginning like a formula with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value
