"""Reads a file into sheets of cells, whatever its name says it is: the content decides."""

from io import BytesIO
from pathlib import Path, PurePath
from typing import Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from bianzhi.common.tabular import delimited
from bianzhi.common.tabular.cells import CellValue, address
from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.common.tabular.limits import DEFAULT_LIMITS, MEBIBYTE, Limits
from bianzhi.common.tabular.number_formats import ZeroWidths, zero_padded_cells
from bianzhi.common.tabular.package_guard import encrypted, inspect_package, refuse_extent
from bianzhi.common.tabular.workbook import FileFormat, MergedRange, Sheet, Workbook

ACCEPTED_SUFFIXES: Final = (".xlsx", ".xlsm", ".xls", ".et", ".csv", ".txt", ".tsv")

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")
_WORD_DOCUMENT: Final = "WordDocument".encode("utf-16-le")
_BINARY_WORKBOOK: Final = b"xl/workbook.bin"
_OTHER_TYPES: Final = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"{\\rtf", "Word 文档"),
)
_SAVE_AS: Final = "请在 Excel 或 WPS 中打开，另存为 .xlsx 后重新上传。"


def read_workbook(path: Path, *, name: str = "", limits: Limits = DEFAULT_LIMITS) -> Workbook:
    """Read .xlsx, .xls or .csv into sheets of cells. `name` is the name the user knows the file by.

    Raises UnreadableFile with a Chinese message: empty, too large, wrong type, encrypted, damaged, dangerous.
    """
    if path.stat().st_size > limits.file_bytes:
        raise _too_large(path.stat().st_size, limits)
    return read_bytes(path.read_bytes(), name=name or path.name, limits=limits)


def read_bytes(data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS) -> Workbook:
    """The same for a file held in memory."""
    if not data.strip(b"\x00 \r\n\t"):
        raise UnreadableFile(Fault.EMPTY, "文件是空的，没有任何内容。请确认选对了文件后重新上传。")
    if len(data) > limits.file_bytes:
        raise _too_large(len(data), limits)
    book = _by_content(data, name=name, limits=limits)
    if all(sheet.is_empty for sheet in book.sheets):
        raise UnreadableFile(Fault.EMPTY, "文件里的工作表都是空的，没有可导入的内容。请确认选对了文件后重新上传。")
    return book


def _too_large(size: int, limits: Limits) -> UnreadableFile:
    return UnreadableFile(
        Fault.TOO_LARGE,
        f"文件有 {size / MEBIBYTE:.1f} MB，超过上限 {limits.file_bytes // MEBIBYTE} MB。"
        "请删去图片和无关的工作表，或分成几个文件上传。",
    )


def _by_content(data: bytes, *, name: str, limits: Limits) -> Workbook:
    if data.startswith(_ZIP):
        inspect_package(data, limits=limits)
        if _BINARY_WORKBOOK in data:
            raise UnreadableFile(Fault.WRONG_TYPE, f"暂不支持二进制格式的 .xlsb 文件。{_SAVE_AS}")
        return Workbook(name, FileFormat.XLSX, _excel_sheets(data, padded=zero_padded_cells(data), limits=limits))
    if data.startswith(_OLE):
        _refuse_other_ole(data)
        return Workbook(name, FileFormat.XLS, _excel_sheets(data, padded={}, limits=limits))
    _refuse_other_types(data)
    return _text_workbook(data, name=name, limits=limits)


def _refuse_other_ole(data: bytes) -> None:
    if _ENCRYPTED_PACKAGE in data:
        raise encrypted()
    if _WORD_DOCUMENT in data:
        raise UnreadableFile(Fault.WRONG_TYPE, "这是 Word 文档，不是 Excel 表格。请上传 .xlsx、.xls 或 .csv 文件。")


def _refuse_other_types(data: bytes) -> None:
    for signature, what in _OTHER_TYPES:
        if data.startswith(signature):
            raise UnreadableFile(Fault.WRONG_TYPE, f"这是{what}，不是表格。请上传 .xlsx、.xls 或 .csv 文件。")
    beginning = data[:2048].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if beginning.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"mime-version:")):
        raise UnreadableFile(
            Fault.WRONG_TYPE, f"这个文件虽然可能叫作 .xls，实际是网页格式（某些系统导出的文件就是这样）。{_SAVE_AS}"
        )


def _text_workbook(data: bytes, *, name: str, limits: Limits) -> Workbook:
    if b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile(Fault.WRONG_TYPE, "无法识别文件类型。请上传 .xlsx、.xls 或 .csv 文件。")
    text, encoding = delimited.decoded(data)
    delimiter = delimited.delimiter_of(text)
    rows = delimited.read_rows(text, delimiter, limits=limits)
    sheet = Sheet(PurePath(name).stem or "数据", rows)
    return Workbook(name, FileFormat.CSV, (sheet,), encoding=encoding, delimiter=delimiter)


def _excel_sheets(data: bytes, *, padded: dict[str, ZeroWidths], limits: Limits) -> tuple[Sheet, ...]:
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
            metadata = [sheet for sheet in book.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
            if len(metadata) > limits.sheets:
                raise UnreadableFile(
                    Fault.TOO_LARGE,
                    f"文件有 {len(metadata)} 张工作表，超过上限 {limits.sheets} 张。请分成几个文件上传。",
                )
            return tuple(
                _sheet(
                    book.get_sheet_by_name(sheet.name),
                    hidden=sheet.visible is not SheetVisibleEnum.Visible,
                    padded=padded.get(sheet.name, {}),
                    limits=limits,
                )
                for sheet in metadata
            )
    except PasswordError as error:
        raise encrypted() from error
    except CalamineError as error:
        raise UnreadableFile(Fault.DAMAGED, f"文件已损坏或没有传完整，无法打开。{_SAVE_AS}") from error


def _sheet(source: CalamineSheet, *, hidden: bool, padded: ZeroWidths, limits: Limits) -> Sheet:
    last_row, last_column = source.end or (-1, -1)
    refuse_extent(last_row + 1, last_column + 1, limits=limits)
    rows: list[list[CellValue]] = list(source.to_python(skip_empty_area=False))
    if padded:
        _restore_zeros(rows, padded)
    return Sheet(source.name, rows, _merged(source, limits=limits), hidden)


def _merged(source: CalamineSheet, *, limits: Limits) -> tuple[MergedRange, ...]:
    """Merged blocks cut to the rows and columns in use: whole merged columns are common and mostly blank."""
    last_row, last_column = source.end or (-1, -1)
    blocks = [
        MergedRange(top, left, min(bottom, last_row), min(right, last_column))
        for (top, left), (bottom, right) in source.merged_cell_ranges or ()
        if top <= last_row and left <= last_column
    ]
    if sum((block.bottom - block.top + 1) * block.columns for block in blocks) > limits.merged_cells:
        raise UnreadableFile(Fault.TOO_LARGE, "工作表中合并单元格过多，已拒绝读取。请取消大范围的合并后重新上传。")
    return tuple(blocks)


def _restore_zeros(rows: list[list[CellValue]], padded: ZeroWidths) -> None:
    for row_number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, float) and value.is_integer() and value >= 0:
                width = padded.get(address(row_number, column))
                if width:
                    row[column] = f"{int(value):0{width}d}"
