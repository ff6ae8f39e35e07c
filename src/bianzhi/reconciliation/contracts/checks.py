"""A contract compiled to SQL over the roster: one pass counts every kind of problem, a second finds examples.

The statements keep to the restricted dialect of `reconciliation.sql.dialect`, so that what is counted on one engine is
counted on the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bianzhi.kernel.identifiers.id_number import CHECK_CHARACTERS, WEIGHTS
from bianzhi.reconciliation.contracts.model import Contract, ContractField, Format
from bianzhi.reconciliation.contracts.patterns import whole_cell

_DATE: Final = (
    r"^(19|20)[0-9]{2}([-./年]?(0?[1-9]|1[0-2])([-./月]?(0?[1-9]|[12][0-9]|3[01]))?[日月]?)?年?( 00:00(:00)?)?$"
)
_ID: Final = "id_text"
_BODY: Final = "id_body"


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of problem of one column; `condition` is true for a row that has it."""

    kind: str
    column: str
    title: str
    condition: str


def checks_of(contract: Contract) -> list[Check]:
    """Every check that a contract asks for, of the fields that feed the roster."""
    return [check for field in contract.feeding.values() for check in _of_field(field)]


def prepared_sql(table: str) -> str:
    """The roster with its ID numbers in capitals and their first seventeen digits as a whole number, computed once."""
    text = "upper(replace(id_number, ' ', ''))"
    inner = f"SELECT *, {text} AS {_ID} FROM {table}"
    return f"SELECT *, try_cast(substr({_ID}, 1, 17) AS BIGINT) AS {_BODY} FROM ({inner})"


def counting_sql(checks: list[Check], table: str = "roster") -> str:
    """One row: how many rows have each problem, in the order of `checks`."""
    counts = ", ".join(
        f"count(CASE WHEN {check.condition} THEN 1 END) AS c{place}" for place, check in enumerate(checks)
    )
    return f"SELECT {counts} FROM ({prepared_sql(table)})"


def examples_sql(check: Check, table: str = "roster") -> str:
    """Row number and value of the rows that have the problem, in order; the caller takes as many as it wants."""
    prepared = prepared_sql(table)
    return f"SELECT row, {check.column} FROM ({prepared}) WHERE {check.condition} ORDER BY row"


def repeated_sql(contract: Contract, table: str = "roster") -> str:
    """First row and number of rows of every key that stands more than once; "" for a contract without a key."""
    fed = {one.name: one.column for one in contract.fields}
    columns = [fed[name] for name in contract.key if fed[name]]
    if not columns:
        return ""
    listed = ", ".join(columns)
    known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    return (
        f"SELECT min(row) AS first_row, count(1) AS n, min({columns[0]}) AS value FROM {table} "
        f"WHERE {known} GROUP BY {listed} HAVING count(1) > 1 ORDER BY min(row)"
    )


def _of_field(field: ContractField) -> Iterator[Check]:
    column = field.column

    def check(kind: str, condition: str) -> Check:
        return Check(kind, column, field.title, condition)

    if field.required:
        yield check("missing", f"{column} IS NULL")
    if field.format is Format.ID_NUMBER:
        yield from (check(kind, condition) for kind, condition in _id_conditions().items())
    elif field.format is Format.DATE:
        yield check("date", f"{column} IS NOT NULL AND NOT regexp_matches({column}, {_quoted(_DATE)})")
    elif field.format is Format.AMOUNT:
        yield check("amount", f"{column} IS NOT NULL AND try_cast(replace({column}, ',', '') AS DOUBLE) IS NULL")
    if field.closed:
        listed = ", ".join(_quoted(text) for text in sorted({*field.codes, *field.codes.values()}))
        yield check("code", f"{column} IS NOT NULL AND NOT {column} IN ({listed})")
    if field.pattern:
        whole = _quoted(whole_cell(field.pattern))
        yield check("pattern", f"{column} IS NOT NULL AND NOT regexp_matches({column}, {whole})")
    if field.longest:
        yield check("long", f"length({column}) > {field.longest}")


def _id_conditions() -> dict[str, str]:
    """Damaged by a spreadsheet, of a wrong shape, or with a wrong check character: each row counts once."""
    sound_writing = "coalesce(flags, '') <> 'id_rounded'"
    shaped = f"regexp_matches({_ID}, '^([0-9]{{15}}|[0-9]{{17}}[0-9X])$')"
    return {
        "id_rounded": "coalesce(flags, '') = 'id_rounded'",
        "id_length": f"{sound_writing} AND id_number IS NOT NULL AND NOT {shaped}",
        "id_check": f"{sound_writing} AND {shaped} AND length({_ID}) = 18 AND NOT {_id_is_sound()}",
    }


def _id_is_sound() -> str:
    """Whether the eighteenth character is what the seventeen before demand (GB 11643); never NULL.

    The weighted sum of digits is written over the number's own quotients: a digit is q(k) - 10 q(k+1), so one division
    for each place is enough, and everything stays below 10**19.
    """
    from_right = [*reversed(WEIGHTS), 0]
    factors = [(weight - 10 * before) % 11 for before, weight in pairwise([0, *from_right[:-1]])]
    terms = " + ".join(f"({_BODY} // {10**place}) * {factor}" for place, factor in enumerate(factors))
    return f"coalesce(substr('{CHECK_CHARACTERS}', cast(({terms}) % 11 AS INT) + 1, 1) = substr({_ID}, 18, 1), FALSE)"


def _quoted(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"
