"""Rows without a number: matched by name, birth and unit to the one person who lacks just that department's row."""

from __future__ import annotations

from typing import Final

from bianzhi.reconciliation.link.births import FULL, agreement_sql
from bianzhi.reconciliation.link.people import describe_members
from bianzhi.reconciliation.masks import bit_sql
from bianzhi.reconciliation.sql.engine import Engine


def match_names(engine: Engine) -> None:
    """`loose`, `repaired`, `facts` → `members` with the rows matched, `remaining` (loose rows still without anybody).

    What remains is then compared with itself: rows of different departments with one name and unit, and nothing that
    contradicts, are one person although nobody has a number of theirs.
    """
    engine.create("unmatched", _UNMATCHED)
    engine.create("name_hits", _HITS)
    engine.create("name_best", _BEST)
    engine.create("name_links", _LINKS)
    engine.create("members", _WITH_MATCHED)
    engine.create("remaining", _REMAINING)
    engine.create("members", _WITH_NUMBERLESS)
    describe_members(engine)
    engine.drop("unmatched", "name_hits", "name_best", "name_links")


_UNMATCHED: Final = """
    SELECT loose.* FROM loose LEFT JOIN repaired ON loose.fingerprint = repaired.fingerprint
    WHERE repaired.fingerprint IS NULL
"""
_LACKING: Final = f"facts.mask // {bit_sql('housed.source')} % 2 = 0"
_HITS: Final = f"""
    SELECT DISTINCT housed.fingerprint, housed.source, facts.entity,
           CASE WHEN {agreement_sql("housed.birth", "facts.birth")} > 0 THEN 1 ELSE 2 END AS tier
    FROM (
        SELECT unmatched.*, homes.home FROM unmatched
        JOIN homes ON unmatched.unit_no = homes.unit_no
    ) AS housed
    JOIN facts ON housed.name_key = facts.name_key AND housed.home = facts.home
    WHERE {_LACKING} AND housed.name_key <> '' AND {agreement_sql("housed.birth", "facts.birth")} >= 0
    UNION ALL
    SELECT DISTINCT housed.fingerprint, housed.source, facts.entity, 3 AS tier
    FROM unmatched AS housed JOIN facts ON housed.name_key = facts.name_key AND housed.birth = facts.birth
    WHERE {_LACKING} AND housed.name_key <> '' AND {agreement_sql("housed.birth", "facts.birth")} = {FULL}
"""
_BEST: Final = """
    SELECT fingerprint, source, entity, tier,
           min(entity) OVER (PARTITION BY fingerprint) AS first_entity,
           max(entity) OVER (PARTITION BY fingerprint) AS last_entity
    FROM (
        SELECT fingerprint, source, entity, tier, min(tier) OVER (PARTITION BY fingerprint) AS best_tier
        FROM name_hits
    ) AS tiers
    WHERE tier = best_tier
"""
_CONTENT: Final = "substr(fingerprint, 1, 32)"
_LINKS: Final = f"""
    SELECT fingerprint, entity,
           CASE tier WHEN 1 THEN 'NAME_BIRTH_UNIT' WHEN 2 THEN 'NAME_UNIT' ELSE 'NAME_BIRTH' END AS rule
    FROM (
        SELECT fingerprint, entity, tier, best_tier,
               min({_CONTENT}) OVER (PARTITION BY entity, source, tier) AS first_content,
               max({_CONTENT}) OVER (PARTITION BY entity, source, tier) AS last_content
        FROM (
            SELECT *, min(tier) OVER (PARTITION BY entity, source) AS best_tier
            FROM name_best WHERE first_entity = last_entity
        ) AS certain
    ) AS contended
    WHERE first_content = last_content AND tier = best_tier
"""
_WITH_MATCHED: Final = """
    SELECT fingerprint, source, id_body, name_key, unit_no, birth, entity, rule FROM members
    UNION ALL
    SELECT unmatched.fingerprint, source, CAST(NULL AS BIGINT) AS id_body, name_key, unit_no, birth, entity, rule
    FROM unmatched JOIN name_links ON unmatched.fingerprint = name_links.fingerprint
"""
_REMAINING: Final = """
    SELECT unmatched.*, homes.home FROM unmatched
    LEFT JOIN name_links ON unmatched.fingerprint = name_links.fingerprint
    LEFT JOIN homes ON unmatched.unit_no = homes.unit_no AND homes.place = 1
    WHERE name_links.fingerprint IS NULL
"""
_WHOLE: Final = "CASE WHEN birth % 100 > 0 THEN birth END"
_NUMBERLESS: Final = f"""
    SELECT name_key, home, min(fingerprint) AS first_fingerprint
    FROM remaining WHERE home IS NOT NULL AND name_key <> ''
    GROUP BY name_key, home
    HAVING count(DISTINCT source) > 1 AND count(DISTINCT {_CONTENT}) = count(DISTINCT source)
           AND coalesce(min(birth // 100) = max(birth // 100), TRUE)
           AND coalesce(min({_WHOLE}) = max({_WHOLE}), TRUE)
"""
_WITH_NUMBERLESS: Final = f"""
    SELECT fingerprint, source, id_body, name_key, unit_no, birth, entity, rule FROM members
    UNION ALL
    SELECT fingerprint, source, CAST(NULL AS BIGINT) AS id_body, remaining.name_key, unit_no, birth,
           'L' || substr(coalesce(first_fingerprint, fingerprint), 1, 32) AS entity,
           CASE WHEN first_fingerprint IS NULL THEN 'ALONE' ELSE 'NAME_UNIT' END AS rule
    FROM remaining LEFT JOIN ({_NUMBERLESS}) AS numberless
    ON remaining.name_key = numberless.name_key AND remaining.home = numberless.home
"""
