"""Names of units nobody could learn from people, read as abbreviations: 「文浦中学」 of 「新青区文浦镇中学」.

Learning needs people both departments know; a text of one person who could not be linked has none. What is read here
is a guess: it keeps two writings of one unit from looking like two units, and never lets anybody be accused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Final

import pyarrow as pa

from bianzhi.reconciliation.sql.engine import Engine

SHORTEST: Final = 4
"""Characters an abbreviation must have to say which unit is meant."""

SHAPE: Final = pa.schema([("unit_key", pa.string()), ("home", pa.string())])
UNREAD: Final = """
SELECT DISTINCT r.unit_key FROM records r
LEFT JOIN homes h ON h.source = r.source AND h.unit_key = r.unit_key
WHERE h.home IS NULL AND r.unit_key <> ''
"""


def register_readings(engine: Engine) -> None:
    """Name the relation `unit_readings` (unit_key, home): texts without a home, read as the one unit they may mean."""
    unread = sorted(str(text) for (text,) in engine.rows(UNREAD))
    units = [str(unit) for (unit,) in engine.rows("SELECT unit_key FROM office_units")] if unread else []
    lines = [{"unit_key": text, "home": home} for text, home in read_abbreviations(unread, units)]
    engine.register("unit_readings", pa.Table.from_pylist(lines, schema=SHAPE))


def read_abbreviations(texts: Iterable[str], units: Collection[str]) -> list[tuple[str, str]]:
    """Text → unit for every text whose characters stand, in their order, in the name of exactly one unit."""
    shelves: dict[str, list[str]] = defaultdict(list)
    for unit in units:
        for character in set(unit):
            shelves[character].append(unit)
    read = []
    for text in texts:
        shelf = min((shelves.get(character, []) for character in text), key=len, default=[])
        meant = [unit for unit in shelf if is_abbreviation(text, unit)]
        if len(meant) == 1:
            read.append((text, meant[0]))
    return read


def is_abbreviation(text: str, name: str) -> bool:
    """Whether the characters of the text stand in the name in the same order."""
    if len(text) < SHORTEST:
        return False
    rest = iter(name)
    return all(character in rest for character in text)
