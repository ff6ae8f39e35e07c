"""Small rosters written row by row, and the links an engine finds in them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, make_id_number
from bianzhi.reconciliation.link import LinkSettings, empty_inputs, make_links
from bianzhi.reconciliation.link.cascade import CONSTRAINT_COLUMNS
from bianzhi.reconciliation.normalise import make_records
from bianzhi.reconciliation.sources import ESTABLISHMENT, FINANCE, HR, ORGANIZATION, ROSTER_COLUMNS
from bianzhi.reconciliation.sql.engine import Engine

Row = dict[str, Any]
ALL = (ESTABLISHMENT, ORGANIZATION, HR, FINANCE)
BORN = date(1980, 5, 17)
SCHOOL, HOSPITAL = "青禾区第一中学", "青禾区人民医院"


def number(birth: date = BORN, serial: int = 21) -> str:
    return make_id_number(UNALLOCATED_REGION, birth, serial).value


def row(source: str, **cells: Any) -> Row:
    """A row as a department writes it: 组织部 knows months, 财政 no birth; `id_number`, `name`, `unit` … override."""
    born: date = cells.pop("born", BORN)
    usual = {ORGANIZATION: f"{born:%Y.%m}", FINANCE: None}
    plain = dict.fromkeys(ROSTER_COLUMNS) | {
        "source": source,
        "delivery": source,
        "id_number": number(born),
        "name": "张晓伟",
        "birth": usual.get(source, f"{born:%Y-%m-%d}"),
        "unit": SCHOOL,
    }
    return plain | cells


def person(*sources: str, **cells: Any) -> list[Row]:
    """The same row in each of the departments; all four when none is named."""
    return [row(source, **cells) for source in sources or ALL]


def colleagues(unit: str = SCHOOL, count: int = 3) -> list[Row]:
    """People nothing is the matter with, by whom the names of a unit are known."""
    names = ("王芳", "李建国", "陈静怡", "赵敏", "孙立新")
    return [
        line
        for place in range(count)
        for line in person(name=names[place], unit=unit, born=date(1970 + place, 1, 1 + sum(map(ord, unit)) % 28))
    ]


def rosters(rows: list[Row]) -> pa.Table:
    """The rows as one relation, numbered in each delivery."""
    placed: dict[str, int] = {}
    numbered = []
    for line in rows:
        place = placed[line["delivery"]] = placed.get(line["delivery"], 0) + 1
        numbered.append(line | {"row": line["row"] or place})
    types = {"VARCHAR": pa.string(), "BIGINT": pa.int64()}
    return pa.table(
        {name: pa.array([line[name] for line in numbered], types[kind]) for name, kind in ROSTER_COLUMNS.items()}
    )


def link(
    engine: Engine,
    rows: list[Row],
    *,
    constraints: list[tuple[str, str, str, str, str]] | None = None,
    settings: LinkSettings | None = None,
) -> None:
    """Run records and links; `constraints` in the order of CONSTRAINT_COLUMNS."""
    engine.register("rosters", rosters(rows))
    empty_inputs(engine)
    if constraints:
        engine.register(
            "constraints",
            pa.table({name: [line[i] for line in constraints] for i, name in enumerate(CONSTRAINT_COLUMNS)}),
        )
    make_records(engine)
    make_links(engine, settings)


def found(engine: Engine) -> dict[tuple[str, int], tuple[str, str]]:
    """(source, row) → (cluster, rule)."""
    return {
        (source, place): (cluster, rule)
        for source, place, cluster, rule in engine.rows("SELECT source, row, cluster, rule FROM links")
    }


def groups(engine: Engine) -> list[list[tuple[str, int]]]:
    """The rows of each person, in order."""
    clusters: dict[str, list[tuple[str, int]]] = {}
    for line, (cluster, _) in sorted(found(engine).items()):
        clusters.setdefault(cluster, []).append(line)
    return sorted(clusters.values())
