"""Two sound numbers of one person: the number was reissued, or a fifteen-digit one was miswritten unnoticed."""

from __future__ import annotations

from typing import Final

from bianzhi.reconciliation.link.births import agreement_sql
from bianzhi.reconciliation.link.people import describe_members
from bianzhi.reconciliation.masks import disjoint_sql
from bianzhi.reconciliation.sql.engine import Engine


def merge_reissued(engine: Engine) -> None:
    """`members`, `facts` → both with reissued numbers merged into the smaller one.

    Two entities are one person when name, birth and unit agree, no department has both, and neither has another such
    counterpart.
    """
    engine.create("alike", _ALIKE)
    engine.create("reissued", _REISSUED)
    engine.create("members", _MERGED)
    describe_members(engine)
    engine.drop("alike", "reissued")


_ALIKE: Final = f"""
    SELECT DISTINCT l.entity AS kept, r.entity AS merged
    FROM facts AS l JOIN facts AS r ON l.name_key = r.name_key AND l.home = r.home
    WHERE l.entity < r.entity AND {disjoint_sql("l.mask", "r.mask")} AND {agreement_sql("l.birth", "r.birth")} > 0
"""
_REISSUED: Final = """
    SELECT alike.kept, alike.merged FROM alike
    JOIN (
        SELECT entity FROM (SELECT kept AS entity FROM alike UNION ALL SELECT merged AS entity FROM alike) AS mentioned
        GROUP BY entity HAVING count(*) = 1
    ) AS once ON alike.kept = once.entity
    JOIN (
        SELECT entity FROM (SELECT kept AS entity FROM alike UNION ALL SELECT merged AS entity FROM alike) AS mentioned
        GROUP BY entity HAVING count(*) = 1
    ) AS twice ON alike.merged = twice.entity
"""
_MERGED: Final = """
    SELECT fingerprint, source, id_body, name_key, unit_no, birth, coalesce(reissued.kept, members.entity) AS entity,
           CASE WHEN reissued.kept IS NULL THEN rule ELSE 'ID_REISSUED' END AS rule
    FROM members LEFT JOIN reissued ON members.entity = reissued.merged
"""
