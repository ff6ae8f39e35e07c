"""The codes of all texts that occur, as a table: each different text is sorted once, and SQL only joins."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import pyarrow as pa

from bianzhi.reconciliation.findings.codes import code_of
from bianzhi.reconciliation.sql.engine import Engine

COLUMN_OF: Final[Mapping[str, str]] = MappingProxyType(
    {"duty": "status", "quota": "quota_type", "funding": "funding", "sex": "sex"}
)
SHAPE: Final = pa.schema([("kind", pa.string()), ("text", pa.string()), ("code", pa.string())])


def register_codes(engine: Engine, rosters: str) -> None:
    """Name the relation `word_codes` (kind, text, code) of every text that occurs in a coded column of `rosters`."""
    lines = [
        {"kind": kind, "text": text, "code": code_of(kind, text)}
        for kind, column in COLUMN_OF.items()
        for text in _texts(engine, rosters, column)
    ]
    engine.register("word_codes", pa.Table.from_pylist(lines, schema=SHAPE))


def _texts(engine: Engine, rosters: str, column: str) -> list[str]:
    found = engine.rows(f"SELECT DISTINCT {column} FROM {rosters} WHERE {column} IS NOT NULL")
    return sorted(str(text) for (text,) in found)
