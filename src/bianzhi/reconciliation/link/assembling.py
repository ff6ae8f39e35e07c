"""From entities to the tables others read: one line of `links` for each record, and the questions to officials."""

from __future__ import annotations

from typing import Final

from bianzhi.reconciliation.link import weights
from bianzhi.reconciliation.link.rules import PLAIN, attribute_sql
from bianzhi.reconciliation.link.weights import Scale
from bianzhi.reconciliation.normalise.texts import quoted
from bianzhi.reconciliation.sql.engine import Engine


def assemble(engine: Engine) -> None:
    """`records`, `members`, `repaired`, `questions` → `link_overrides`, `asked_pairs`.

    Overrides are all rows but those whose number alone says who they are.
    """
    engine.create("link_overrides", _OVERRIDES)
    engine.create("representatives", _REPRESENTATIVES)
    engine.create("asked_pairs", _ASKED)
    engine.drop("representatives")


def define_linked(engine: Engine) -> None:
    """`records`, `link_overrides` → `linked`: every row with its cluster and the rule that put it there."""
    engine.define("linked", _LINKED)


def publish(engine: Engine) -> None:
    """`records`, `link_overrides` → `links`; `asked_pairs` → `pairs_for_review`, without pairs decided or linked.

    Links are most of what a run writes, so they are put together only on their way into the file.
    """
    define_linked(engine)
    engine.define("links", _LINKS)
    engine.create("pairs_for_review", _PAIRS_FOR_REVIEW)


_OVERRIDES: Final = f"""
    SELECT members.fingerprint, members.entity AS cluster, members.rule FROM members WHERE members.rule <> '{PLAIN}'
    UNION ALL
    SELECT repaired.fingerprint, repaired.entity AS cluster, 'ID_REPAIR' AS rule
    FROM repaired LEFT JOIN members ON repaired.fingerprint = members.fingerprint
    WHERE members.fingerprint IS NULL
"""
_LINKED: Final = f"""
    SELECT records.*, coalesce(link_overrides.cluster, 'I' || CAST(id_body AS VARCHAR)) AS cluster,
           coalesce(link_overrides.rule, '{PLAIN}') AS rule
    FROM records LEFT JOIN link_overrides ON records.fingerprint = link_overrides.fingerprint
"""
_LINKS: Final = f"""
    SELECT source, delivery, row, fingerprint, cluster, rule, {attribute_sql("rule", "lane")} AS lane,
           {attribute_sql("rule", "score")} AS score, {attribute_sql("rule", "evidence_json")} AS evidence
    FROM linked
"""
_REPRESENTATIVES: Final = "SELECT entity, min(fingerprint) AS fingerprint FROM members GROUP BY entity"


def _step_sql(comparison: str, scale: Scale) -> str:
    titles = " ".join(f"WHEN {quoted(level)} THEN {quoted(weights.LEVEL_TITLES[level])}" for level in scale)
    head = f'{{"name":"{comparison}","title":"{weights.TITLES[comparison]}","value":"'
    level = f"CASE CAST({comparison}_level AS VARCHAR) {titles} END"
    return f"""{quoted(head)} || {level} || '","weight":' || CAST({comparison}_weight AS VARCHAR) || '}}'"""


_STEPS: Final = " || ',' || ".join(_step_sql(name, scale) for name, scale in weights.DECLARED.scales.items())
_ASKED: Final = f"""
    SELECT 'FUZZY_REVIEW' AS rule, l.fingerprint AS one, r.fingerprint AS other,
           questions.kept AS one_entity, questions.joined AS other_entity,
           CASE WHEN weight >= {weights.AUTO} THEN CAST(0.9 AS DOUBLE) ELSE CAST(0.6 AS DOUBLE) END AS score,
           '{{"steps":[' || {_STEPS} || ']}}' AS evidence
    FROM questions JOIN representatives AS l ON questions.kept = l.entity
    JOIN representatives AS r ON questions.joined = r.entity
    UNION ALL
    SELECT 'ID_CONFLICT' AS rule, loose.fingerprint AS one, min(records.fingerprint) AS other,
           members.entity AS one_entity, 'I' || CAST(loose.lost_id AS VARCHAR) AS other_entity,
           CAST(0.5 AS DOUBLE) AS score,
           '{{"steps":[{{"name":"number","title":"身份证号","value":"相同"}},{{"name":"name","title":"姓名","value":"不同"}}]}}'
           AS evidence
    FROM loose JOIN members ON loose.fingerprint = members.fingerprint
    JOIN records ON loose.lost_id = records.id_body
    LEFT JOIN loose AS also_loose ON records.fingerprint = also_loose.fingerprint
    WHERE members.rule = 'ALONE' AND also_loose.fingerprint IS NULL
    GROUP BY loose.fingerprint, members.entity, loose.lost_id
"""
_PAIRS_FOR_REVIEW: Final = """
    SELECT md5(least(one, other) || '|' || greatest(one, other)) AS key, min(asked_pairs.rule) AS rule,
           max(asked_pairs.score) AS score,
           least(one, other) AS left_fingerprint, greatest(one, other) AS right_fingerprint,
           min(asked_pairs.evidence) AS evidence
    FROM asked_pairs
    LEFT JOIN link_overrides AS l ON asked_pairs.one = l.fingerprint
    LEFT JOIN link_overrides AS r ON asked_pairs.other = r.fingerprint
    LEFT JOIN decided_pairs ON least(one, other) = decided_pairs.one_fingerprint
         AND greatest(one, other) = decided_pairs.other_fingerprint
    WHERE coalesce(l.cluster, one_entity) <> coalesce(r.cluster, other_entity) AND decided_pairs.one_fingerprint IS NULL
    GROUP BY least(one, other), greatest(one, other)
"""
