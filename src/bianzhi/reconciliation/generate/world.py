"""One generation from beginning to end."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from bianzhi.reconciliation.generate.draws import Lots
from bianzhi.reconciliation.generate.lives import lives
from bianzhi.reconciliation.generate.mistakes import mistakes
from bianzhi.reconciliation.generate.options import MOST_PEOPLE, GenerateOptions
from bianzhi.reconciliation.generate.persons import SERIALS, invented_persons, numbered
from bianzhi.reconciliation.generate.postings import postings
from bianzhi.reconciliation.generate.texts import texts
from bianzhi.reconciliation.generate.truth import events, findings, quotas, unit_quotas
from bianzhi.reconciliation.generate.units import UnitRow, invented_units, unit_table
from bianzhi.reconciliation.generate.writing import save, write_month

MEMORY = "4GB"
PERSON_COLUMNS = ("pid", "name", "sex", "birth", "surname", "state1", "since", "id_number", "unit", "quota_type")
Report = Callable[[str], None]


class TooManyPeople(ValueError):
    """More people than ID numbers of one region; the message says so in Chinese."""


def write_rosters(folder: Path, options: GenerateOptions, report: Report = lambda _: None) -> list[Path]:
    """Write both months of an invented population; returns the months' folders.

    A month's folder holds the four departments' files, `canonical/` the same as ROSTER_COLUMNS with `quotas.parquet`,
    `truth/` the labels. Raises TooManyPeople.
    """
    if options.people > MOST_PEOPLE:
        raise TooManyPeople(
            f"一次最多生成 {MOST_PEOPLE // 10_000} 万人：演示身份证号只用从未启用的 330699 区划，"
            f"每天每个性别只有 500 个号，{options.people} 人会出现重号。"
        )
    units = unit_table(invented_units(options))
    lots = Lots(options.seed)
    with _connected(folder) as con:
        con.register("units", units)
        _invent(con, options, lots, 0, options.people + hired_by(options), serial_offset=0)
        return _write_months(con, folder, options, report)


def write_rosters_of(
    folder: Path, units: list[UnitRow], persons: pa.Table, options: GenerateOptions, report: Report = lambda _: None
) -> list[Path]:
    """The same for people and units there already are; only those hired in the second month are invented.

    `persons` has the columns PERSON_COLUMNS, `pid` counting from 0 to options.people - 1; `unit` is a unit's `idx`.
    """
    with _connected(folder) as con:
        con.register("units", unit_table(units))
        con.register("given", persons)
        _invent(con, options, Lots(options.seed), options.people, hired_by(options), serial_offset=SERIALS // 2)
        con.execute("INSERT INTO persons BY NAME SELECT *, CAST(pid AS VARCHAR) AS unit_key FROM given")
        return _write_months(con, folder, options, report)


def hired_by(options: GenerateOptions) -> int:
    """How many people are hired in the second month."""
    return max(1, round(options.people * options.events.hired))


def _invent(
    con: duckdb.DuckDBPyConnection, options: GenerateOptions, lots: Lots, first: int, count: int, *, serial_offset: int
) -> None:
    con.execute(f"CREATE TABLE drawn_persons AS {invented_persons(options, lots, first, count)}")
    con.execute(
        "CREATE TABLE persons AS SELECT *, CAST(NULL AS BIGINT) AS unit, CAST(NULL AS VARCHAR) AS quota_type "
        f"FROM ({numbered(lots, serial_offset)})"
    )


def _write_months(con: duckdb.DuckDBPyConnection, folder: Path, options: GenerateOptions, report: Report) -> list[Path]:
    """Write both months from relations `units` and `persons`."""
    lots = Lots(options.seed)
    unit_count, people = (_count(con, table) for table in ("units", "persons"))
    con.execute(f"CREATE OR REPLACE TABLE lives AS {lives(options, lots, unit_count)}")
    report(f"已生成 {people} 人、{unit_count} 个单位")
    folders = []
    for number, month in enumerate((options.month, month_after(options.month)), 1):
        con.execute(f"CREATE OR REPLACE TABLE postings AS {postings(options, lots, number)}")
        con.execute(f"CREATE OR REPLACE TABLE written AS {mistakes(options, lots, people)}")
        con.execute(f"CREATE OR REPLACE TABLE delivered AS {texts(options, lots, number)}")
        if number == 1:
            con.execute(f"CREATE OR REPLACE TABLE quotas AS {quotas(options, lots)}")
        month_folder = folder / month
        write_month(con, month_folder, month, options)
        save(con, unit_quotas(number), month_folder / "canonical" / "quotas.parquet")
        save(con, findings(number), month_folder / "truth" / "truth_findings.parquet")
        none_yet = "" if number == 2 else " LIMIT 0"
        save(con, f"SELECT * FROM ({events(options, lots)}){none_yet}", month_folder / "truth" / "truth_events.parquet")
        report(f"{month}：{_count(con, 'delivered')} 行")
        folders.append(month_folder)
    return folders


def month_after(month: str) -> str:
    """The month that follows: 2026-12 → 2027-01. Raises ValueError for what is no month."""
    first = date.fromisoformat(f"{month}-01")
    return f"{first.year + first.month // 12}-{first.month % 12 + 1:02d}"


def _connected(folder: Path) -> duckdb.DuckDBPyConnection:
    folder.mkdir(parents=True, exist_ok=True)
    return duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder / ".spill")})


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
