"""Parquet files: columns by name, batch by batch, every value as text."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.common.tabular.package_guard import refuse_extent
from bianzhi.common.tabular.workbook import Sheet
from bianzhi.reconciliation.reading.limits import ReadingLimits
from bianzhi.reconciliation.reading.tables import HEAD_ROWS, Batch, Opened, Table, numbers


def open_parquet(path: Path, *, name: str, limits: ReadingLimits) -> Opened:
    """A Parquet file; its column names are the header, its rows count from 1. Raises UnreadableFile."""
    try:
        file = pq.ParquetFile(path)
        refuse_extent(file.metadata.num_rows + 1, file.metadata.num_columns, limits=limits.tabular)
        beginning = next(file.iter_batches(HEAD_ROWS), None)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(Fault.DAMAGED, "Parquet 文件已损坏或没有传完整，无法打开。请重新导出后报送。") from error
    columns = [] if beginning is None else [_text(column)[0].to_pylist() for column in beginning.columns]
    rows = [list(file.schema_arrow.names), *[[value or "" for value in row] for row in zip(*columns, strict=True)]]

    def batches(top: int) -> Iterator[Batch]:
        first = top
        for batch in pq.ParquetFile(path).iter_batches(200_000):
            texts = [_text(column) for column in batch.columns]
            rounded = frozenset[str]().union(*(long for _, long in texts))
            yield Batch(numbers(first, batch.num_rows), [text for text, _ in texts], rounded)
            first += batch.num_rows

    return Opened("parquet", (Table(Sheet(Path(name).stem, rows), batches, file.metadata.num_rows),))


def _text(column: pa.Array) -> tuple[pa.Array, frozenset[str]]:
    """The column as text, and those of its texts that were floating point numbers too long to be exact."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not pa.types.is_floating(column.type):
        return _plain(column), frozenset()
    whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), 9.2e18))
    if not pc.all(whole).as_py():
        return pc.cast(column, pa.string()), frozenset()
    text = pc.cast(pc.cast(column, pa.int64()), pa.string())
    long = pc.filter(text, pc.greater_equal(pc.abs(column), 1e15))
    return text, frozenset(long.unique().to_pylist()) - {None}


def _plain(column: pa.Array) -> pa.Array:
    if pa.types.is_nested(column.type) or pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return pa.nulls(len(column), pa.string())
    return pc.cast(column, pa.string())
