"""What each department calls the units of the 编办: learned from the people they share, signed off by officials.

No similarity of texts is used. `homes` maps (source, unit_key), or unit_no, to the 编办's units; a text
two units are known by has several, and linking then asks for one person in all of them. A text nobody shared in one
department is looked up among those of the others. `is_sure` is 1 where the text stands for this unit whatever else it
stands for: officials said so, or several people show it and the text is no unit's own name.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from bianzhi.reconciliation.normalise.units import unit_key
from bianzhi.reconciliation.sources import ESTABLISHMENT
from bianzhi.reconciliation.sql.engine import Engine

SURE_SUPPORT: Final = 3  # people from which on a learned unit outweighs an equal text
LEAST_SHARE_OF_TEN: Final = 2  # a unit fewer of the people point to is a transfer, not a name


def learn_aliases(engine: Engine) -> None:
    """`records`, `written_units`, `id_groups`, `approved_aliases` → `unit_aliases`, `homes`, `office_units`."""
    engine.create("office_units", _OFFICE_UNITS)
    engine.create(
        "unit_texts", "SELECT DISTINCT source, unit_key, unit_no FROM written_units WHERE unit_no IS NOT NULL"
    )
    engine.create("alias_counts", _COUNTS)
    engine.create("alias_ranks", _RANKS)
    engine.create("unit_aliases", _ALIASES)
    _register_approved(engine)
    engine.create("homes", _HOMES)
    engine.drop("alias_counts", "approved_homes", "unit_texts")


def _register_approved(engine: Engine) -> None:
    approved = sorted({(source, unit_key(text), unit_key(unit)) for source, text, unit in engine.rows(_APPROVED)})
    columns = {
        name: pa.array([row[place] for row in approved], pa.string())
        for place, name in enumerate(("source", "unit_key", "home"))
    }
    engine.register("approved_homes", pa.table(columns))


_APPROVED: Final = "SELECT source, text, unit FROM approved_aliases"
_OFFICE_UNITS: Final = f"""
    SELECT unit_key, min(unit) AS unit, min(unit_code) AS unit_code FROM written_units
    WHERE source = '{ESTABLISHMENT}' AND unit_key <> '' GROUP BY unit_key
"""
_SHARED: Final = f"""
    SELECT unit_no, first_office AS home_no, count(*) AS people
    FROM records JOIN (
        SELECT id_body, first_office FROM id_groups WHERE first_office = last_office AND first_name = last_name
    ) AS listed ON records.id_body = listed.id_body
    WHERE records.source <> '{ESTABLISHMENT}'
    GROUP BY unit_no, first_office
"""
_SHARED_BY_ROUNDED_NUMBER: Final = f"""
    SELECT rounded.unit_no, office.unit_no AS home_no, count(*) AS people
    FROM (
        SELECT unit_no, name_key, try_cast(substr(id_plain, 1, 15) AS BIGINT) AS first_digits
        FROM records WHERE id_flags = ',rounded,' AND source <> '{ESTABLISHMENT}'
    ) AS rounded
    JOIN records AS office ON rounded.first_digits = office.id_body // 100 AND rounded.name_key = office.name_key
    WHERE office.source = '{ESTABLISHMENT}'
    GROUP BY rounded.unit_no, office.unit_no
"""
_COUNTS: Final = f"""
    SELECT texts.source, texts.unit_key, offices.unit_key AS home, CAST(sum(people) AS BIGINT) AS people
    FROM ({_SHARED} UNION ALL {_SHARED_BY_ROUNDED_NUMBER}) AS shared
    JOIN unit_texts AS texts ON shared.unit_no = texts.unit_no
    JOIN unit_texts AS offices ON shared.home_no = offices.unit_no
    GROUP BY texts.source, texts.unit_key, offices.unit_key
"""
_RANKS: Final = """
    SELECT *, row_number() OVER (PARTITION BY source, unit_key ORDER BY people DESC, home) AS place FROM (
        SELECT counted.source, counted.unit_key, home, people, total
        FROM alias_counts AS counted
        JOIN (
            SELECT source, unit_key, CAST(sum(people) AS BIGINT) AS total FROM alias_counts GROUP BY source, unit_key
        ) AS totals ON counted.source = totals.source AND counted.unit_key = totals.unit_key
    ) AS shares
