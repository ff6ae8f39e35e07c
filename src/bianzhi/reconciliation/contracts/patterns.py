"""Regular expressions of a contract as the engine that runs the checks reads them (RE2, inside DuckDB)."""

import re
from functools import lru_cache
from typing import Final

import duckdb

_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)", re.DOTALL)


def for_the_engine(pattern: str) -> str:
    r"""The pattern with characters written by their number as RE2 writes them: `\u4e00` is `\x{4e00}` there."""
    return _ESCAPE.sub(_by_number, pattern)


def _by_number(escape: re.Match[str]) -> str:
    number = escape[1] or escape[2]
    return f"\\x{{{number}}}" if number else escape[0]


def whole_cell(pattern: str) -> str:
    """The pattern that holds of a text only as a whole."""
    return f"^(?:{pattern})$"


@lru_cache(maxsize=1_000)
def engine_objection(pattern: str) -> str:
    r"""Why the engine cannot run the pattern, in its own words; "" when it can.

    Python accepts more than RE2 does (`\Z`, `(?#…)`, more than 1000 repetitions): found out only while a delivery is
    checked, it would look like a damaged file.
    """
    with duckdb.connect(config={"threads": 1}) as connection:
        try:
            connection.execute("SELECT regexp_matches('', ?)", [whole_cell(pattern)])
        except (duckdb.Error, UnicodeError) as error:
            return str(error).rpartition("Error: ")[2]
    return ""
