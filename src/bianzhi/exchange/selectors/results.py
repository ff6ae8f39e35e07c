"""The tables a run has written, read in pieces: only findings and decisions are ever taken into the database."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow.compute as pc
import pyarrow.parquet as pq

from bianzhi.exchange.run_tables import open_table

PIECE: Final = 2000
JSON_COLUMNS: Final = frozenset({"facts", "rows", "evidence"})


def rows_of(folder: Path, table: str, piece: int = PIECE) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table in pieces, JSON columns read; nothing when the run has not written it."""
    path = folder / f"{table}.parquet"
    if not path.exists():
        return
    with open_table(path) as stream, pq.ParquetFile(stream) as file:
        for batch in file.iter_batches(batch_size=piece):
            yield [{name: _read(name, value) for name, value in row.items()} for row in batch.to_pylist()]


def keyed_rows(folder: Path, table: str, seen: set[str]) -> Iterator[list[dict[str, Any]]]:
    """As `rows_of`, each key once: `seen` is filled with the keys met."""
    for piece in rows_of(folder, table):
        fresh = {row["key"]: row for row in piece if row["key"] not in seen}
        seen.update(fresh)
        yield list(fresh.values())


def records_with(folder: Path, fingerprints: Collection[str]) -> dict[str, dict[str, Any]]:
    """Those of these records a pair is asked about, as they were delivered, each with its fingerprint."""
    path = folder / "records_asked.parquet"
    if not path.exists() or not fingerprints:
        return {}
    wanted = pc.field("fingerprint").isin(sorted(fingerprints))
    with open_table(path) as stream:
        table = pq.read_table(stream, filters=wanted)
    return {row["fingerprint"]: _plain(row) for row in table.to_pylist()}


def manifest_of(folder: Path) -> Mapping[str, Any]:
    """What a run says of itself; {} when it says nothing."""
    path = folder / "manifest.json"
    if not path.exists():
        return {}
    told = json.loads(path.read_text("utf-8"))
    return told if isinstance(told, dict) else {}


def _read(name: str, value: Any) -> Any:
    if name in JSON_COLUMNS and isinstance(value, str):
        return json.loads(value)
    return value


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """What JSON keeps of a record."""
    return {name: str(value) if isinstance(value, date | datetime) else value for name, value in row.items()}
