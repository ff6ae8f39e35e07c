"""The few people left: pairs that share a block, what their rows agree in, and what becomes of them.

A contradiction (two sound numbers, two births) beats any score: such a pair is at most a question to an official.
"""

from __future__ import annotations

from typing import Final

from bianzhi.reconciliation.link import weights
from bianzhi.reconciliation.link.births import PARTIAL, agreement_sql
from bianzhi.reconciliation.masks import count_sql, disjoint_sql
from bianzhi.reconciliation.normalise.character_distance import cd_sql, same_given_sql
from bianzhi.reconciliation.normalise.id_numbers import id18_sql
from bianzhi.reconciliation.sql.engine import Engine


def compare_residue(engine: Engine) -> None:
    """`members`, `loose`, `facts` → `residue_pairs`: left, right and the level of each comparison, one line a pair."""
    engine.create("residue", _RESIDUE)
    engine.create("blocked", _BLOCKED)
    engine.create("residue_numbers", _NUMBERS)
    engine.create("residue_levels", _LEVELS)
    engine.create("residue_pairs", _PAIRS)
    engine.drop("residue", "blocked", "residue_levels", "residue_numbers")


def decide_residue(engine: Engine) -> None:
    """`weighed_pairs` (residue_pairs with their weight) → `members` with the sure ones joined, `questions` (the rest).

    A pair is sure when each side is the other's only best, the weight suffices and nothing contradicts.
    """
    engine.create("residue_bests", _BESTS)
    engine.create("residue_mutual", _MUTUAL)
    engine.create("fuzzy_links", _FUZZY)
    engine.create("questions", _QUESTIONS)
    engine.create("members", _JOINED)
    engine.drop("residue_bests", "residue_mutual", "fuzzy_links")


