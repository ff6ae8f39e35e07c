"""A small invented population, written once, and its files as plain rows."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bianzhi.reconciliation.generate import Form, GenerateOptions, write_rosters
from bianzhi.reconciliation.sources import DEPARTMENT_CODES

FIRST, SECOND = "2026-10", "2026-11"


def written(folder: Path, *, people: int = 3000, seed: int = 5, noise: float = 1.0, form: Form = Form.PARQUET) -> Path:
    """Both months of a population, on disk."""
    write_rosters(folder, GenerateOptions(people=people, seed=seed, noise=noise, form=form))
    return folder


def rows(path: Path) -> list[dict[str, Any]]:
    """A Parquet file as rows."""
    return list(pq.read_table(path).to_pylist())


def roster(folder: Path, month: str, source: str) -> list[dict[str, Any]]:
    """A department's rows of a month in the hub's form, each with the truth about it."""
    truth = {(label["source"], label["row"]): label for label in rows(folder / month / "truth" / "truth.parquet")}
    return [
        {**row, "truth": truth[source, row["row"]]} for row in rows(folder / month / "canonical" / f"{source}.parquet")
    ]


def everything(folder: Path, month: str) -> list[dict[str, Any]]:
    """All departments' rows of a month with the truth about them."""
    return [row for source in DEPARTMENT_CODES for row in roster(folder, month, source)]


def labels(folder: Path, month: str, name: str) -> list[dict[str, Any]]:
    """A file of the month's truth."""
    return rows(folder / month / "truth" / f"{name}.parquet")
