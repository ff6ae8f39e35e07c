"""Numbers with one slip of the pen: computed, not searched.

The weights are invertible modulo 11, so at each of the seventeen places at most one other digit restores the check
character; with seventeen swaps of neighbours and the number as it is but for its check character that makes at most 35
candidates. One that is a known number, of a person of that name, and the only such one, is what was meant.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from bianzhi.kernel.identifiers.id_number import CHECK_CHARACTERS, WEIGHTS
from bianzhi.reconciliation.link.births import PARTIAL, agreement_sql
from bianzhi.reconciliation.normalise.character_distance import FAR, cd_sql, may_be_near_sql
from bianzhi.reconciliation.normalise.id_numbers import birth_of_sql, check_of, remainder_sql, weighted_sum
from bianzhi.reconciliation.normalise.texts import quoted
from bianzhi.reconciliation.sources import ESTABLISHMENT
from bianzhi.reconciliation.sql.engine import Engine

INVERSES: Final = tuple(pow(weight, -1, 11) for weight in WEIGHTS)


def candidates(plain: str) -> set[int]:
    """The bodies that one slip turns into the eighteen characters given; empty for anything else."""
    body, check = int(plain[:17]), CHECK_CHARACTERS.index(plain[17])
    found = {body}
    for place, inverse in enumerate(INVERSES):
        digit = body // 10 ** (16 - place) % 10
        meant = (digit + inverse * (check - weighted_sum(body))) % 11
        if meant <= 9:
            found.add(body + (meant - digit) * 10 ** (16 - place))
    for place in range(16):
        swapped = int(plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 : 17])
        if check_of(swapped) == plain[17]:
            found.add(swapped)
    if plain[17] != "X":
        swapped = int(plain[:16] + plain[17])
        if check_of(swapped) == plain[16]:
            found.add(swapped)
    return found


def repair_numbers(engine: Engine) -> None:
    """`records`, `loose`, `id_groups`, `odd_entities` → `repaired` (fingerprint, entity, id_body)."""
    engine.register("repair_places", _places())
    engine.create("broken", _BROKEN)
    engine.create("repair_candidates", _CANDIDATES)
    engine.create("repair_found", _FOUND)
    engine.create("repair_hits", _HITS)
    engine.create("repaired", _REPAIRED)
    engine.drop("repair_places", "broken", "repair_candidates", "repair_found", "repair_hits")


def _places() -> pa.Table:
    powers = [10 ** (16 - place) for place in range(17)]
    columns = {
        "power": powers,
        "inverse": list(INVERSES),
        "weight": list(WEIGHTS),
        "next_weight": [*WEIGHTS[1:], 0],
    }
    return pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})


_BROKEN: Final = f"""
    SELECT *, strpos({quoted(CHECK_CHARACTERS)}, last) - 1 AS wanted, {remainder_sql("body")} AS remainder
    FROM (
        SELECT fingerprint, name_key, birth, unit_no, source, substr(id_plain, 18, 1) AS last,
               try_cast(substr(id_plain, 1, 17) AS BIGINT) AS body
        FROM loose WHERE (id_flags = ',checksum,' OR id_flags = ',birth,') AND length(id_plain) = 18
    ) AS packed
"""
_DIGIT: Final = "(body // power % 10)"
_MEANT: Final = f"(({_DIGIT} + inverse * (wanted - remainder + 11)) % 11)"
_NEXT: Final = "(body // (power // 10) % 10)"
_SWAPPED_REMAINDER: Final = f"((remainder + (weight - next_weight) * ({_NEXT} - {_DIGIT}) + 990) % 11)"
_FINAL: Final = "(body % 10)"
_CHECK: Final = "try_cast(last AS BIGINT)"
_CANDIDATES: Final = f"""
    SELECT fingerprint, name_key, birth, unit_no, source, body AS candidate FROM broken
    UNION ALL
    SELECT fingerprint, name_key, birth, unit_no, source, body + ({_MEANT} - {_DIGIT}) * power AS candidate
    FROM broken CROSS JOIN repair_places WHERE {_MEANT} <= 9 AND {_MEANT} <> {_DIGIT}
    UNION ALL
    SELECT fingerprint, name_key, birth, unit_no, source,
           body + ({_NEXT} - {_DIGIT}) * (power - power // 10) AS candidate
    FROM broken CROSS JOIN repair_places
    WHERE power >= 10 AND {_NEXT} <> {_DIGIT} AND {_SWAPPED_REMAINDER} = wanted
    UNION ALL
    SELECT fingerprint, name_key, birth, unit_no, source, body - {_FINAL} + {_CHECK} AS candidate
    FROM (SELECT * FROM broken WHERE last <> 'X') AS with_digit
    WHERE (remainder + {WEIGHTS[16]} * ({_CHECK} - {_FINAL}) + 990) % 11 = (12 - {_FINAL}) % 11
"""
_FOUND: Final = """
    SELECT repair_candidates.*, first_name
    FROM repair_candidates JOIN id_groups ON repair_candidates.candidate = id_groups.id_body
"""
_KNOWN: Final = f"""
    SELECT repair_found.*, odd_entities.entity AS odd_entity, odd_entities.name_key AS odd_name,
           listed.unit_no AS office
    FROM repair_found
    LEFT JOIN odd_entities ON repair_found.candidate = odd_entities.id_body
    LEFT JOIN (
        SELECT id_body, unit_no FROM records WHERE source = '{ESTABLISHMENT}'
    ) AS listed ON repair_found.candidate = listed.id_body
"""
_MAY_BE_NEAR: Final = may_be_near_sql("name_key", "meant_name")
_HITS: Final = f"""
    SELECT fingerprint, candidate, entity, distance,
           row_number() OVER (PARTITION BY fingerprint ORDER BY distance, entity) AS place
    FROM (
        SELECT *, CASE WHEN {_MAY_BE_NEAR} THEN {cd_sql("name_key", "meant_name")} ELSE {FAR} END AS distance FROM (
            SELECT DISTINCT fingerprint, name_key, candidate, coalesce(odd_name, first_name) AS meant_name,
                   coalesce(odd_entity, 'I' || CAST(candidate AS VARCHAR)) AS entity,
                   {agreement_sql("birth", birth_of_sql("candidate"))} AS agreement,
                   CASE WHEN homes.home_no = office THEN 1 ELSE 0 END AS is_same_home
            FROM ({_KNOWN}) AS known
            LEFT JOIN homes ON known.unit_no = homes.unit_no
        ) AS housed
    ) AS compared
    WHERE (distance = 0 AND (agreement >= {PARTIAL} OR is_same_home = 1))
          OR (distance = 1 AND (agreement > 0 OR (agreement = 0 AND is_same_home = 1)))
"""
_REPAIRED: Final = """
    SELECT best.fingerprint, best.entity, best.candidate AS id_body
    FROM (SELECT fingerprint, entity, candidate, distance FROM repair_hits WHERE place = 1) AS best
    LEFT JOIN repair_hits AS rival ON best.fingerprint = rival.fingerprint AND best.distance = rival.distance
         AND best.entity <> rival.entity
    WHERE rival.entity IS NULL
"""
