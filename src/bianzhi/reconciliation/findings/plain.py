"""Who need not be judged: people all departments say the same of, once each. Of a hundred people some ninety are such.

No rule over persons holds of them (tests ask every rule), so only the others get a line of `person_wide`.
"""

from __future__ import annotations

from typing import Final

from bianzhi.reconciliation.sources import ESTABLISHMENT, FINANCE

_SAID_ALIKE: Final = ("unit_name", "quota", "funding", "name_key", "id18", "sex")


def _differs(column: str, unless: str = "") -> str:
    """Whether a row says something the establishment's row does not say."""
    return f"coalesce(p.{column} <> e.{column}{unless}, p.{column} IS NOT NULL)"


_BIRTH_DIFFERS: Final = _differs("birth", " AND (p.birth % 100 > 0 OR p.birth // 100 <> e.birth // 100)")
_ROWS_THAT_DIFFER: Final = f"""
    SELECT p.person_key FROM positions p
    LEFT JOIN positions e ON e.person_key = p.person_key AND e.source = '{ESTABLISHMENT}'
    WHERE e.person_key IS NULL OR p.active = 0 OR p.id_wrong = 1 OR {_BIRTH_DIFFERS}
          OR {" OR ".join(map(_differs, _SAID_ALIKE))}
"""
_NOT_ONCE: Final = " OR ".join(
    f"sum(CASE source WHEN '{source}' THEN 1 ELSE 0 END) <> 1" for source in (ESTABLISHMENT, FINANCE)
)
TO_BE_JUDGED: Final = f"""
    {_ROWS_THAT_DIFFER} UNION SELECT person_key FROM positions GROUP BY person_key HAVING {_NOT_ONCE}
"""
"""`positions` → person_key of everybody who is not listed once, paid once and active wherever they are, or of whom a
department says something else than the establishment office, or something it does not say at all.

A birth written to the month only is no other than a day in that month.
"""
