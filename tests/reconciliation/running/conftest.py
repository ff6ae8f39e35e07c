"""Two months of a small generated district, and a run over them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from bianzhi.reconciliation.generate import Form, GenerateOptions, write_rosters
from bianzhi.reconciliation.quota_files import read_quotas
from bianzhi.reconciliation.running import RunInputs, RunResult, run
from bianzhi.reconciliation.sources import DEPARTMENT_CODES
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine

Rosters = Mapping[str, Sequence[Path]]
MONTHS = ("2026-10", "2026-11")


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("district")
    write_rosters(folder, GenerateOptions(people=500, seed=5, noise=4.0, form=Form.PARQUET, month=MONTHS[0]))
    return folder


def rosters_of(district: Path, month: str) -> dict[str, list[Path]]:
    return {code: [district / month / "canonical" / f"{code}.parquet"] for code in DEPARTMENT_CODES}


def quotas_of(district: Path, month: str) -> pa.Table:
    return read_quotas(district / month / "canonical" / "quotas.parquet")


def compare(
    folder: Path,
    rosters: Rosters,
    *,
    period: str = MONTHS[0],
    previous: Path | None = None,
    quotas: pa.Table | None = None,
    report: Callable[[str, int, int], None] | None = None,
) -> RunResult:
    with DuckDBEngine(threads=1) as engine:
        return run(RunInputs(rosters, period, previous=previous, quotas=quotas), folder, engine, report)


@pytest.fixture(scope="session")
def october(district: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """The first month as it was delivered."""
    folder = tmp_path_factory.mktemp("october")
    return compare(folder, rosters_of(district, MONTHS[0]), quotas=quotas_of(district, MONTHS[0]))


@pytest.fixture(scope="session")
def november(district: Path, october: RunResult, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """The second month, after the first."""
    folder = tmp_path_factory.mktemp("november")
    rosters = rosters_of(district, MONTHS[1])
    return compare(folder, rosters, period=MONTHS[1], previous=october.folder, quotas=quotas_of(district, MONTHS[1]))
