"""The consensus guard: what to make of a sound number under which departments write different names.

The name most departments know the number by leads. Names near it stay when birth or unit speaks for them; another name
two departments agree on is a second person with the same number (重号), and so is a near one that some department
writes beside the first; any other row has somebody else's number: it loses
the number and the birth derived from it, and is matched by what else it says.
"""

from __future__ import annotations

from typing import Final

from bianzhi.reconciliation.link.births import agreement_sql
from bianzhi.reconciliation.masks import count_sql, disjoint_sql, mask_sql
from bianzhi.reconciliation.normalise.character_distance import cd_sql, same_given_sql
from bianzhi.reconciliation.normalise.id_numbers import birth_of_sql
from bianzhi.reconciliation.sql.engine import Engine


def settle_odd_ids(engine: Engine) -> None:
    """`records`, `id_groups`, `homes` → `odd_links` (fingerprint, entity, rule) and `odd_entities`.

    Odd are numbers with more than one name, 2 % of all. Rows of one that are in no link keep nothing of it.
    """
    engine.create("odd_records", _ODD_RECORDS)
    engine.create("odd_names", _ODD_NAMES)
    engine.create("odd_leads", _LEADS)
    engine.create("odd_entities", _ENTITIES)
    engine.create("odd_homes", _ENTITY_HOMES)
    engine.create("odd_exact", _EXACT)
    engine.create("odd_pairs", _PAIRS)
    engine.create("odd_links", _LINKS)
    engine.drop("odd_names", "odd_leads", "odd_homes", "odd_exact", "odd_pairs")


_ODD_RECORDS: Final = f"""
    SELECT records.fingerprint, records.source, records.id_body, name_key, unit_no, written_birth,
           {agreement_sql("written_birth", birth_of_sql("records.id_body"))} AS agreement
    FROM records JOIN id_groups ON records.id_body = id_groups.id_body WHERE first_name <> last_name
"""
_ODD_NAMES: Final = f"""
    SELECT *, row_number() OVER (
        PARTITION BY id_body ORDER BY CASE WHEN agreement > 0 THEN 0 ELSE 1 END, departments DESC, lines DESC, name_key
    ) AS place
    FROM (
        SELECT id_body, name_key, lines, agreement, mask, {count_sql("mask")} AS departments
        FROM (
            SELECT id_body, name_key, count(*) AS lines, max(agreement) AS agreement, {mask_sql("source")} AS mask
            FROM odd_records GROUP BY id_body, name_key
        ) AS masked
    ) AS counted
"""
_LEADS: Final = "SELECT id_body, name_key, mask FROM odd_names WHERE place = 1"
_NEAR: Final = f"({cd_sql('l.name_key', 'r.name_key')} <= 1 OR {same_given_sql('l.name_key', 'r.name_key')})"
_ENTITIES: Final = f"""
    SELECT id_body, name_key, 'I' || CAST(id_body AS VARCHAR) AS entity, 0 AS is_second FROM odd_leads
    UNION ALL
    SELECT r.id_body, r.name_key, 'I' || CAST(r.id_body AS VARCHAR) || '#' || r.name_key AS entity, 1 AS is_second
    FROM odd_names AS r JOIN odd_leads AS l ON r.id_body = l.id_body
    WHERE r.place > 1 AND r.departments >= 2 AND NOT ({disjoint_sql("l.mask", "r.mask")} AND {_NEAR})
"""
_ENTITY_HOMES: Final = """
    SELECT DISTINCT odd_entities.entity, homes.home
    FROM odd_records
    JOIN odd_entities ON odd_records.id_body = odd_entities.id_body AND odd_records.name_key = odd_entities.name_key
    JOIN homes ON odd_records.unit_no = homes.unit_no
"""
_EXACT: Final = """
    SELECT fingerprint, entity, CASE WHEN is_second = 1 THEN 'ID_COLLISION' ELSE 'ID_EXACT' END AS rule
    FROM odd_records
    JOIN odd_entities ON odd_records.id_body = odd_entities.id_body AND odd_records.name_key = odd_entities.name_key
"""
_PAIRS: Final = f"""
    SELECT fingerprint, entity, is_second, agreement, CASE WHEN {_NEAR} THEN 1 ELSE 0 END AS is_near,
           CASE WHEN substr(l.name_key, 1, 1) = substr(r.name_key, 1, 1) THEN 1 ELSE 0 END AS is_same_surname,
           is_same_home, has_home
    FROM (
        SELECT odd_records.fingerprint, odd_records.name_key, agreement, odd_records.id_body, odd_entities.entity,
               max(CASE WHEN homes.home = odd_homes.home THEN 1 ELSE 0 END) AS is_same_home,
               max(CASE WHEN homes.home IS NOT NULL AND odd_homes.home IS NOT NULL THEN 1 ELSE 0 END) AS has_home
        FROM odd_records
        JOIN odd_entities ON odd_records.id_body = odd_entities.id_body
        LEFT JOIN odd_exact ON odd_records.fingerprint = odd_exact.fingerprint
        LEFT JOIN homes ON odd_records.unit_no = homes.unit_no
        LEFT JOIN odd_homes ON odd_entities.entity = odd_homes.entity
        WHERE odd_exact.fingerprint IS NULL
        GROUP BY odd_records.fingerprint, odd_records.name_key, agreement, odd_records.id_body, odd_entities.entity
    ) AS l
    JOIN (SELECT entity AS known, name_key, is_second FROM odd_entities) AS r ON l.entity = r.known
"""
_LINKS: Final = """
    SELECT fingerprint, entity, rule FROM odd_exact
    UNION ALL
    SELECT fingerprint, entity, rule FROM (
        SELECT fingerprint, entity, rule,
               row_number() OVER (PARTITION BY fingerprint ORDER BY is_near DESC, is_second, entity) AS place
        FROM (
            SELECT odd_pairs.*, CASE
                WHEN is_near = 1 AND (agreement > 0 OR is_same_home = 1 OR (agreement = 0 AND has_home = 0))
                THEN 'ID_NAMEVAR'
                WHEN is_near = 0 AND is_same_home = 1 AND (agreement > 0 OR (agreement = 0 AND is_same_surname = 1))
                THEN 'ID_UNIT' END AS rule
            FROM odd_pairs
        ) AS judged
        WHERE rule IS NOT NULL
    ) AS ranked
    WHERE place = 1
"""
