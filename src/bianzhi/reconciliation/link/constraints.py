"""What people decided for good: applied last, and stronger than every rule.

Rows of a pair that must not be one person are parted first, then rows that must be are joined, and never so that a
parted pair comes together again. Only the clusters concerned are looked at, row by row.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from bianzhi.reconciliation.link.assembling import define_linked
from bianzhi.reconciliation.sources import DEPARTMENT_CODES
from bianzhi.reconciliation.sql.engine import Engine

Record = tuple[str, str]
Pair = tuple[Record, Record]


@dataclass
class Decisions:
    """Pairs of (source, fingerprint) that must, or must never, be one person."""

    must: set[Pair] = field(default_factory=set)
    never: set[Pair] = field(default_factory=set)


def apply_constraints(engine: Engine) -> None:
    """`constraints`, `records`, `link_overrides` → `link_overrides` as decided, and `decided_pairs`."""
    decisions = _read(engine.rows(_CONSTRAINTS))
    engine.register("decided_pairs", _decided_table(decisions))
    if not decisions.must and not decisions.never:
        return
    engine.register("decided_records", _records_table(decisions))
    define_linked(engine)
    found = {(source, fingerprint): cluster for source, fingerprint, cluster in engine.rows(_CONCERNED)}
    changed = decide(found, decisions)
    engine.register("decided_links", _links_table(changed))
    engine.create("link_overrides", _DECIDED)
    engine.drop("decided_records", "decided_links")


def decide(clusters: dict[Record, str], decisions: Decisions) -> dict[Record, tuple[str, str]]:
    """The cluster and rule of every row the decisions move, from the clusters as the rules have them."""
    now = dict(clusters)
    rules: dict[Record, str] = {}
    for one, other in sorted(decisions.never):
        if one in now and other in now and now[one] == now[other]:
            _part(now, rules, one, other)
    for one, other in sorted(decisions.must):
        if one in now and other in now and now[one] != now[other] and not _forbidden(now, one, other, decisions.never):
            _join(now, rules, one, other)
    return {record: (now[record], rules[record]) for record in sorted(rules)}


def _part(now: dict[Record, str], rules: dict[Record, str], one: Record, other: Record) -> None:
    """The row of the department farther from the register leaves; the other keeps the person."""
    leaving = max(one, other, key=lambda record: (DEPARTMENT_CODES.index(record[0]), record[1]))
    now[leaving] = f"C{leaving[1]}"
    rules[leaving] = "NEVER"


def _join(now: dict[Record, str], rules: dict[Record, str], one: Record, other: Record) -> None:
    kept, joined = sorted((now[one], now[other]))
    for record, cluster in now.items():
        if cluster == joined:
            now[record] = kept
            rules[record] = "MUST"


def _forbidden(now: dict[Record, str], one: Record, other: Record, never: set[Pair]) -> bool:
    sides = {now[one], now[other]}
    return any(left in now and right in now and {now[left], now[right]} == sides for left, right in never)


def _read(rows: list[tuple[Any, ...]]) -> Decisions:
    decisions = Decisions()
    for kind, left_source, left, right_source, right in rows:
        pair = tuple(sorted(((left_source, left), (right_source, right))))
        (decisions.must if kind == "must" else decisions.never).add((pair[0], pair[1]))
    return decisions


def _decided_table(decisions: Decisions) -> pa.Table:
    pairs = sorted({tuple(sorted((one[1], other[1]))) for one, other in decisions.must | decisions.never})
    return _table({"one_fingerprint": [pair[0] for pair in pairs], "other_fingerprint": [pair[1] for pair in pairs]})


def _records_table(decisions: Decisions) -> pa.Table:
    records = sorted({record for pair in decisions.must | decisions.never for record in pair})
    return _table({"source": [record[0] for record in records], "fingerprint": [record[1] for record in records]})


def _links_table(changed: dict[Record, tuple[str, str]]) -> pa.Table:
    columns: dict[str, list[str]] = defaultdict(list)
    for (_, fingerprint), (cluster, rule) in changed.items():
        columns["fingerprint"].append(fingerprint)
        columns["cluster"].append(cluster)
        columns["rule"].append(rule)
    return _table({name: columns[name] for name in ("fingerprint", "cluster", "rule")})


def _table(columns: dict[str, list[str]]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


_CONSTRAINTS: Final = "SELECT kind, left_source, left_fingerprint, right_source, right_fingerprint FROM constraints"
_CONCERNED: Final = """
    SELECT source, fingerprint, linked.cluster FROM linked JOIN (
        SELECT DISTINCT cluster FROM linked JOIN decided_records ON linked.fingerprint = decided_records.fingerprint
    ) AS concerned ON linked.cluster = concerned.cluster
"""
_DECIDED: Final = """
    SELECT link_overrides.fingerprint, link_overrides.cluster, link_overrides.rule
    FROM link_overrides LEFT JOIN decided_links ON link_overrides.fingerprint = decided_links.fingerprint
    WHERE decided_links.fingerprint IS NULL
    UNION ALL
    SELECT fingerprint, cluster, rule FROM decided_links
"""
