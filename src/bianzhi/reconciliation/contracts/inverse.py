"""From the roster back to a department: the heading of its own under which it knows each column."""

from collections.abc import Mapping
from typing import Any

from bianzhi.reconciliation.contracts.parsing import parse_contract


def own_headings(schema: Mapping[str, Any]) -> dict[str, str]:
    """Roster column → the department's own heading, in the order of its own file. Raises ContractError."""
    return {one.column: one.title for one in parse_contract(schema).fields if one.column}


def own_codes(schema: Mapping[str, Any], column: str) -> dict[str, str]:
    """What a word of the roster is in the department's own code, for the column; empty when it uses none.

    Of several codes with the same meaning the first is given back. Raises ContractError.
    """
    found = parse_contract(schema).feeding.get(column)
    codes: dict[str, str] = {}
    for code, word in (found.codes if found else {}).items():
        codes.setdefault(word, code)
    return codes
