"""Who on the other side resembles a person whose keys are not clean: then the person is not accused.

Mirror pairs (`findings.mirror`) look among the opposite findings only. A person with a wrong or missing number may also
be somebody the other side has, and pays or lists already; whoever resembles nobody there is accused all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Final

import pyarrow as pa

from bianzhi.reconciliation.findings.mirror import Sight, is_like
from bianzhi.reconciliation.sql.engine import Engine

SHAPE: Final = pa.schema(
    [(name, pa.string()) for name in ("person_key", "name_key", "initial", "given", "unit_name", "born", "tail")]
)
ELSEWHERE: Final = "p.source = '{source}' AND p.person_key <> s.person_key"
NAMESAKES: Final = f"""
SELECT s.person_key, min(p.person_key) AS other_key FROM seekers s JOIN positions p ON p.name_key = s.name_key
WHERE s.tail IS NULL AND {ELSEWHERE}
GROUP BY s.person_key
UNION
SELECT s.person_key, max(p.person_key) AS other_key FROM seekers s JOIN positions p ON p.name_key = s.name_key
WHERE s.tail IS NULL AND {ELSEWHERE}
GROUP BY s.person_key
"""
RESEMBLING: Final = f"""
SELECT s.person_key, p.person_key AS other_key FROM seekers s
JOIN positions p ON p.unit_name = s.unit_name AND substr(p.name_key, 1, 1) = s.initial WHERE {ELSEWHERE}
UNION
SELECT s.person_key, p.person_key AS other_key FROM seekers s
JOIN positions p ON p.unit_name = s.unit_name AND substr(p.name_key, 2) = s.given WHERE {ELSEWHERE}
UNION
SELECT s.person_key, p.person_key AS other_key FROM seekers s
JOIN positions p ON p.name_key = s.name_key AND substr(p.id18, 7, 6) = s.born WHERE {ELSEWHERE}
UNION
SELECT s.person_key, p.person_key AS other_key FROM seekers s
JOIN positions p ON p.name_key = s.name_key AND substr(p.id18, 13, 6) = s.tail WHERE {ELSEWHERE}
"""

SightsOf = Callable[[Iterable[str]], Mapping[str, Sight]]


def resembling(
    engine: Engine, seekers: Sequence[Sight], source: str, sights_of: SightsOf, apart: Collection[frozenset[str]] = ()
) -> set[str]:
    """The keys of those seekers who may be somebody else whom this department has.

    Without a number a namesake anywhere is enough; with one, a colleague or namesake who is alike in the rest. Not
    counted is who is known to be another person (`apart`).
    """
    if not seekers:
        return set()
    engine.register("seekers", pa.Table.from_pylist(list(_lines(seekers)), schema=SHAPE))
    namesakes = engine.rows(NAMESAKES.format(source=source))
    found = {str(key) for key, other in namesakes if frozenset((str(key), str(other))) not in apart}
    candidates: dict[str, set[str]] = defaultdict(set)
    for key, other in engine.rows(RESEMBLING.format(source=source)):
        if frozenset((str(key), str(other))) not in apart:
            candidates[str(key)].add(str(other))
    others = sights_of({other for keys in candidates.values() for other in keys})
    by_key = {seeker.key: seeker for seeker in seekers}
    return found | {
        key for key, keys in candidates.items() if any(is_like(by_key[key], others[other]) for other in sorted(keys))
    }


def _lines(seekers: Iterable[Sight]) -> Iterator[dict[str, Any]]:
    for seeker in seekers:
        units: list[str | None] = [*sorted(seeker.units)] or [None]
        numbers: list[str | None] = [*sorted(seeker.numbers)] or [None]
        for name, unit, number in product(sorted(seeker.names), units, numbers):
            yield {
                "person_key": seeker.key,
                "name_key": name,
                "initial": name[:1],
                "given": name[1:],
                "unit_name": unit,
                "born": number[6:12] if number else None,
                "tail": number[12:] if number else None,
            }
