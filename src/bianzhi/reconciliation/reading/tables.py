"""A table of text as every reader gives it: a head to recognise, and batches of columns to take."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from bianzhi.common.tabular.workbook import Sheet

HEAD_ROWS: Final = 260


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of a table: their numbers as Excel counts, one array of text for each column.

    `rounded` are texts that were written as numbers of more digits than Excel keeps.
    """

    rows: pa.Array
    columns: Sequence[pa.Array]
    rounded: frozenset[str] = frozenset()

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file. `batches(top)` gives everything from the row counted `top` from 0, header left out."""

    head: Sheet
    batches: Callable[[int], Iterator[Batch]]
    last_row: int

    @property
    def name(self) -> str:
        """The sheet's name, or the file's where there are no sheets."""
        return self.head.name


@dataclass(frozen=True, slots=True)
class Opened:
    """A file ready to be read. `remarks` are Chinese sentences about it as a whole."""

    format: str
    tables: tuple[Table, ...]
    encoding: str = ""
    remarks: tuple[str, ...] = ()


def numbers(first: int, count: int) -> pa.Array:
    """Row numbers from `first` on."""
    return pa.array(range(first, first + count), pa.int64())


def filled_down(column: pa.Array, blocks: Mapping[int, int], first: int) -> pa.Array:
    """The column with each merged block's value in all its rows. `blocks`: first row → last row, counted from 0."""
    values = column.to_pylist()
    for top, bottom in blocks.items():
        anchor = values[top - first] if 0 <= top - first < len(values) else None
        for row in range(max(top - first, 0), min(bottom - first + 1, len(values))):
            values[row] = anchor
    return pa.array(values, pa.string())
