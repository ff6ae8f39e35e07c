"""A file as sheets of cells, with the row numbers and merged ranges a person sees in Excel."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bianzhi.common.tabular.cells import EMPTY, CellValue, is_blank, text_of


class FileFormat(StrEnum):
    """Formats that are read."""

    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class MergedRange:
    """A block of merged cells; rows and columns counted from 0, last ones included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def columns(self) -> int:
        """How many columns it spans."""
        return self.right - self.left + 1

    def cells(self) -> Iterator[tuple[int, int]]:
        """Every (row, column) of the block."""
        for row in range(self.top, self.bottom + 1):
            for column in range(self.left, self.right + 1):
                yield row, column


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `rows[i]` is the row Excel numbers i + 1; short rows stand for blank cells on the right."""

    name: str
    rows: Sequence[Sequence[CellValue]]
    merged: tuple[MergedRange, ...] = ()
    hidden: bool = False
    anchors: dict[tuple[int, int], tuple[int, int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        anchors = {cell: (block.top, block.left) for block in self.merged for cell in block.cells()}
        object.__setattr__(self, "anchors", anchors)

    @property
    def width(self) -> int:
        """Number of columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)

    @property
    def is_empty(self) -> bool:
        """True when no cell holds anything."""
        return all(is_blank(value) for row in self.rows for value in row)

    def own(self, row: int, column: int) -> CellValue:
        """The value written in the cell itself; blank outside the sheet."""
        cells = self.rows[row] if 0 <= row < len(self.rows) else ()
        return cells[column] if column < len(cells) else EMPTY

    def shown(self, row: int, column: int) -> CellValue:
        """The value a person sees at the cell: inside a merged block, that of its top left cell."""
        return self.own(*self.anchors.get((row, column), (row, column)))

    def text(self, row: int, column: int) -> str:
        """The text a person sees at the cell."""
        return text_of(self.shown(row, column))


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file that was read: its name, format and sheets in their order, hidden ones included."""

    name: str
    format: FileFormat
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    delimiter: str = ""

    def sheet(self, name: str) -> Sheet:
        """The sheet of that name. Raises KeyError."""
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise KeyError(name)
