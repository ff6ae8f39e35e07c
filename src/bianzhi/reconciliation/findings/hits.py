"""Where the rules hold: the persons, the facts of each, and the source rows they come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from bianzhi.reconciliation.findings.rules import KINDS, FindingRule
from bianzhi.reconciliation.sources import DEPARTMENT_CODES, ROSTER_COLUMNS
from bianzhi.reconciliation.sql.engine import Engine

KEYS: Final = ("name_key", "id18", "birth_said", "sex_code")
"""What rows are compared by, beside what was delivered."""

SHOWN: Final = ("person_key", *ROSTER_COLUMNS, "fingerprint", "register_unit")
"""What a finding shows of a row."""

ROWS: Final = f"""
SELECT j.person_key, {", ".join(f"r.{name}" for name in ROSTER_COLUMNS)}, r.fingerprint, j.unit_name AS register_unit,
       r.name_key, r.id18, j.birth AS birth_said, j.sex AS sex_code
FROM persons_found p JOIN positions j ON j.person_key = p.person_key JOIN records r ON r.fingerprint = j.fingerprint
"""
GATHERED: Final = "SELECT r.* FROM persons_found p JOIN rows_gathered r ON r.person_key = p.person_key"

SAME_NUMBER: Final = "coalesce(id_first = id_last, false)"
SAME_NAME_OR_BIRTH: Final = (
    "(coalesce(name_first = name_last, true) OR coalesce(birth_month_first = birth_month_last, false))"
)
GUARDS: Final[Mapping[str, str]] = {
    "clean": f"doubtful = 0 AND {SAME_NUMBER} AND {SAME_NAME_OR_BIRTH}",
    "unlike": f"doubtful = 0 AND {SAME_NUMBER} AND {SAME_NAME_OR_BIRTH}",
    "linked": f"(doubtful = 0 OR {SAME_NAME_OR_BIRTH})",
    "none": "true",
}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that holds of a person, with the facts it rests on; `certain` where its guard lets it accuse.

    `is_known` is false where the rule counts who is at work and a row says so in a word nobody knows.
    """

    rule: FindingRule
    person_key: str
    certain: bool
    is_known: bool
    facts: Mapping[str, Any]


def certain_sql(rule: FindingRule) -> str:
    """When a finding of this rule may accuse: keys clean, units and states known, and what the rule itself asks."""
    asked = [GUARDS[rule.guard], known_sql(rule)]
    if rule.guard == "clean" and "_unit" in rule.predicate:
        asked.append("unit_unknown = 0")
    if rule.certain:
        asked.append(f"({rule.certain})")
    return " AND ".join(asked)


def known_sql(rule: FindingRule) -> str:
    """Whether it is known of every row who is at work, for the rules that count those who are."""
    return "status_unknown = 0" if rule.guard in ("clean", "unlike") else "true"


def hits(engine: Engine) -> list[Hit]:
    """Every rule over persons, asked of every line of `person_wide`; in the order of the rules and the keys.

    A rule that needs a department which delivered nothing is not asked: nobody is missing from a roster not given.
    """
    delivered = {str(source) for (source,) in engine.rows("SELECT DISTINCT source FROM positions")}
    rules = [
        rule for rule in KINDS.values() if rule.over == "person" and rule.predicate and delivered.issuperset(rule.needs)
    ]
    return [hit for rule in rules for hit in _hits_of(engine, rule)]


def _hits_of(engine: Engine, rule: FindingRule) -> Iterable[Hit]:
    found = engine.rows(
        f"SELECT person_key, CASE WHEN {certain_sql(rule)} THEN 1 ELSE 0 END AS certain,"
        f" CASE WHEN {known_sql(rule)} THEN 1 ELSE 0 END AS is_known, {', '.join(rule.facts)}"
        f" FROM person_wide WHERE {rule.predicate} ORDER BY person_key"
    )
    for person_key, certain, is_known, *values in found:
        yield Hit(rule, str(person_key), bool(certain), bool(is_known), dict(zip(rule.facts, values, strict=True)))


def rows_of(engine: Engine, persons: Iterable[str]) -> dict[str, list[Row]]:
    """The source rows of these persons as delivered, with the unit of the register and the keys they are compared by.

    Departments stand in their usual order, rows of one department in the order of their fingerprints.
    """
    _register(engine, persons)
    return _by_person(engine.rows(ROWS))


def gather_rows(engine: Engine, persons: Iterable[str]) -> None:
    """Put the rows of these persons together, for `gathered_rows_of` to look only among them."""
    _register(engine, persons)
    engine.create("rows_gathered", ROWS)


def gathered_rows_of(engine: Engine, persons: Iterable[str]) -> dict[str, list[Row]]:
    """As `rows_of`, of persons whose rows were gathered."""
    _register(engine, persons)
    return _by_person(engine.rows(GATHERED))


def _register(engine: Engine, persons: Iterable[str]) -> None:
    engine.register("persons_found", pa.table({"person_key": pa.array(sorted(set(persons)), pa.string())}))


def _by_person(found: Iterable[tuple[Any, ...]]) -> dict[str, list[Row]]:
    names = (*SHOWN, *KEYS)
    persons_rows: dict[str, list[Row]] = defaultdict(list)
    for values in found:
        persons_rows[values[0]].append(dict(zip(names, values, strict=True)))
    for rows in persons_rows.values():
        rows.sort(key=_place)
    return persons_rows


def _place(row: Row) -> tuple[int, str]:
    return DEPARTMENT_CODES.index(row["source"]), str(row["fingerprint"])


def first_said(rows: Sequence[Row], column: str) -> str:
    """The first cell that is not empty, departments in their usual order; empty when nobody says anything."""
    return next((str(row[column]) for row in rows if row[column]), "")
