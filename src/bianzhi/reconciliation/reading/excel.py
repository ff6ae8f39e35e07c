"""Workbooks: .xlsx through fastexcel straight into columns of text, .xls through the shared reader."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO
from typing import Final, TypeVar

import fastexcel
import pyarrow as pa
import pyarrow.compute as pc
from defusedxml import ElementTree

from bianzhi.common.tabular.cells import CellValue, column_number, text_of
from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.common.tabular.number_formats import (
    ShownStyles,
    ZeroWidths,
    sheet_parts,
    shown_styles,
    zero_padded_cells,
)
from bianzhi.common.tabular.package_guard import inspect_package, refuse_extent
from bianzhi.common.tabular.reading import read_bytes
from bianzhi.common.tabular.workbook import MergedRange, Sheet
from bianzhi.reconciliation.reading.limits import ReadingLimits
from bianzhi.reconciliation.reading.shown_cells import ShownCells, ShownWatch, are_months, month_of
from bianzhi.reconciliation.reading.tables import HEAD_ROWS, Batch, Opened, Table, filled_down, numbers

_LONG_NUMBER: Final = re.compile(rb"<v>(\d{16,}(?:\.\d+)?|\d(?:\.\d+)?[eE]\+?1[5-9])</v>")
_TEXT_CELL: Final = re.compile(rb"""\bt=["'](?:s|str|inlineStr)["']""")
_MERGED: Final = re.compile(rb'<mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_LOOK_BACK: Final = 4_000
_MIDNIGHT: Final = " 00:00:00"
_MOST_MERGED: Final = 100_000
_CONTENTS: Final = "xl/workbook.xml"
_STYLES: Final = "xl/styles.xml"
_LONGEST_PART: Final = 5_000_000
_SHEET: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}sheet"
_MACROS: Final = "xl/vbaproject.bin"
_BINARY: Final = "xl/workbook.bin"
_DEEPEST_INTEGER: Final = 10**15

Told = TypeVar("Told")


class _Watcher:
    """What the columns of text no longer tell: numbers too long for Excel, merged blocks, what formats alone show."""

    def __init__(self, styles: ShownStyles) -> None:
        self._shown = ShownWatch(styles)
        self.shown: dict[str, ShownCells] = {}
        self.rounded: dict[str, set[str]] = {}
        self.merged: dict[str, list[MergedRange]] = {}

    def look(self, part: str, tail: bytes, piece: bytes) -> None:
        """Called for every piece of a sheet; what lies over the joint of two pieces is seen once more, harmlessly."""
        joint = tail + piece
        for found in _LONG_NUMBER.finditer(joint):
            start = joint.rfind(b"<c ", max(0, found.start() - _LOOK_BACK), found.start())
            if start < 0 or not _TEXT_CELL.search(joint, start, joint.find(b">", start)):
                self.rounded.setdefault(part, set()).add(str(int(float(found[1]))))
        self._shown.look(joint, self.shown.setdefault(part, ShownCells()))
        if b"<mergeCell " in joint:
            self.merged.setdefault(part, []).extend(_block(found) for found in _MERGED.finditer(joint))


def _block(found: "re.Match[bytes]") -> MergedRange:
    left, top, right, bottom = (part.decode() for part in found.groups())
    return MergedRange(int(top) - 1, column_number(left), int(bottom) - 1, column_number(right))


def open_xlsx(data: bytes, *, limits: ReadingLimits) -> Opened:
    """A zipped workbook. Raises UnreadableFile for what is damaged, dangerous, encrypted, or has macros.

    The guard looks through the package while the cells are already being read beside it: a dangerous file is refused
    long before the ceiling of this process' memory is reached.
    """
    watcher = _Watcher(_styles(data))
    hidden = _hidden_sheets(data)
    pool = ThreadPoolExecutor(1)
    try:
        loading = pool.submit(_load, data, hidden, limits)
        inspect_package(data, limits=limits.tabular, extent=False, watch=watcher.look)
        with zipfile.ZipFile(BytesIO(data)) as package:
            _refuse_macros({name.lower() for name in package.namelist()})
            parts = sheet_parts(package)
        padded = zero_padded_cells(data)
        loaded = loading.result()
    except fastexcel.FastExcelError as error:
        raise _damaged() from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    tables = []
    for name, batch in loaded.items():
        part = parts.get(name, "")
        merged = tuple(dict.fromkeys(watcher.merged.get(part, [])))[:_MOST_MERGED]
        shown = watcher.shown.get(part, ShownCells())
        extras = _Extras(merged, frozenset(watcher.rounded.get(part, ())), padded.get(name, {}), shown)
        tables.append(_table(name, batch, extras))
    remarks = tuple(f"工作表“{name}”是隐藏的，没有读取" for name in sorted(hidden))
    return Opened("xlsx", tuple(tables), remarks=remarks)


def _hidden_sheets(data: bytes) -> frozenset[str]:
    """Names of the sheets nobody sees."""

    def hidden(contents: bytes) -> frozenset[str]:
        sheets = ElementTree.fromstring(contents).iter(_SHEET)
        return frozenset(one.get("name", "") for one in sheets if one.get("state", "visible") != "visible")

    return _of_part(data, _CONTENTS, hidden, frozenset())


def _styles(data: bytes) -> ShownStyles:
    """The styles in which a cell means something else than the number it holds."""
    return _of_part(data, _STYLES, shown_styles, ShownStyles())


def _of_part(data: bytes, part: str, read: Callable[[bytes], Told], otherwise: Told) -> Told:
    """What a small part of the package says. What is wrong with the package is left to the guard to say."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            is_long = package.getinfo(part).file_size > _LONGEST_PART
            return otherwise if is_long else read(package.read(part))
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        SyntaxError,
    ):
        return otherwise


def _load(data: bytes, hidden: frozenset[str], limits: ReadingLimits) -> dict[str, pa.RecordBatch]:
    """Sheet name → its cells as text, of the sheets that are seen."""
    reader = fastexcel.read_excel(data)
    names = [name for name in reader.sheet_names if name not in hidden]
    if len(names) > limits.sheets:
        raise UnreadableFile(Fault.TOO_LARGE, f"文件的工作表超过上限 {limits.sheets} 张。请分成几个文件报送。")
    loaded: dict[str, pa.RecordBatch] = {}
    for name in names:
        batch = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string", eager=True)
        refuse_extent(batch.num_rows, batch.num_columns, limits=limits.tabular)
        loaded[name] = batch
    return loaded


def _refuse_macros(names: set[str]) -> None:
    if _MACROS in names:
        raise UnreadableFile(
            Fault.DANGEROUS, "文件含有宏程序，不予接收。请在 Excel 或 WPS 中另存为不含宏的 .xlsx 后重新报送。"
        )
    if _BINARY in names:
        raise UnreadableFile(
            Fault.WRONG_TYPE, "暂不支持二进制格式的 .xlsb 文件。请在 Excel 或 WPS 中另存为 .xlsx 后重新报送。"
        )


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        Fault.DAMAGED, "文件已损坏或没有传完整，无法打开。请在 Excel 或 WPS 中打开原文件，另存为 .xlsx 后重新报送。"
    )


class _Extras:
    """What is known of a sheet beside its text."""

    def __init__(
        self, merged: tuple[MergedRange, ...], rounded: frozenset[str], padded: ZeroWidths, shown: ShownCells
    ) -> None:
        self.merged = merged
        self.rounded = rounded
        self.padded = padded
        self.shown = shown

    def down(self, column: int, top: int) -> dict[int, int]:
        """Blocks of several rows reaching below `top` in the column: first row → last row."""
        return {
            block.top: block.bottom
            for block in self.merged
            if block.left <= column <= block.right and block.bottom > block.top and block.top >= top
        }


def _table(name: str, batch: pa.RecordBatch, extras: _Extras) -> Table:
    head_rows = batch.slice(0, HEAD_ROWS)
    columns = [[value or "" for value in column.to_pylist()] for column in head_rows.columns]
    rows = [list(cells) for cells in zip(*columns, strict=True)]
    head_blocks = tuple(block for block in extras.merged if block.bottom < HEAD_ROWS)
    head = Sheet(name, rows, head_blocks)

    def batches(top: int) -> Iterator[Batch]:
        below = batch.slice(top)
        taken = [_column(column, position, top, extras) for position, column in enumerate(below.columns)]
        yield Batch(numbers(top + 1, below.num_rows), taken, extras.rounded)

    return Table(head, batches, batch.num_rows)


def _column(column: pa.Array, position: int, top: int, extras: _Extras) -> pa.Array:
    text = pc.cast(column, pa.string())
    if pc.any(pc.ends_with(text, _MIDNIGHT)).as_py():
        text = pc.replace_substring(text, _MIDNIGHT, "")
    text = extras.shown.as_shown(text, position, top)
    if extras.padded:
        text = _with_zeros(text, position, top, extras.padded)
    blocks = extras.down(position, top)
    return filled_down(text, blocks, top) if blocks else text


def _with_zeros(text: pa.Array, position: int, top: int, padded: Mapping[str, int]) -> pa.Array:
    """Codes whose leading zeros only a number format shows."""
    widths = {}
    for place, width in padded.items():
        letters = place.rstrip("0123456789")
        if column_number(letters) == position:
            widths[int(place[len(letters) :]) - 1 - top] = width
    if not widths:
        return text
    values = text.to_pylist()
    for row, width in widths.items():
        if 0 <= row < len(values) and values[row] and values[row].isdigit():
            values[row] = values[row].zfill(width)
    return pa.array(values, pa.string())


def open_xls(data: bytes, *, name: str, limits: ReadingLimits) -> Opened:
    """A workbook of the old format. Raises UnreadableFile."""
    book = read_bytes(data, name=name, limits=limits.tabular)
    visible = [sheet for sheet in book.sheets if not sheet.hidden and not sheet.is_empty]
    remarks = tuple(f"工作表“{sheet.name}”是隐藏的，没有读取" for sheet in book.sheets if sheet.hidden)
    return Opened(book.format.value, tuple(_of_cells(sheet) for sheet in visible), book.encoding, remarks)


def _of_cells(sheet: Sheet) -> Table:
    width = sheet.width
    rounded = frozenset(text_of(value) for row in sheet.rows for value in row if _is_too_long(value))
    head = Sheet(sheet.name, [[text_of(value) for value in row] for row in sheet.rows[:HEAD_ROWS]], sheet.merged)

    def batches(top: int) -> Iterator[Batch]:
        below = range(top, len(sheet.rows))
        columns = [pa.array(_texts(sheet, column, below), pa.string()) for column in range(width)]
        yield Batch(numbers(top + 1, len(below)), columns, rounded)

    return Table(head, batches, len(sheet.rows))


def _texts(sheet: Sheet, column: int, rows: Sequence[int]) -> list[str]:
    """The texts of a column. This format does not say how a day is shown: a column of first days is one of months."""
    texts = [sheet.text(row, column) for row in rows]
    days = [value for row in rows if isinstance(value := sheet.shown(row, column), date)]
    return [month_of(text) for text in texts] if are_months(days) else texts


def _is_too_long(value: CellValue) -> bool:
    return isinstance(value, float) and abs(value) >= _DEEPEST_INTEGER
