"""What a run says, without where in which file it read it: equal for equal contents."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Outcome = dict[str, list[tuple[Any, ...]]]


def outcome(folder: Path) -> Outcome:
    """Links, identities, findings, events and aliases of a run as sorted lines, rows named by their fingerprints."""
    return {
        "links": _lines(folder, "links", ("fingerprint", "cluster", "rule", "lane", "score")),
        "pairs": _lines(folder, "pairs_for_review", ("key", "rule", "score")),
        "aliases": _lines(folder, "unit_aliases", ("source", "text", "unit", "support", "share")),
        "identities": _lines(folder, "identities", ("fingerprint", "person_key")),
        "identity_events": _lines(folder, "identity_events", ("kind", "person_key", "other_key")),
        "findings": _with_rows(folder, "findings", ("key", "kind", "lane", "owner", "facts", "explanation"), "rows"),
        "events": _with_rows(folder, "events", ("key", "kind", "lane", "from_unit", "to_unit", "sources"), "evidence"),
    }


def partition(folder: Path) -> set[frozenset[tuple[str, int]]]:
    """Which rows (department, row) a run takes for one person."""
    clusters: dict[str, set[tuple[str, int]]] = {}
    for source, row, cluster in _lines(folder, "links", ("source", "row", "cluster")):
        clusters.setdefault(cluster, set()).add((source, row))
    return {frozenset(rows) for rows in clusters.values()}


def findings_by_rows(folder: Path) -> list[tuple[str, str, str, tuple[tuple[str, int], ...]]]:
    """Kind, lane, owner of every finding and the rows it rests on."""
    lines = []
    for kind, lane, owner, rows in _lines(folder, "findings", ("kind", "lane", "owner", "rows")):
        lines.append((kind, lane, owner, tuple(sorted((row["source"], row["row"]) for row in json.loads(rows)))))
    return sorted(lines)


def _lines(folder: Path, table: str, columns: Iterable[str]) -> list[tuple[Any, ...]]:
    found = pq.read_table(folder / f"{table}.parquet", columns=list(columns))
    return sorted(zip(*(found[name].to_pylist() for name in columns), strict=True), key=repr)


def _with_rows(folder: Path, table: str, columns: tuple[str, ...], rows: str) -> list[tuple[Any, ...]]:
    lines = _lines(folder, table, (*columns, rows))
    return sorted(((*line[:-1], _fingerprints(line[-1])) for line in lines), key=repr)


def _fingerprints(text: str) -> tuple[str, ...]:
    told = json.loads(text)
    rows = told.get("rows", []) if isinstance(told, dict) else told
    return tuple(sorted(row["fingerprint"] for row in rows))
