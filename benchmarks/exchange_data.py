"""What the hub is measured on: generated rosters, two snapshots that differ a little, one workbook."""

from pathlib import Path

import duckdb

from bianzhi.reconciliation.generate import Form, GenerateOptions, write_rosters
from bianzhi.reconciliation.sources import DEPARTMENT_CODES

FIRST, SECOND = "2026-10", "2026-11"
SNAPSHOT_COLUMNS = ("person_key", "unit", "unit_code", "name", "quota_type", "post", "since", "pay")
CHANGED = 0.02


def rosters(folder: Path, *, people: int, seed: int, noise: float) -> Path:
    """Both months of four departments, made unless they lie there already."""
    made = folder / f"rosters-{people}-{seed}-{noise:g}"
    if not (made / SECOND / "truth" / "truth_events.parquet").exists():
        write_rosters(made, GenerateOptions(people=people, seed=seed, noise=noise, form=Form.PARQUET))
    return made


def canonical(made: Path, month: str) -> list[Path]:
    """A month's rosters in the hub's own columns."""
    return [made / month / "canonical" / f"{source}.parquet" for source in DEPARTMENT_CODES]


def shuffled(made: Path, month: str) -> Path:
    """The same rosters of one month with their rows in no order, instead of unit by unit."""
    mixed = made.with_name(f"{made.name}-shuffled")
    sources, targets = canonical(made, month), canonical(mixed, month)
    targets[0].parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        for source, target in zip(sources, targets, strict=True):
            if not target.exists():
                con.execute(
                    f"COPY (SELECT * FROM '{source}' ORDER BY md5(CAST(row AS VARCHAR))) TO '{target}'"
                    " (FORMAT parquet, COMPRESSION zstd)"
                )
    return mixed


def workbook(folder: Path, *, rows: int, seed: int) -> Path:
    """An .xlsx of about so many people as the 编办 would deliver it."""
    made = folder / f"workbook-{rows}-{seed}"
    if not (made / SECOND / "编办.xlsx").exists():
        write_rosters(made, GenerateOptions(people=rows, seed=seed, form=Form.FILES))
    return made / FIRST / "编办.xlsx"


def snapshots(folder: Path, *, rows: int) -> tuple[Path, Path]:
    """Two Parquet files of so many positions each, 2 % of them changed, gone or new; every row its own person."""
    before, after = folder / f"snapshot-{rows}-1.parquet", folder / f"snapshot-{rows}-2.parquet"
    if after.exists():
        return before, after
    step = max(1, round(4 / CHANGED))
    key = "'P' || substr(md5(CAST(i AS VARCHAR)), 1, 20)"
    drawn = "CAST(md5_number_lower(CAST(i AS VARCHAR)) % 1000003 AS BIGINT)"
    columns = (
        f"{key} AS person_key, '云江区第' || {drawn} % 40000 || '单位' AS unit, "
        f"lpad(CAST({drawn} % 40000 AS VARCHAR), 9, '0') AS unit_code, "
        f"chr(CAST(20000 + {drawn} % 700 AS INTEGER)) || chr(CAST(21000 + {drawn} % 911 AS INTEGER)) AS name, "
        f"['行政编制', '事业编制', '工勤编制'][1 + {drawn} % 3] AS quota_type, '岗位' || {drawn} % 60 AS post, "
        f"CAST(DATE '1990-01-01' + CAST({drawn} % 12000 AS INTEGER) AS VARCHAR) AS since"
    )
    pay = f"CAST(4000 + {drawn} % 9000 AS VARCHAR)"
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT {columns}, {pay} AS pay FROM range({rows}) t(i)) TO '{before}' (FORMAT parquet)")
        raised = f"CASE WHEN i % {step} = 1 THEN '9999' ELSE {pay} END"
        con.execute(
            f"COPY (SELECT {columns}, {raised} AS pay FROM range({rows + rows // step}) t(i) WHERE i % {step} <> 0)"
            f" TO '{after}' (FORMAT parquet)"
        )
    return before, after
