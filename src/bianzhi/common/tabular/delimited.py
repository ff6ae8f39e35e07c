"""Text tables: .csv and .txt as Excel, WPS and other systems export them."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from typing import Final

from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.common.tabular.limits import Limits
from bianzhi.common.tabular.package_guard import refuse_extent

DELIMITERS: Final = (",", "\t", ";", "|")
_SAMPLE_ROWS: Final = 60
_LONGEST_FIELD: Final = 1_000_000


def decoded(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: UTF-8 with or without mark, UTF-16 with mark, else GB18030.

    Raises UnreadableFile when none of them fits.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _decode(data, encoding), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode(data, "gb18030"), "gb18030"


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            Fault.ENCODING,
            "文件的文字编码无法识别（已试过 UTF-8 和 GB18030）。请在 Excel 或 WPS 中打开，另存为 .xlsx 后重新上传。",
        ) from error


def delimiter_of(text: str) -> str:
    """The separator under which most rows have the same number of cells, more than one; comma when none does."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in islice(_reader(text, delimiter), _SAMPLE_ROWS) if row)
        wide = {width: count for width, count in widths.items() if width > 1}
        if not wide:
            continue
        width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
        score = count / sum(widths.values()) * (1 + min(width, 30) / 10)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_FIELD)
    return csv.reader(StringIO(text, newline=""), delimiter=delimiter)


def read_rows(text: str, delimiter: str, *, limits: Limits) -> list[list[str]]:
    """Every record as Excel would number it, blank lines included. Raises UnreadableFile beyond the limits."""
    rows: list[list[str]] = []
    columns = 0
    try:
        for row in _reader(text, delimiter):
            rows.append(row)
            columns = max(columns, len(row))
            if len(rows) > limits.rows or columns > limits.columns:
                break
    except csv.Error as error:
        raise UnreadableFile(
            Fault.DAMAGED,
            f"第 {len(rows) + 1} 行无法读取，多半是引号没有成对。请在 Excel 或 WPS 中打开，另存为 .xlsx 后重新上传。",
        ) from error
    refuse_extent(len(rows), columns, limits=limits)
    return rows
