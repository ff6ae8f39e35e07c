"""Names of persons as a key of comparison: the SQL that makes it, and its twin in Python.

Folded are spaces, the dots between the parts of a minority name, width, case, traditional and variant characters; what
stands in brackets behind a name is left out; every placeholder of a character a system could not show becomes 「?」.
"""

from __future__ import annotations

import re
from typing import Final

import pyarrow as pa

from bianzhi.reconciliation.normalise.texts import HAN, SELECTORS, folded, folding, quoted, translate_sql
from bianzhi.reconciliation.normalise.variants import variants
from bianzhi.reconciliation.sql.engine import Engine

UNKNOWN: Final = "?"
LONGEST: Final = 24  # characters of a name looked up one by one
_DOTS: Final = "·•・‧∙⋅●．.･᛫"
_LOST: Final = "？�□■▢〓"
_MARKS: Final = folding(dict.fromkeys(_LOST, UNKNOWN), _DOTS + SELECTORS + "-－'’‘`\"“”*")
_NOTE: Final = "[(（【〔][^\uffff]*"  # everything: `.` stops at other line ends on each engine


def name_key(text: str | None) -> str:
    """What two writings of one person's name have in common; empty when there is none."""
    bare = folded(re.sub(_NOTE, "", text or ""), _MARKS)
    table = variants()
    return "".join(table.get(character, character) for character in bare[:LONGEST]) + bare[LONGEST:]


def make_name_keys(engine: Engine, written: str) -> None:
    """`name_keys` (text, key) of the texts of the relation `written`. Each spelling is folded once, not each row.

    Characters are looked up by a join: a `translate` over the five thousand variants costs DuckDB half a millisecond.
    """
    table = sorted(variants().items())
    engine.register("variant_characters", pa.table({"variant": [a for a, _ in table], "plain": [b for _, b in table]}))
    engine.register("name_positions", pa.table({"pos": pa.array(range(1, LONGEST + 1), pa.int64())}))
    engine.create("name_marks", f"SELECT text, {_without_marks('text')} AS bare FROM {written}")
    engine.create("name_variants", _VARIANT_NAMES)
    engine.create(
        "name_keys",
        "SELECT name_marks.text, coalesce(name_variants.plain, name_marks.bare) AS key "
        "FROM name_marks LEFT JOIN name_variants ON name_marks.bare = name_variants.bare",
    )
    engine.drop("name_marks", "name_variants", "variant_characters", "name_positions")


def _without_marks(column: str) -> str:
    without_note = f"regexp_replace({column}, {quoted(_NOTE)}, '', 'g')"
    common = " 　" + _DOTS
    return (
        f"CASE WHEN NOT regexp_matches({column}, '[^{HAN}]') THEN {column} "
        f"WHEN NOT regexp_matches({column}, {quoted(f'[^{HAN}{common}]')}) "
        f"THEN translate({column}, {quoted(common)}, '') "
        f"ELSE {translate_sql(without_note, _MARKS)} END"
    )


_ANY_VARIANT: Final = f"[{''.join(sorted(variants()))}]"
_TOGETHER: Final = " || ".join(
    f"max(CASE WHEN pos = {place} THEN plain ELSE '' END)" for place in range(1, LONGEST + 1)
)
_VARIANT_NAMES: Final = f"""
    SELECT bare, {_TOGETHER}
           || substr(bare, {LONGEST + 1}) AS plain
    FROM (
        SELECT bare, pos, coalesce(plain, written) AS plain
        FROM (
            SELECT bare, pos, substr(bare, pos, 1) AS written
            FROM (SELECT DISTINCT bare FROM name_marks WHERE regexp_matches(bare, '{_ANY_VARIANT}')) AS names
            CROSS JOIN name_positions WHERE pos <= length(bare)
        ) AS characters
        LEFT JOIN variant_characters ON characters.written = variant_characters.variant
    ) AS looked_up
    GROUP BY bare
"""
