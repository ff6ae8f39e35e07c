"""Four departments' rows about a few people, and the tables a comparison makes of them before it looks for findings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from bianzhi.kernel.identifiers.id_number import check_character
from bianzhi.reconciliation.sources import ESTABLISHMENT, FINANCE, HR, ORGANIZATION, ROSTER_COLUMNS
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine

SHORT = {"b": ESTABLISHMENT, "z": ORGANIZATION, "r": HR, "f": FINANCE}


def number(serial: int, birth: str = "19800101") -> str:
    """A valid number of nobody."""
    body = f"330699{birth}{serial:03d}"
    return body + check_character(body)


def person(key: str, serial: int, sources: str = "bzrf", **cells: Any) -> list[dict[str, Any]]:
    """One row for each letter of `sources`; `cells` hold for all, `b_unit="…"` for one department only."""
    common = {name: value for name, value in cells.items() if name[1:2] != "_"}
    rows = []
    for letter in sources:
        own = {name[2:]: value for name, value in cells.items() if name.startswith(f"{letter}_")}
        row: dict[str, Any] = {"name": f"王{serial}", "unit": "教育局", "id_number": number(serial)}
        rows.append({**row, **common, **own, "source": SHORT[letter], "person_key": key})
    return rows


def engine_of(
    rows: Iterable[Mapping[str, Any]],
    quota: Sequence[tuple[str, str | None, int]] = (),
    never: Sequence[tuple[int, int]] = (),
    asked: Sequence[tuple[int, int]] = (),
) -> DuckDBEngine:
    """An engine that holds what the stages before the findings would have made of these rows.

    `never` and `asked` name pairs of rows by their places: decided to be two people, put to an official.
    """
    engine = DuckDBEngine()
    records = [_record(row, place) for place, row in enumerate(rows, start=1)]
    engine.register("records", _table(records, {**ROSTER_COLUMNS, **NORMALISED}))
    engine.register("keyed_records", _table(records, {**ROSTER_COLUMNS, **NORMALISED, **LINKED}))
    homes = _homes(records)
    engine.register("homes", _table(homes, HOMES))
    units = [{"unit_key": unit, "unit": unit} for unit in sorted({str(one["home"]) for one in homes})]
    engine.register("office_units", _table(units, {"unit_key": "VARCHAR", "unit": "VARCHAR"}))
    for table, first, pairs in (("constraints", {"kind": "never"}, never), ("pairs_for_review", {}, asked)):
        sides = [
            {**first, "left_fingerprint": f"{one:032d}", "right_fingerprint": f"{other:032d}"} for one, other in pairs
        ]
        engine.register(
            table, _table(sides, dict.fromkeys(("kind", "left_fingerprint", "right_fingerprint"), "VARCHAR"))
        )
    quotas = [dict(zip(QUOTA, line, strict=True)) for line in quota]
    engine.register("quota", _table(quotas, QUOTA))
    return engine


QUOTA = {"unit": "VARCHAR", "quota_type": "VARCHAR", "approved": "BIGINT"}
HOMES = {"source": "VARCHAR", "unit_key": "VARCHAR", "home": "VARCHAR", "place": "BIGINT", "is_sure": "BIGINT"}
NORMALISED = {
    "fingerprint": "VARCHAR",
    "name_key": "VARCHAR",
    "id18": "VARCHAR",
    "id_flags": "VARCHAR",
    "written_birth": "BIGINT",
    "unit_key": "VARCHAR",
}
LINKED = {"person_key": "VARCHAR", "rule": "VARCHAR", "lane": "VARCHAR"}
_TYPES = {"VARCHAR": pa.string(), "BIGINT": pa.int64()}


def _record(row: Mapping[str, Any], place: int) -> dict[str, Any]:
    written = row.get("id_number")
    sound = written if written and len(written) == 18 and written[17] == check_character(written[:17]) else None
    birth = row.get("birth")
    return {
        "register_unit": row["unit"],
        "rule": "ID_EXACT",
        "lane": "auto",
        "delivery": f"file of {row['source']}",
        "row": place,
        **row,
        "fingerprint": f"{place:032d}",
        "name_key": row["name"],
        "unit_key": row["unit"],
        "id18": sound,
        "id_flags": "" if sound else ",checksum," if written else ",empty,",
        "written_birth": int(birth.ljust(8, "0")) if birth else None,
    }


def _homes(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What each department's texts stand for: the units its rows name, in their order."""
    meant: dict[tuple[str, str], set[str]] = {}
    for row in records:
        if row["register_unit"]:
            meant.setdefault((row["source"], row["unit"]), set()).add(row["register_unit"])
    return [
        {"source": source, "unit_key": unit, "home": home, "place": place, "is_sure": 1}
        for (source, unit), units in sorted(meant.items())
        for place, home in enumerate(sorted(units), start=1)
    ]


def _table(rows: Iterable[Mapping[str, Any]], shape: Mapping[str, str]) -> pa.Table:
    schema = pa.schema([(name, _TYPES[kind]) for name, kind in shape.items()])
    return pa.Table.from_pylist([{name: row.get(name) for name in shape} for row in rows], schema=schema)
