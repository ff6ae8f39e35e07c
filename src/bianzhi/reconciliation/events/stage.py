"""The stage that recognises events: this month's `positions` and those of the month before in, `events` out."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from bianzhi.kernel.dates import DateError, parse_date
from bianzhi.reconciliation.events.recognising import Recognised, recognise
from bianzhi.reconciliation.events.sides import Position, month_of
from bianzhi.reconciliation.events.succession import successors
from bianzhi.reconciliation.findings.hits import Row, first_said, rows_of
from bianzhi.reconciliation.sources import DEPARTMENT_CODES, ESTABLISHMENT
from bianzhi.reconciliation.sql.engine import Engine

COLUMNS: Final = (
    "person_key",
    "source",
    "unit_name",
    "unit_unknown",
    "active",
    "duty",
    "quota",
    "funding",
    "name_key",
    "id18",
    "birth",
    "sex",
)
SHAPE: Final = pa.schema(
    [
        ("key", pa.string()),
        ("kind", pa.string()),
        ("person_key", pa.string()),
        ("name", pa.string()),
        ("from_unit", pa.string()),
        ("to_unit", pa.string()),
        ("happened_on", pa.date32()),
        ("sources", pa.string()),
        ("confidence", pa.float64()),
        ("lane", pa.string()),
        ("evidence", pa.string()),
    ]
)
DATED: Final = ("hire", "transfer")
"""Kinds whose day a department may write into its roster (`since`)."""

Positions = Mapping[str, Sequence[Position]]


def find_events(engine: Engine, period: str, previous: Path | None) -> None:
    """Make `events`: empty without the `positions` of a month before; the same contents give the same events.

    Asks `positions`, `persons_changed`, `records`, `office_units`; `previous` is the file of the former positions.
    """
    lines = _lines(engine, period, previous) if previous is not None else []
    engine.register("events", pa.Table.from_pylist(sorted(lines, key=lambda line: str(line["key"])), schema=SHAPE))


def _lines(engine: Engine, period: str, previous: Path) -> list[dict[str, Any]]:
    engine.load("positions_before", [previous])
    before, after = _positions(engine, "positions_before"), _positions(engine, "positions")
    sources = _sources_of_both(engine)
    renamed = _successors(engine, before, after)
    codes = {str(unit): code for unit, code in engine.rows("SELECT unit, unit_code FROM office_units")}
    keys = sorted({*before, *after})
    rows = rows_of(engine, keys)
    lines = []
    for key in keys:
        was = [_under_its_new_name(position, renamed) for position in before.get(key, ())]
        is_same_unit = not any(position["unit_name"] in renamed for position in before.get(key, ()))
        events = recognise(month_of(was), month_of(after.get(key, ())), sources, is_same_unit=is_same_unit)
        for event in events:
            lines.append(_line(event, key, period, rows.get(key, ()), was, codes))
    return lines


def _positions(engine: Engine, table: str) -> Positions:
    chosen = ", ".join(f"p.{name}" for name in COLUMNS)
    found = engine.rows(
        f"SELECT {chosen} FROM {table} p JOIN persons_changed c ON c.person_key = p.person_key ORDER BY p.fingerprint"
    )
    by_person: dict[str, list[Position]] = defaultdict(list)
    for values in found:
        by_person[str(values[0])].append(dict(zip(COLUMNS, values, strict=True)))
    for positions in by_person.values():
        positions.sort(key=lambda position: DEPARTMENT_CODES.index(position["source"]))
    return by_person


def _sources_of_both(engine: Engine) -> list[str]:
    both = engine.rows(
        "SELECT b.source FROM (SELECT DISTINCT source FROM positions_before) AS b"
        " JOIN (SELECT DISTINCT source FROM positions) AS a ON a.source = b.source"
    )
    present = {str(source) for (source,) in both}
    return [code for code in DEPARTMENT_CODES if code in present]


def _successors(engine: Engine, before: Positions, after: Positions) -> dict[str, str]:
    moves = [
        (str(old["unit_name"]), str(new["unit_name"]))
        for key in sorted(before.keys() & after.keys())
        for old in before[key]
        for new in after[key]
        if old["source"] == new["source"] == ESTABLISHMENT
        and old["active"]
        and new["active"]
        and old["unit_name"] != new["unit_name"]
    ]
    return successors(moves, _people_of_units(engine, "positions_before"), _people_of_units(engine, "positions"))


def _people_of_units(engine: Engine, table: str) -> dict[str, int]:
    counted = engine.rows(
        f"SELECT unit_name, count(*) FROM {table} WHERE source = '{ESTABLISHMENT}' AND active = 1 GROUP BY unit_name"
    )
    return {str(unit): int(people) for unit, people in counted}


def _under_its_new_name(position: Position, renamed: Mapping[str, str]) -> Position:
    unit = str(position["unit_name"])
    return {**position, "unit_name": renamed[unit]} if unit in renamed else position


def _line(
    event: Recognised,
    key: str,
    period: str,
    rows: Sequence[Row],
    was: Sequence[Position],
    codes: Mapping[str, str | None],
) -> dict[str, Any]:
    parts = (event.kind, key, period, event.from_unit, event.to_unit, event.attribute, event.new)
    return {
        "key": hashlib.md5("|".join(parts).encode(), usedforsecurity=False).hexdigest(),
        "kind": event.kind,
        "person_key": key,
        "name": first_said(rows, "name") or _first(was, "name_key"),
        "from_unit": event.from_unit,
        "to_unit": event.to_unit,
        "happened_on": _happened_on(event, rows, period),
        "sources": f",{','.join(event.sources)},",
        "confidence": event.confidence,
        "lane": event.lane,
        "evidence": _evidence(event, rows, was, codes),
    }


def _evidence(event: Recognised, rows: Sequence[Row], was: Sequence[Position], codes: Mapping[str, str | None]) -> str:
    told = {
        "id_number": first_said(rows, "id18") or _first(was, "id18") or first_said(rows, "id_number"),
        "from_unit_code": codes.get(event.from_unit),
        "to_unit_code": codes.get(event.to_unit),
        "cause": event.cause,
        "field": event.attribute,
        "old": event.old,
        "new": event.new,
        "signals": [
            {"source": one.source, "what": one.what, "before": one.before, "after": one.after} for one in event.signals
        ],
        "rows": [
            {name: row[name] for name in ("source", "delivery", "row", "fingerprint")}
            for row in rows
            if row["source"] in event.sources
        ],
    }
    known = {name: value for name, value in told.items() if value}
    return json.dumps(known, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _first(positions: Iterable[Position], column: str) -> str:
    return next((str(position[column]) for position in positions if position[column]), "")


def _happened_on(event: Recognised, rows: Iterable[Row], period: str) -> Any:
    """The day the departments that saw it write as the beginning, if it lies in the month or the one before."""
    if event.kind not in DATED:
        return None
    days = []
    for row in rows:
        if row["since"] and row["source"] in event.sources:
            try:
                written = parse_date(str(row["since"]))
            except DateError:
                continue
            if written is not None and written.day.strftime("%Y-%m") in (period, _month_before(period)):
                days.append(written.day)
    return min(days, default=None)


def _month_before(period: str) -> str:
    year, month = int(period[:4]), int(period[5:7])
    return f"{year - 1}-12" if month == 1 else f"{year}-{month - 1:02d}"
