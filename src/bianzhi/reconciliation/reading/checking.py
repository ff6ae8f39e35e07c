"""Runs a contract's checks over a written roster."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import duckdb

from bianzhi.kernel.masking import mask_id_number
from bianzhi.reconciliation.contracts.checks import Check, checks_of, counting_sql, examples_sql, repeated_sql
from bianzhi.reconciliation.contracts.model import Contract
from bianzhi.reconciliation.reading.report import Example, FoundProblem

EXAMPLES: Final = 5
MOST_UNITS: Final = 5_000


class Checker:
    """A roster opened for questions. `memory` is in bytes; what does not fit goes to `scratch`."""

    def __init__(self, roster: Path, *, memory: int, scratch: Path) -> None:
        self._connection = duckdb.connect(
            config={"memory_limit": f"{memory}B", "temp_directory": str(scratch), "threads": 2}
        )
        self._connection.read_parquet(str(roster)).create_view("roster")

    def close(self) -> None:
        """Let the roster go."""
        self._connection.close()

    def problems(self, contract: Contract) -> tuple[FoundProblem, ...]:
        """Every kind of problem that at least one row has."""
        checks = checks_of(contract)
        counts = self._rows(counting_sql(checks))[0]
        found = [self._problem(check, count) for check, count in zip(checks, counts, strict=True) if count]
        return (*found, *self._repeated(contract))

    def units(self) -> tuple[int, tuple[tuple[str, int], ...]]:
        """How many units there are, and people by unit, the largest first."""
        counted = self._rows("SELECT count(DISTINCT unit) FROM roster")[0][0]
        largest = self._rows(
            "SELECT unit, count(1) AS n FROM roster WHERE unit IS NOT NULL GROUP BY unit ORDER BY n DESC, unit "
            f"LIMIT {MOST_UNITS}"
        )
        return counted, tuple((unit, count) for unit, count in largest)

    def _problem(self, check: Check, count: int) -> FoundProblem:
        rows = self._rows(f"{examples_sql(check)} LIMIT {EXAMPLES}")
        examples = tuple(Example(row, _shown(check.column, value)) for row, value in rows)
        return FoundProblem(check.kind, check.column, check.title, count, examples)

    def _repeated(self, contract: Contract) -> Iterator[FoundProblem]:
        sql = repeated_sql(contract)
        if not sql:
            return
        inner = sql.partition(" ORDER BY ")[0]
        (repeats,) = self._rows(f"SELECT coalesce(sum(n - 1), 0) FROM ({inner})")[0]
        if repeats:
            column = next(one.column for one in contract.fields if one.name == contract.key[0])
            titles = {one.name: one.title for one in contract.fields}
            examples = tuple(Example(row, _shown(column, value)) for row, _, value in self._rows(f"{sql} LIMIT 5"))
            named = "、".join(titles[name] for name in contract.key)
            yield FoundProblem("repeated", column, named, int(repeats), examples)

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()


def _shown(column: str, value: object) -> str:
    text = "" if value is None else str(value)
    return mask_id_number(text) if column == "id_number" else text[:80]