"""
_ALIASES: Final = """
    SELECT source, alias_ranks.unit_key AS text, office_units.unit, office_units.unit_code, people AS support,
           CAST(people AS DOUBLE) / total AS share, alias_ranks.unit_key = home AS is_exact
    FROM alias_ranks JOIN office_units ON alias_ranks.home = office_units.unit_key WHERE place = 1
"""
_TEXTS: Final = f"SELECT source, unit_key FROM unit_texts WHERE source <> '{ESTABLISHMENT}'"
_POOLED: Final = f"""
    SELECT homes_of_all.unit_key, home, people FROM (
        SELECT unit_key, home, sum(people) AS people FROM alias_ranks GROUP BY unit_key, home
    ) AS homes_of_all
    JOIN (SELECT unit_key, sum(people) AS total FROM alias_ranks GROUP BY unit_key) AS totals
    ON homes_of_all.unit_key = totals.unit_key
    WHERE people * 10 >= total * {LEAST_SHARE_OF_TEN}
"""
_HOMES: Final = f"""
    SELECT known.source, known.unit_key, texts.unit_no, home, offices.unit_no AS home_no, is_sure,
           row_number() OVER (PARTITION BY texts.unit_no ORDER BY weight DESC, home) AS place
    FROM (
        SELECT '{ESTABLISHMENT}' AS source, unit_key, unit_key AS home, 1 AS weight, 0 AS is_sure FROM office_units
        UNION ALL
        SELECT texts.source, texts.unit_key, approved_homes.home, 1 AS weight, 1 AS is_sure
        FROM ({_TEXTS}) AS texts
        JOIN approved_homes ON texts.source = approved_homes.source AND texts.unit_key = approved_homes.unit_key
        UNION ALL
        SELECT ranks.source, ranks.unit_key, ranks.home, ranks.people AS weight,
               CASE WHEN office_units.unit_key IS NULL AND ranks.people >= {SURE_SUPPORT} THEN 1 ELSE 0 END AS is_sure
        FROM alias_ranks AS ranks
        LEFT JOIN approved_homes ON ranks.source = approved_homes.source AND ranks.unit_key = approved_homes.unit_key
        LEFT JOIN office_units ON ranks.unit_key = office_units.unit_key
        WHERE approved_homes.home IS NULL AND ranks.people * 10 >= ranks.total * {LEAST_SHARE_OF_TEN}
              AND (office_units.unit_key IS NULL OR ranks.people >= {SURE_SUPPORT} OR ranks.home = ranks.unit_key)
        UNION ALL
        SELECT texts.source, texts.unit_key, pooled.home, 0 AS weight,
               CASE WHEN pooled.people >= {SURE_SUPPORT} THEN 1 ELSE 0 END AS is_sure
        FROM ({_TEXTS}) AS texts
        JOIN ({_POOLED}) AS pooled ON texts.unit_key = pooled.unit_key
        LEFT JOIN office_units ON texts.unit_key = office_units.unit_key
        LEFT JOIN approved_homes ON texts.source = approved_homes.source AND texts.unit_key = approved_homes.unit_key
        LEFT JOIN alias_ranks AS own ON texts.source = own.source AND texts.unit_key = own.unit_key AND own.place = 1
        WHERE own.home IS NULL AND approved_homes.home IS NULL AND office_units.unit_key IS NULL
        UNION ALL
        SELECT texts.source, texts.unit_key, texts.unit_key AS home, 0 AS weight, 0 AS is_sure
        FROM ({_TEXTS}) AS texts JOIN office_units ON texts.unit_key = office_units.unit_key
        LEFT JOIN approved_homes ON texts.source = approved_homes.source AND texts.unit_key = approved_homes.unit_key
        LEFT JOIN alias_ranks AS ranks ON texts.source = ranks.source AND texts.unit_key = ranks.unit_key
             AND (ranks.people >= {SURE_SUPPORT} OR ranks.home = ranks.unit_key)
        WHERE approved_homes.home IS NULL AND ranks.home IS NULL
    ) AS known
    JOIN unit_texts AS texts ON known.source = texts.source AND known.unit_key = texts.unit_key
    LEFT JOIN unit_texts AS offices ON offices.source = '{ESTABLISHMENT}' AND home = offices.unit_key
"""
