"""People by unit in two deliveries: what the breaker looks at."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb


def people_by_unit(rosters: Sequence[Path]) -> Mapping[str, int]:
    """Unit, as written → rows, over the parts of one delivery; rows without a unit count as ""."""
    connection = duckdb.connect(config={"threads": 1})
    try:
        connection.read_parquet([str(path) for path in rosters]).create_view("roster")
        return dict(connection.execute("SELECT coalesce(unit, ''), count(*) FROM roster GROUP BY 1").fetchall())
    finally:
        connection.close()
