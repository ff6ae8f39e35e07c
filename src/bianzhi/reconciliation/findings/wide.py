"""`person_wide`: one line for each person to be judged, with everything the rules of findings.yaml may ask about."""

from __future__ import annotations

from typing import Final

from bianzhi.reconciliation.diff import bag_difference
from bianzhi.reconciliation.findings.abbreviations import register_readings
from bianzhi.reconciliation.findings.coding import register_codes
from bianzhi.reconciliation.findings.plain import TO_BE_JUDGED
from bianzhi.reconciliation.normalise.texts import quoted
from bianzhi.reconciliation.sources import ESTABLISHMENT, FINANCE, HR, ORGANIZATION
from bianzhi.reconciliation.sql.engine import Engine

TAGS: Final = {ESTABLISHMENT: "listed", ORGANIZATION: "posted", HR: "employed", FINANCE: "paid"}
"""How a department's part of a person is called in `person_wide`: listed, posted, employed, paid."""

WEAK_RULES: Final = ("FUZZY", "NAME_BIRTH", "SPLINK")
"""Links that rest on likeness alone; a person joined by one is looked into before anybody is accused."""

_IS_WEAK: Final = f"r.lane <> 'auto' OR r.rule IN ({', '.join(map(quoted, WEAK_RULES))})"
UNKNOWN_DUTY: Final = "unknown"
"""The state of a row whose department wrote a word for it that no line of codes.yaml knows: counted as at work, but
nobody is accused on the strength of it."""

_INACTIVE: Final = "'retired', 'dead', 'left', 'stopped', 'non_quota'"

SHARED_TEXTS: Final = """
SELECT source, unit_key FROM homes WHERE is_sure = 1 GROUP BY source, unit_key HAVING count(*) > 1
"""
OWN_HOMES: Final = f"""
SELECT listed.person_key, homes.source, homes.unit_key, min(homes.place) AS place
FROM shared_texts shared
JOIN homes ON homes.source = shared.source AND homes.unit_key = shared.unit_key AND homes.is_sure = 1
JOIN keyed_records listed ON listed.source = '{ESTABLISHMENT}' AND listed.unit_key = homes.home
GROUP BY listed.person_key, homes.source, homes.unit_key
"""
"""Which of the units a shared text stands for is meant of a person: the one the establishment has them at."""

POSITIONS: Final = f"""
SELECT r.source, r.fingerprint, r.person_key, r.name_key, r.id18,
       coalesce(office.unit, read_as.unit, r.unit) AS unit_name,
       CASE WHEN office.unit IS NULL OR shared.unit_key IS NOT NULL AND own.place IS NULL
            THEN 1 ELSE 0 END AS unit_unknown,
       coalesce(duty.code, CASE WHEN trim(coalesce(r.status, '')) = '' THEN 'on_quota' ELSE '{UNKNOWN_DUTY}' END)
           AS duty,
       CASE WHEN coalesce(duty.code, 'on_quota') IN ({_INACTIVE}) OR coalesce(quota.code, '') = '编外'
            THEN 0 ELSE 1 END AS active,
       quota.code AS quota, funding.code AS funding, sex.code AS sex,
       r.written_birth AS birth,
       CASE WHEN r.id18 IS NULL AND r.id_flags <> ',empty,' THEN 1 ELSE 0 END AS id_wrong,
       CASE WHEN {_IS_WEAK} THEN 1 ELSE 0 END AS doubtful
FROM keyed_records r
LEFT JOIN shared_texts shared ON shared.source = r.source AND shared.unit_key = r.unit_key
LEFT JOIN own_homes own
     ON own.source = r.source AND own.unit_key = r.unit_key AND own.person_key = r.person_key
LEFT JOIN homes ON homes.source = r.source AND homes.unit_key = r.unit_key AND homes.place = coalesce(own.place, 1)
LEFT JOIN office_units office ON office.unit_key = homes.home
LEFT JOIN unit_readings reading ON reading.unit_key = r.unit_key AND homes.home IS NULL
LEFT JOIN office_units read_as ON read_as.unit_key = reading.home
LEFT JOIN word_codes duty ON duty.kind = 'duty' AND duty.text = r.status
LEFT JOIN word_codes quota ON quota.kind = 'quota' AND quota.text = r.quota_type
LEFT JOIN word_codes funding ON funding.kind = 'funding' AND funding.text = r.funding
LEFT JOIN word_codes sex ON sex.kind = 'sex' AND sex.text = r.sex
"""


COMPARED: Final = (
    "person_key",
    "source",
    "unit_name",
    "unit_unknown",
    "active",
    "duty",
    "quota",
    "funding",
    "sex",
    "name_key",
    "id18",
    "birth",
    "id_wrong",
    "doubtful",
)
"""Everything that is judged of a row: people of whom none of it changed had no event."""


def make_positions(engine: Engine) -> None:
    """`keyed_records`, `homes`, `office_units` → `positions`.

    A text two units are known by is read of each person as the unit the establishment has them at; of whom it has at
    neither, the unit is unknown.
    """
    register_codes(engine, "records")
    register_readings(engine)
    engine.create("shared_texts", SHARED_TEXTS)
    engine.create("own_homes", OWN_HOMES)
    engine.create("positions", POSITIONS)
    engine.drop("shared_texts", "own_homes")


