"""Files: what the departments deliver, the same in the hub's own form, and the truth beside them."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from bianzhi.reconciliation.generate.headings import FILE_NAMES, headings
from bianzhi.reconciliation.generate.options import Form, GenerateOptions
from bianzhi.reconciliation.sources import DEPARTMENT_CODES, ESTABLISHMENT, FINANCE, HR, ORGANIZATION, ROSTER_COLUMNS

ROW_GROUP: Final = 122_880
LARGEST_IN_FILES: Final = 100_000
MADE_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
ENDINGS: Final = {ESTABLISHMENT: "xlsx", ORGANIZATION: "xlsx", HR: "csv", FINANCE: "csv"}
ENCODINGS: Final = {HR: "utf-8-sig", FINANCE: "gb18030"}
TITLED: Final = frozenset({ESTABLISHMENT})


def write_month(con: duckdb.DuckDBPyConnection, folder: Path, month: str, options: GenerateOptions) -> None:
    """Write the month of relation `delivered`: raw files, canonical rosters and `truth.parquet`."""
    folder.mkdir(parents=True, exist_ok=True)
    as_files = options.form == Form.FILES or (options.form == Form.AUTO and options.people <= LARGEST_IN_FILES)
    deliveries = {}
    for source in DEPARTMENT_CODES:
        raw = con.sql(_raw_sql(source, options)).to_arrow_reader(ROW_GROUP)
        path = folder / f"{FILE_NAMES[source]}.{ENDINGS[source] if as_files else 'parquet'}"
        first_row = _write_raw(raw, path, source, month) if as_files else _write_parquet(raw, path)
        deliveries[source] = (hashlib.sha256(path.read_bytes()).hexdigest(), first_row - 1)
    for source, (delivery, headers) in deliveries.items():
        columns = ", ".join(
            {"delivery": f"'{delivery}' AS delivery", "row": f"place + {headers} AS row"}.get(c, c)
            for c in ROSTER_COLUMNS
        )
        save(
            con,
            f"SELECT {columns} FROM delivered WHERE source = '{source}' ORDER BY place",
            folder / "canonical" / f"{source}.parquet",
        )
    cases = " UNION ALL ".join(
        f"SELECT source, '{delivery}' AS delivery, place + {headers} AS row, person, kinds, true_unit AS unit "
        f"FROM delivered WHERE source = '{source}'"
        for source, (delivery, headers) in deliveries.items()
    )
    save(con, f"{cases} ORDER BY source, row", folder / "truth" / "truth.parquet")


def save(con: duckdb.DuckDBPyConnection, sql: str, path: Path) -> None:
    """Write what a statement gives to a Parquet file, the same bytes each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_parquet(con.sql(sql).to_arrow_reader(ROW_GROUP), path)


def _raw_sql(source: str, options: GenerateOptions) -> str:
    columns = ", ".join(f'{column} AS "{heading}"' for column, heading in headings(source, options.seed).items())
    return f"SELECT {columns} FROM delivered WHERE source = '{source}' ORDER BY place"


def _write_parquet(reader: pa.RecordBatchReader, path: Path) -> int:
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for table in _groups(reader):
            writer.write_table(table, row_group_size=ROW_GROUP)
    return 1


def _groups(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """The rows in tables of one size, however the reader cut them."""
    rest = pa.Table.from_batches([], schema=reader.schema)
    for batch in reader:
        rest = pa.concat_tables([rest, pa.Table.from_batches([batch])])
        while rest.num_rows >= ROW_GROUP:
            yield rest.slice(0, ROW_GROUP).combine_chunks()
            rest = rest.slice(ROW_GROUP)
    yield rest.combine_chunks()


def _write_raw(reader: pa.RecordBatchReader, path: Path, source: str, month: str) -> int:
    """Write a small file as an office would; returns the row, as Excel counts, of the first person."""
    table = reader.read_all()
    if path.suffix == ".xlsx":
        return _write_workbook(
            table, path, f"{FILE_NAMES[source]}在编人员花名册（{month}）" if source in TITLED else ""
        )
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(table, sink, pa_csv.WriteOptions(quoting_style="needed"))
    path.write_bytes(sink.getvalue().to_pybytes().decode().encode(ENCODINGS[source]))
    return 2


def _write_workbook(table: pa.Table, path: Path, title: str) -> int:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False})
    book.set_properties({"created": MADE_AT})
    sheet: Worksheet = book.add_worksheet("花名册")
    top = 0
    if title:
        sheet.write_string(0, 0, title)
        top = 1
    for column, heading in enumerate(table.column_names):
        sheet.write_string(top, column, heading)
    for index, row in enumerate(zip(*(column.to_pylist() for column in table.columns), strict=True), top + 1):
        for column, text in enumerate(row):
            if text is not None:
                sheet.write_string(index, column, text)
    book.close()
    return top + 2
