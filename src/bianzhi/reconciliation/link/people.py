"""Who is still incomplete: groups that some department of this run has no row of, and what is known of them.

Everybody else is done. A match by name is made only where the person lacks just that department's row, so only these
few have to be looked at.
"""

from __future__ import annotations

from typing import Final

from bianzhi.reconciliation.masks import bit_sql, mask_sql
from bianzhi.reconciliation.normalise.id_numbers import birth_of_sql
from bianzhi.reconciliation.sql.engine import Engine


def separate_loose(engine: Engine) -> None:
    """`records`, `odd_records`, `odd_links` → `loose`: rows without a number that may serve, their own birth only."""
    engine.create("loose", _LOOSE)


def gather_incomplete(engine: Engine) -> None:
    """→ `members`: the rows of people whom some department present in this run does not have, with their entity."""
    ((present,),) = engine.rows(_PRESENT)
    engine.create("incomplete_ids", _INCOMPLETE.replace("{present}", str(present)))
    engine.create("members", _MEMBERS)
    engine.drop("incomplete_ids")
    describe_members(engine)


def describe_members(engine: Engine) -> None:
    """`members` → `masks` (entity, departments) and `facts` (entity, name, birth, home), after members changed."""
    engine.create("masks", f"SELECT entity, {mask_sql('source')} AS mask FROM members GROUP BY entity")
    engine.create("facts", _FACTS)


_LOOSE: Final = """
    SELECT fingerprint, source, name_key, unit_no, written_birth AS birth, id_plain,
           id_flags, CAST(NULL AS BIGINT) AS lost_id
    FROM records WHERE id_body IS NULL
    UNION ALL
    SELECT odd_records.fingerprint, source, name_key, unit_no, written_birth AS birth, '' AS id_plain,
           ',conflict,' AS id_flags, id_body AS lost_id
    FROM odd_records LEFT JOIN odd_links ON odd_records.fingerprint = odd_links.fingerprint
    WHERE odd_links.fingerprint IS NULL
"""
_PRESENT: Final = f"""
    SELECT bit_or(mask) AS mask FROM (
        SELECT mask FROM id_groups
        UNION ALL
        SELECT {bit_sql("source")} AS mask FROM loose
    ) AS masks
"""
_INCOMPLETE: Final = """
    SELECT id_body FROM id_groups WHERE first_name = last_name AND mask <> {present}
"""
_MEMBERS: Final = f"""
    SELECT fingerprint, source, records.id_body, name_key, unit_no,
           coalesce(written_birth, {birth_of_sql("records.id_body")}) AS birth,
           'I' || CAST(records.id_body AS VARCHAR) AS entity, 'ID_EXACT' AS rule
    FROM records JOIN incomplete_ids ON records.id_body = incomplete_ids.id_body
    UNION ALL
    SELECT odd_records.fingerprint, source, id_body, name_key, unit_no,
           coalesce(written_birth, {birth_of_sql("id_body")}) AS birth, entity, rule
    FROM odd_records JOIN odd_links ON odd_records.fingerprint = odd_links.fingerprint
    UNION ALL
    SELECT loose.fingerprint, source, CAST(NULL AS BIGINT) AS id_body, loose.name_key, unit_no,
           coalesce(birth, {birth_of_sql("repaired.id_body")}) AS birth, repaired.entity, 'ID_REPAIR' AS rule
    FROM loose JOIN repaired ON loose.fingerprint = repaired.fingerprint
    LEFT JOIN incomplete_ids ON repaired.id_body = incomplete_ids.id_body
    LEFT JOIN odd_entities ON repaired.entity = odd_entities.entity
    WHERE incomplete_ids.id_body IS NOT NULL OR odd_entities.entity IS NOT NULL
"""
_FACTS: Final = """
    SELECT DISTINCT members.entity, mask, name_key, birth, home
    FROM members JOIN masks ON members.entity = masks.entity
    LEFT JOIN homes ON members.unit_no = homes.unit_no
"""
