"""Text tables: UTF-8 with or without mark, UTF-16 with mark, GB18030; comma, tab, semicolon or bar."""

import codecs
import csv
import mmap
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from bianzhi.common.tabular.delimited import delimiter_of
from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.common.tabular.package_guard import refuse_extent
from bianzhi.common.tabular.workbook import Sheet
from bianzhi.reconciliation.reading.limits import ReadingLimits
from bianzhi.reconciliation.reading.tables import HEAD_ROWS, Batch, Opened, Table, numbers

_PIECE: Final = 4 * 1024 * 1024
_HEAD_BYTES: Final = 512 * 1024
_LONGEST_ROW: Final = 8 * 1024 * 1024
_LONGEST_CELL: Final = 32_767
"""Bytes; no spreadsheet holds a longer one, so that a longer one is a row of open quotation marks."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def open_delimited(path: Path, *, name: str, limits: ReadingLimits) -> Opened:
    """A text table. Raises UnreadableFile when it is no text, of an unknown encoding, or too wide."""
    encoding = encoding_of(path)
    with path.open("rb") as stream:
        beginning = stream.read(_HEAD_BYTES)
    text = codecs.getincrementaldecoder(encoding)().decode(beginning)
    delimiter = delimiter_of(text)
    rows = _head_rows(text, delimiter, complete=len(beginning) < _HEAD_BYTES)
    width = max((len(row) for row in rows), default=0)
    refuse_extent(len(rows), width, limits=limits.tabular)
    quoted = _holds(path, b'"')
    head = Sheet(Path(name).stem or "数据", rows)

    def batches(top: int) -> Iterator[Batch]:
        usual = Counter(len(row) for row in rows[top:] if row).most_common(1)
        reader = _Reader(path, encoding, delimiter, width=usual[0][0] if usual else max(width, 1), quoted=quoted)
        yield from reader.batches(top, skip=_physical_lines(text, delimiter, top))

    return Opened("csv", (Table(head, batches, limits.rows),), encoding)


def encoding_of(path: Path) -> str:
    """The encoding that fits the whole file. Raises UnreadableFile when none does."""
    with path.open("rb") as stream:
        beginning = stream.read(4)
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            if _decodes(path, encoding):
                return encoding
            raise _unknown_encoding()
    if _holds(path, b"\x00"):
        raise UnreadableFile(Fault.WRONG_TYPE, "无法识别文件类型。请报送 .xlsx、.xls、.csv 或 .parquet 文件。")
    for encoding in ("utf-8", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    raise _unknown_encoding()


def _unknown_encoding() -> UnreadableFile:
    return UnreadableFile(
        Fault.ENCODING,
        "文件的文字编码无法识别（已试过 UTF-8 和 GB18030）。请在 Excel 或 WPS 中打开，另存为 .xlsx 后重新报送。",
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _holds(path: Path, wanted: bytes) -> bool:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        return mapped.find(wanted) >= 0


def _head_rows(text: str, delimiter: str, *, complete: bool) -> list[list[str]]:
    """The first records; the last one is left out when the text was cut off within it."""
    rows: list[list[str]] = []
    csv.field_size_limit(_LONGEST_ROW)
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) > HEAD_ROWS:
                return rows[:HEAD_ROWS]
    except csv.Error as error:
        raise _unreadable_rows() from error
    if not complete and len(rows) < 2:
        raise UnreadableFile(Fault.DAMAGED, "文件的第一行过长，不像表格。请在 Excel 或 WPS 中另存为 .xlsx 后重新报送。")
    return rows if complete else rows[:-1]


def _unreadable_rows() -> UnreadableFile:
    return UnreadableFile(
        Fault.DAMAGED, "文件中有无法读取的行，多半是引号没有成对。请在 Excel 或 WPS 中打开，另存为 .xlsx 后重新报送。"
    )


def _physical_lines(text: str, delimiter: str, records: int) -> int:
    """How many lines the first records take: a quoted cell may hold line breaks."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    for _ in range(records):
        next(reader)
    return reader.line_num


class _Reader:
    """Reads the rows below the header in columns; rows of another width are put right one by one."""

    def __init__(self, path: Path, encoding: str, delimiter: str, *, width: int, quoted: bool) -> None:
        self._path = path
        self._encoding = encoding
        self._delimiter = delimiter
        self._width = width
        self._quoted = quoted
        self._odd: list[tuple[int | None, str]] = []

    def batches(self, top: int, *, skip: int) -> Iterator[Batch]:
        """Every row from the record counted `top`, which begins after `skip` lines."""
        table = self._read(skip, threads=True)
        if self._odd:
            table = self._read(skip, threads=False)
        regular = [column.combine_chunks() for column in table.columns]
        if any((pc.max(pc.binary_length(column)).as_py() or 0) > _LONGEST_CELL for column in regular):
            raise _unreadable_rows()
        odd = {top + (number or 0) - skip: self._cells(text) for number, text in self._odd}
        every = numbers(top + 1, table.num_rows + len(odd))
        if odd:
            wanted = pa.array(sorted(odd), pa.int64())
            every = pc.filter(every, pc.invert(pc.is_in(every, value_set=wanted)))
        yield Batch(every, [_unquoted(column) for column in regular])
        if odd:
            ordered = [odd[number] for number in sorted(odd)]
            columns = [pa.array([row[place] for row in ordered], pa.string()) for place in range(self._width)]
            yield Batch(pa.array(sorted(odd), pa.int64()), columns)

    def _read(self, skip: int, *, threads: bool) -> pa.Table:
        self._odd = []
        names = [f"c{place}" for place in range(self._width)]
        try:
            return pacsv.read_csv(
                self._path,
                read_options=pacsv.ReadOptions(
                    encoding=self._encoding,
                    skip_rows=skip,
                    column_names=names,
                    block_size=_LONGEST_ROW,
                    use_threads=threads,
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=self._delimiter,
                    newlines_in_values=self._quoted,
                    ignore_empty_lines=False,
                    invalid_row_handler=self._take_odd,
                ),
                convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
            )
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            if "Empty CSV" in str(error):
                return pa.table({name: pa.array([], pa.string()) for name in names})
            raise _unreadable_rows() from error

    def _take_odd(self, row: Any) -> str:
        self._odd.append((row.number, row.text))
        return "skip"

    def _cells(self, text: str) -> list[str]:
        cells = next(csv.reader(StringIO(text), delimiter=self._delimiter), [])
        return [*cells, *[""] * self._width][: self._width]


def _unquoted(column: pa.Array) -> pa.Array:
    """Cells written ="0012", the usual trick to keep zeros, as what they mean."""
    if pc.any(pc.starts_with(column, '="')).as_py():
        return pc.replace_substring_regex(column, r'^="(.*)"$', r"\1")
    return column