_SOUND: Final = """
    SELECT entity, max(CASE WHEN id_body IS NULL THEN 0 ELSE 1 END) AS is_sound FROM members GROUP BY entity
"""
_RESIDUE: Final = f"""
    SELECT facts.entity, facts.mask, name_key, birth, home, is_sound,
           CASE WHEN {count_sql("facts.mask")} = 1 OR is_sound = 0 THEN 1 ELSE 0 END AS is_lonely
    FROM facts JOIN ({_SOUND}) AS sound ON facts.entity = sound.entity
    WHERE name_key <> ''
"""
_SIDES: Final = f"l.entity <> r.entity AND {disjoint_sql('l.mask', 'r.mask')}"
_PAIR_OF: Final = (
    "SELECT least(l.entity, r.entity) AS kept, greatest(l.entity, r.entity) AS joined "
    "FROM (SELECT * FROM residue WHERE is_lonely = 1) AS l JOIN residue AS r"
)
_BLOCKED: Final = f"""
    {_PAIR_OF} ON l.home = r.home AND substr(l.name_key, 1, 1) = substr(r.name_key, 1, 1) WHERE {_SIDES}
    UNION
    {_PAIR_OF} ON l.birth = r.birth AND substr(l.name_key, 1, 1) = substr(r.name_key, 1, 1)
    WHERE l.birth % 100 > 0 AND {_SIDES}
    UNION
    {_PAIR_OF} ON l.home = r.home AND substr(l.name_key, 2) = substr(r.name_key, 2)
    WHERE length(l.name_key) > 1 AND {_SIDES}
"""
_NUMBERS: Final = f"""
    SELECT entity, max(number) AS number, max(first_digits) AS first_digits FROM (
        SELECT concerned.entity,
               CASE WHEN id_body IS NOT NULL THEN {id18_sql("id_body")}
                    WHEN length(loose.id_plain) = 18 THEN loose.id_plain END AS number,
               CASE WHEN id_body IS NOT NULL THEN substr({id18_sql("id_body")}, 1, 15)
                    WHEN loose.id_flags = ',rounded,' THEN substr(loose.id_plain, 1, 15) END AS first_digits
        FROM (SELECT kept AS entity FROM blocked UNION SELECT joined AS entity FROM blocked) AS concerned
        JOIN members ON concerned.entity = members.entity
        LEFT JOIN loose ON members.fingerprint = loose.fingerprint
    ) AS numbers
    GROUP BY entity
"""
_SAME_DIGITS: Final = " + ".join(
    f"CASE WHEN substr(one.number, {place}, 1) = substr(other.number, {place}, 1) THEN 1 ELSE 0 END"
    for place in range(1, 19)
)
_DISTANCE: Final = cd_sql("l.name_key", "r.name_key")
_LEVELS: Final = f"""
    SELECT kept, joined,
           CASE WHEN distance = 0 THEN 'same' WHEN distance = 1 AND shorter > 2 THEN 'near'
                WHEN is_same_given THEN 'given' WHEN distance = 1 THEN 'near_short' END AS name_level,
           birth_level, home_level,
           CASE WHEN is_sound = 2 AND same_digits < 18 THEN 'differs'
                WHEN is_sound = 2 THEN 'none'
                WHEN same_digits >= 14 THEN 'near'
                WHEN is_same_start THEN 'first_digits' ELSE 'none' END AS number_level
    FROM (
        SELECT kept, joined, {_DISTANCE} AS distance, {same_given_sql("l.name_key", "r.name_key")} AS is_same_given,
               least(length(l.name_key), length(r.name_key)) AS shorter,
               {agreement_sql("l.birth", "r.birth")} AS birth_level,
               CASE WHEN l.home IS NULL OR r.home IS NULL THEN 'unknown' WHEN l.home = r.home THEN 'same'
                    ELSE 'other' END AS home_level,
               l.is_sound + r.is_sound AS is_sound,
               CASE WHEN length(one.number) = 18 AND length(other.number) = 18
                    THEN {_SAME_DIGITS} ELSE 0 END AS same_digits,
               coalesce(one.first_digits = other.first_digits, FALSE) AS is_same_start
        FROM blocked JOIN residue AS l ON blocked.kept = l.entity JOIN residue AS r ON blocked.joined = r.entity
        JOIN residue_numbers AS one ON blocked.kept = one.entity
        JOIN residue_numbers AS other ON blocked.joined = other.entity
    ) AS compared
    WHERE distance <= 1 OR is_same_given
"""
_ORDER: Final = (
    "CASE name_level WHEN 'same' THEN 4 WHEN 'near' THEN 3 WHEN 'given' THEN 2 ELSE 1 END DESC, "
    "CASE home_level WHEN 'same' THEN 2 WHEN 'unknown' THEN 1 ELSE 0 END DESC, birth_level DESC, number_level"
)
_PAIRS: Final = f"""
    SELECT kept, joined, name_level, birth_level, home_level, number_level FROM (
        SELECT *, row_number() OVER (PARTITION BY kept, joined ORDER BY {_ORDER}) AS place FROM residue_levels
    ) AS ranked
    WHERE place = 1
"""
_BESTS: Final = """
    SELECT entity, weight AS best, count(*) AS equals FROM (
        SELECT entity, weight, max(weight) OVER (PARTITION BY entity) AS best FROM (
            SELECT kept AS entity, weight FROM weighed_pairs
            UNION ALL
            SELECT joined AS entity, weight FROM weighed_pairs
        ) AS sides
    ) AS ranked
    WHERE weight = best GROUP BY entity, weight
"""
_MUTUAL: Final = """
    SELECT weighed_pairs.*, CASE WHEN l.equals = 1 AND r.equals = 1 THEN 1 ELSE 0 END AS is_only
    FROM weighed_pairs JOIN residue_bests AS l ON weighed_pairs.kept = l.entity AND weighed_pairs.weight = l.best
    JOIN residue_bests AS r ON weighed_pairs.joined = r.entity AND weighed_pairs.weight = r.best
"""
_FUZZY: Final = f"""
    SELECT kept, joined FROM residue_mutual
    WHERE is_only = 1 AND weight >= {weights.AUTO} AND birth_level >= {PARTIAL} AND number_level <> 'differs'
          AND home_level <> 'other'
"""
_QUESTIONS: Final = f"""
    SELECT residue_mutual.* FROM residue_mutual
    LEFT JOIN fuzzy_links ON residue_mutual.kept = fuzzy_links.kept AND residue_mutual.joined = fuzzy_links.joined
    WHERE weight >= {weights.REVIEW} AND fuzzy_links.kept IS NULL
"""
_JOINED: Final = """
    SELECT fingerprint, source, id_body, name_key, unit_no, birth,
           coalesce(fuzzy_links.kept, members.entity) AS entity,
           CASE WHEN fuzzy_links.kept IS NULL THEN rule ELSE 'FUZZY' END AS rule
    FROM members LEFT JOIN fuzzy_links ON members.entity = fuzzy_links.joined
"""
