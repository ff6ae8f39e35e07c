"""Opens a file by what it holds, whatever its name says."""

from pathlib import Path
from typing import Final

from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.common.tabular.limits import MEBIBYTE
from bianzhi.reconciliation.reading.delimited import open_delimited
from bianzhi.reconciliation.reading.excel import open_xls, open_xlsx
from bianzhi.reconciliation.reading.limits import ReadingLimits
from bianzhi.reconciliation.reading.parquet import open_parquet
from bianzhi.reconciliation.reading.tables import Opened

SUFFIXES: Final = (".xlsx", ".xls", ".et", ".csv", ".txt", ".tsv", ".parquet")
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARQUET: Final = b"PAR1"
_OTHERS: Final = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"{\\rtf", "Word 文档"),
    (b"MZ", "程序"),
    (b"\x7fELF", "程序"),
)
_MARKUP: Final = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"mime-version:")


def open_file(path: Path, *, name: str, limits: ReadingLimits) -> Opened:
    """A file as tables of text.

    Raises UnreadableFile: empty, too large, of another type, encrypted, damaged, dangerous.
    """
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise UnreadableFile(
            Fault.TOO_LARGE,
            f"文件有 {size / MEBIBYTE:.1f} MB，超过上限 {limits.file_bytes // MEBIBYTE} MB。请分成几部分报送。",
        )
    with path.open("rb") as stream:
        beginning = stream.read(2048)
    if not beginning.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise UnreadableFile(Fault.EMPTY, "文件是空的，没有任何内容。请确认选对了文件后重新报送。")
    return _by_content(path, beginning, name=name, limits=limits)


def _by_content(path: Path, beginning: bytes, *, name: str, limits: ReadingLimits) -> Opened:
    if beginning.startswith(_ZIP):
        return open_xlsx(path.read_bytes(), limits=limits)
    if beginning.startswith(_OLE):
        return open_xls(path.read_bytes(), name=name, limits=limits)
    if beginning.startswith(_PARQUET):
        return open_parquet(path, name=name, limits=limits)
    for signature, what in _OTHERS:
        if beginning.startswith(signature):
            raise UnreadableFile(Fault.WRONG_TYPE, f"这是{what}，不是名册。请报送 .xlsx、.xls、.csv 或 .parquet 文件。")
    if beginning.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_MARKUP):
        raise UnreadableFile(
            Fault.WRONG_TYPE,
            "这个文件实际是网页格式（某些系统导出的 .xls 就是这样）。请在 Excel 或 WPS 中另存为 .xlsx 后重新报送。",
        )
    return open_delimited(path, name=name, limits=limits)
