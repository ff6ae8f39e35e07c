"""Which departments a person is in, as one whole number: a bit for each department."""

from __future__ import annotations

from typing import Final

from bianzhi.reconciliation.sources import DEPARTMENT_CODES

BITS: Final = {code: 2**place for place, code in enumerate(DEPARTMENT_CODES)}


def bit_sql(source: str) -> str:
    """SQL of a department's bit."""
    cases = " ".join(f"WHEN '{code}' THEN {bit}" for code, bit in BITS.items())
    return f"CASE {source} {cases} END"


def mark_sql(source: str) -> str:
    """SQL of one character that stands for a department."""
    cases = " ".join(f"WHEN '{code}' THEN '{bit}'" for code, bit in BITS.items())
    return f"CASE {source} {cases} END"


def mask_sql(source: str) -> str:
    """SQL, over a group of rows, of the departments they come from."""
    return f"bit_or({bit_sql(source)})"


def count_sql(mask: str) -> str:
    """SQL of how many departments a mask holds."""
    return f"({' + '.join(f'{mask} // {bit} % 2' for bit in BITS.values())})"


def disjoint_sql(left: str, right: str) -> str:
    """SQL: whether two masks have no department in common."""
    both = " + ".join(f"({left} // {bit} % 2) * ({right} // {bit} % 2)" for bit in BITS.values())
    return f"({both} = 0)"
