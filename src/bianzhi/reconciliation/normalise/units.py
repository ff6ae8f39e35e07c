"""Units' names as a key of comparison: one emitter of SQL and its twin in Python.

Width, spaces, the shape of brackets, quotation marks, dots, hyphens and case are folded; words are not, because
「上虞区」 and 「上虞市」 are different bodies. What a department calls a unit otherwise is learned from the people.
"""

from typing import Final

from bianzhi.reconciliation.normalise.texts import HAN, folded, folding, translate_sql

_OPENING: Final = "（［【〔｛〈《「『[{"
_CLOSING: Final = "）］】〕｝〉》」』]}"
_MARKS: Final = folding(
    dict.fromkeys(_OPENING, "(") | dict.fromkeys(_CLOSING, ")"),
    "·•・‧\"“”'‘’、,，.。;；:：-－—_",
)


def unit_key(text: str | None) -> str:
    """What two writings of one unit's name have in common; empty when there is none."""
    return folded(text or "", _MARKS)


def unit_key_sql(column: str) -> str:
    """SQL of `unit_key`."""
    return (
        f"CASE WHEN {column} IS NULL THEN '' "
        f"WHEN NOT regexp_matches({column}, '[^{HAN}]') THEN {column} "
        f"ELSE {translate_sql(column, _MARKS)} END"
    )
