"""What a run counted: rows by department, links by rule, findings by kind, class and lane, events by kind and lane."""

from __future__ import annotations

from typing import Final

from bianzhi.reconciliation.sql.engine import Engine

COUNTED: Final = {
    "records": ("links", "source"),
    "rules": ("links", "rule"),
    "links": ("links", "lane"),
    "pairs": ("pairs_for_review", "rule"),
    "kinds": ("findings", "kind"),
    "groups": ("findings", "group_code"),
    "lanes": ("findings", "lane"),
    "owners": ("findings", "owner"),
    "events": ("events", "kind"),
    "event_lanes": ("events", "lane"),
}
"""Name of a count → the relation and the column it is counted by."""

Counts = dict[str, dict[str, int]]


def counts_of(engine: Engine) -> Counts:
    """Every count of COUNTED, and how many persons there are."""
    counts = {name: _count(engine, table, column) for name, (table, column) in COUNTED.items()}
    return {**counts, "persons": {"all": _persons(engine)}}


def _count(engine: Engine, table: str, column: str) -> dict[str, int]:
    lines = engine.rows(f"SELECT {column}, count(*) FROM {table} GROUP BY {column} ORDER BY {column}")
    return {str(value): int(number) for value, number in lines}


def _persons(engine: Engine) -> int:
    ((persons,),) = engine.rows("SELECT count(*) FROM (SELECT DISTINCT person_key FROM identities) AS keys")
    return int(persons)
