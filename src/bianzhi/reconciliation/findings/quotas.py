"""Units that hold more people than were approved, where the approved quotas are given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from bianzhi.reconciliation.findings.codes import code_of
from bianzhi.reconciliation.findings.hits import Row, rows_of
from bianzhi.reconciliation.findings.lines import Case
from bianzhi.reconciliation.findings.rules import KINDS
from bianzhi.reconciliation.sources import ESTABLISHMENT
from bianzhi.reconciliation.sql.engine import Engine

OVER_QUOTA: Final = "over_quota"
ALL_TYPES: Final = "各类编制合计"
"""What a quota without a type is a quota of."""

SHAPE: Final = pa.schema([("unit", pa.string()), ("quota_type", pa.string()), ("approved", pa.int64())])
HOLDERS: Final = f"""
SELECT q.unit, q.quota_type, q.approved, p.person_key, p.fingerprint
FROM quota_coded q
JOIN positions p ON p.unit_name = q.unit AND (q.quota_type = '{ALL_TYPES}' OR p.quota = q.quota_type)
WHERE p.source = '{ESTABLISHMENT}' AND p.active = 1
"""
OCCUPIED: Final = """
SELECT unit, quota_type, approved, count(DISTINCT person_key) AS occupied,
       count(DISTINCT person_key) - approved AS excess
FROM quota_holders GROUP BY unit, quota_type, approved
"""

Place = tuple[str, str]


def over_quota(engine: Engine) -> list[Case]:
    """One case for each unit and type of quota over what `quota` (unit, quota_type, approved) gives; none without it.

    A person counts once in a unit however often the roster has them; a type nobody can sort is left out.
    """
    engine.register("quota_coded", _approved(engine.rows("SELECT unit, quota_type, approved FROM quota")))
    engine.create("quota_holders", HOLDERS)
    engine.create("quota_occupied", OCCUPIED)
    rule = KINDS[OVER_QUOTA]
    found = engine.rows(
        f"SELECT unit, {', '.join(rule.facts)} FROM quota_occupied WHERE {rule.predicate} ORDER BY unit, quota_type"
    )
    over: dict[Place, Mapping[str, Any]] = {
        (str(unit), str(facts[0])): dict(zip(rule.facts, facts, strict=True)) for unit, *facts in found
    }
    rows = _rows_by_place(engine, over)
    return [
        Case(rule, "", facts, rows[place], rule.lane, rule.owner, unit=place[0], about=place[1])
        for place, facts in over.items()
    ]


def _approved(lines: Iterable[Sequence[Any]]) -> pa.Table:
    """Quotas of types that are sorted alike are added up: 事业编制 of 全额 and 差额 are one type of the rosters."""
    total: dict[Place, int] = defaultdict(int)
    for unit, text, number in lines:
        code = code_of("quota", text) if text else ALL_TYPES
        if code is not None:
            total[str(unit), code] += int(number)
    told = [dict(zip(SHAPE.names, (*place, number), strict=True)) for place, number in sorted(total.items())]
    return pa.Table.from_pylist(told, schema=SHAPE)


def _rows_by_place(engine: Engine, over: Iterable[Place]) -> dict[Place, list[Row]]:
    places = [{"unit": unit, "quota_type": code} for unit, code in over]
    engine.register("quota_over", pa.Table.from_pylist(places, schema=pa.schema([SHAPE.field(0), SHAPE.field(1)])))
    holders = engine.rows(
        "SELECT h.unit, h.quota_type, h.person_key, h.fingerprint FROM quota_holders h"
        " JOIN quota_over o ON o.unit = h.unit AND o.quota_type = h.quota_type ORDER BY h.fingerprint"
    )
    rows = rows_of(engine, (str(key) for _, _, key, _ in holders))
    by_fingerprint = {str(row["fingerprint"]): row for of_person in rows.values() for row in of_person}
    placed: dict[Place, list[Row]] = defaultdict(list)
    for unit, code, _, fingerprint in holders:
        placed[str(unit), str(code)].append(by_fingerprint[str(fingerprint)])
    return placed