def note_changes(engine: Engine) -> None:
    """`moved_rows`, `positions`, `positions_before` → `persons_changed` (person_key).

    It holds everybody of whom a row says something else than the month before, and nobody without a month before. Rows
    that say the same in other words moved too, so whoever has a row that moved is compared once more, as a bag.
    """
    engine.create("persons_changed", "SELECT person_key FROM moved_rows UNION SELECT former_key FROM moved_rows")
    if not engine.count("persons_changed"):
        return
    for side in ("positions_before", "positions"):
        engine.create(
            f"{side}_looked_at", f"SELECT s.* FROM {side} s JOIN persons_changed c ON c.person_key = s.person_key"
        )
    bag_difference(
        engine, "positions_before_looked_at", "positions_looked_at", COMPARED, keep=["person_key"], name="moves"
    )
    engine.create("persons_changed", "SELECT person_key FROM moves_gone UNION SELECT person_key FROM moves_came")
    engine.drop("moves_gone", "moves_came", "positions_before_looked_at", "positions_looked_at", "moved_rows")


def make_person_wide(engine: Engine) -> None:
    """`positions` → `person_wide`, without those people of whom no rule can hold."""
    engine.create("persons_judged", TO_BE_JUDGED)
    engine.create(
        "positions_judged", "SELECT p.* FROM positions p JOIN persons_judged j ON j.person_key = p.person_key"
    )
    engine.create("person_wide", wide_sql("positions_judged"))
    engine.drop("persons_judged", "positions_judged")


def wide_sql(positions: str) -> str:
    """The SELECT of one line for each person_key of these positions."""
    parts = [*_counts(), *_places(), *_attributes(), *_extremes()]
    return f"SELECT person_key, {', '.join(parts)} FROM {positions} GROUP BY person_key"


def _of(source: str, column: str, *, active: bool = True) -> str:
    standing = " AND active = 1" if active else ""
    return f"CASE WHEN source = '{source}'{standing} THEN {column} END"


def _counts() -> list[str]:
    told = f"source IN ('{HR}', '{ORGANIZATION}')"
    return [
        *(f"count({_of(source, '1')}) AS {tag}" for source, tag in TAGS.items()),
        *(f"count(CASE WHEN {told} AND duty = '{duty}' THEN 1 END) AS {duty}_by" for duty in ("retired", "dead")),
        "CAST(sum(doubtful) AS BIGINT) AS doubtful",
        "CAST(sum(id_wrong) AS BIGINT) AS id_wrong",
        "CAST(sum(unit_unknown * active) AS BIGINT) AS unit_unknown",
        f"count(CASE WHEN duty = '{UNKNOWN_DUTY}' THEN 1 END) AS status_unknown",
        "CASE WHEN min(id18) IS NULL THEN 0 WHEN min(id18) = max(id18) THEN 1 ELSE 2 END AS id_different",
        f"abs({_day_number(_born(ESTABLISHMENT))} - {_day_number(_born(HR))}) AS birth_days_apart",
    ]


def _born(source: str) -> str:
    return f"min(CASE WHEN source = '{source}' AND birth % 100 > 0 THEN birth END)"


def _day_number(written: str) -> str:
    """Days since a day long ago of a date written as YYYYMMDD, in whole numbers: years begin in March for leap days."""
    month, day = f"({written} // 100 % 100)", f"({written} % 100)"
    year = f"({written} // 10000 - CASE WHEN {month} < 3 THEN 1 ELSE 0 END)"
    since_march = f"({month} + CASE WHEN {month} < 3 THEN 9 ELSE -3 END)"
    return f"(365 * {year} + {year} // 4 - {year} // 100 + {year} // 400 + (153 * {since_march} + 2) // 5 + {day})"


def _places() -> list[str]:
    """The least and the greatest name of a unit: they differ exactly where there are two."""
    return [
        f"{pick}({_of(source, 'unit_name')}) AS {tag}_unit{suffix}"
        for source, tag in TAGS.items()
        for pick, suffix in (("min", ""), ("max", "_other"))
    ]


def _attributes() -> list[str]:
    said = [(column, source) for column in ("name", "birth", "sex") for source in TAGS]
    kept = [("quota", ESTABLISHMENT), ("quota", HR), ("quota", FINANCE), ("funding", ESTABLISHMENT)]
    return [
        *(f"min({_of(source, _COLUMN[column], active=False)}) AS {column}_{TAGS[source]}" for column, source in said),
        *(f"min({_of(source, column)}) AS {column}_{TAGS[source]}" for column, source in (*kept, ("funding", FINANCE))),
    ]


_COLUMN: Final = {"name": "name_key", "birth": "birth", "sex": "sex"}


def _extremes() -> list[str]:
    day = "CASE WHEN birth % 100 > 0 THEN birth END"
    spans = {"name": "name_key", "id": "id18", "birth": day, "birth_month": "birth // 100", "sex": "sex"}
    return [
        f"{pick}({column}) AS {name}_{suffix}"
        for name, column in spans.items()
        for pick, suffix in (("min", "first"), ("max", "last"))
    ]
