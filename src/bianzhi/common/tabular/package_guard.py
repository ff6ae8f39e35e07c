"""Looks into a zipped workbook before any reader unpacks it: bombs, entities, cells placed absurdly far out.

Sizes in a zip directory can lie, so members are really unpacked, in pieces, and counted while they are.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Final

from bianzhi.common.tabular.cells import column_number
from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.common.tabular.limits import MEBIBYTE, Limits

_PIECE: Final = MEBIBYTE
_OVERLAP: Final = 64
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_REFERENCE: Final = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_DECLARATION: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)

Watch = Callable[[str, bytes, bytes], None]
"""Called with the name of a sheet's part, the end of its piece before, and each piece of it as it is unpacked."""


def inspect_package(data: bytes, *, limits: Limits, extent: bool = True, watch: Watch | None = None) -> None:
    """Refuse a zipped workbook that is damaged, dangerous or beyond `limits`. Raises UnreadableFile.

    Without `extent` the places of cells are not looked at: for readers that run under a ceiling of memory anyway.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            _inspect_members(package, limits=limits, extent=extent, watch=watch)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(
            Fault.DAMAGED, "文件已损坏或没有传完整，无法打开。请在 Excel 或 WPS 中打开原文件，另存为 .xlsx 后重新上传。"
        ) from error


def _inspect_members(package: zipfile.ZipFile, *, limits: Limits, extent: bool, watch: Watch | None) -> None:
    members = package.infolist()
    if len(members) > limits.members:
        raise UnreadableFile(
            Fault.DANGEROUS,
            f"文件内部有 {len(members)} 个部分，超过上限 {limits.members} 个，不像正常的表格文件，已拒绝读取。",
        )
    if any(member.flag_bits & 1 for member in members):
        raise encrypted()
    names = {member.filename for member in members}
    if not any(name.lower().startswith("xl/") for name in names):
        raise _not_a_workbook(names)
    unpacked = 0
    for member in members:
        guard = _Member(package, member, limits=limits, extent=extent, watch=watch)
        unpacked += guard.inspect(already=unpacked)


def encrypted() -> UnreadableFile:
    """The refusal of a file protected by a password."""
    return UnreadableFile(
        Fault.ENCRYPTED, "文件设有打开密码，无法读取。请在 Excel 或 WPS 中输入密码打开，取消密码后另存，再重新上传。"
    )


def _not_a_workbook(names: set[str]) -> UnreadableFile:
    if any(name.lower().startswith("word/") for name in names):
        what = "Word 文档"
    elif "content.xml" in names:
        what = "OpenDocument 文件"
    else:
        what = "压缩包"
    return UnreadableFile(
        Fault.WRONG_TYPE, f"这是{what}，不是 Excel 表格。请上传 .xlsx、.xls 或 .csv 文件（可在原软件中另存为 .xlsx）。"
    )


class _Member:
    """One part of the package, unpacked in pieces and looked at while it streams by."""

    def __init__(
        self,
        package: zipfile.ZipFile,
        member: zipfile.ZipInfo,
        *,
        limits: Limits,
        extent: bool,
        watch: Watch | None,
    ) -> None:
        is_sheet = _SHEET.fullmatch(member.filename) is not None
        self._pieces = _pieces(package, member)
        self._member = member
        self._limits = limits
        self._is_xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
        self._extent = _Extent() if is_sheet and extent else None
        self._watch = watch if is_sheet else None

    def inspect(self, *, already: int) -> int:
        """The unpacked size of the part; `already` is that of the parts before."""
        own = 0
        tail = b""
        for piece in self._pieces:
            own += len(piece)
            _refuse_bomb(own, already + own, packed=self._member.compress_size, limits=self._limits)
            self._look(tail, piece)
            tail = piece[-_OVERLAP:]
        return own

    def _look(self, tail: bytes, piece: bytes) -> None:
        joint = tail + piece
        if self._is_xml and b"!" in joint and _DECLARATION.search(joint):
            raise UnreadableFile(Fault.DANGEROUS, "文件内部含有外部实体声明，正常的表格不会有，已拒绝读取。")
        if self._extent is not None:
            self._extent.take(piece)
            self._extent.refuse_beyond(self._limits)
        if self._watch is not None:
            self._watch(self._member.filename, tail, piece)


def _pieces(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with package.open(member) as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _refuse_bomb(own: int, total: int, *, packed: int, limits: Limits) -> None:
    if total > limits.unpacked_bytes:
        raise UnreadableFile(
            Fault.DANGEROUS,
            f"文件解压后超过 {limits.unpacked_bytes // MEBIBYTE} MB，已拒绝读取。"
            "请只保留需要导入的工作表，分成几个文件上传。",
        )
    if own > limits.ratio_floor_bytes and own > limits.ratio * max(packed, 1):
        raise UnreadableFile(Fault.DANGEROUS, "文件的压缩比异常（疑似压缩炸弹），已拒绝读取。")


class _Extent:
    """The furthest row and column any cell of a sheet names, found while the sheet streams by."""

    def __init__(self) -> None:
        self.rows = 0
        self.columns = 0
        self._tail = b""

    def take(self, piece: bytes) -> None:
        found = set(_REFERENCE.findall(self._tail + piece))
        self._tail = piece[-_OVERLAP:]
        if found:
            self.rows = max(self.rows, *(int(row) for _, row in found))
            letters = {name for name, _ in found}
            self.columns = max(self.columns, *(column_number(name.decode()) + 1 for name in letters))

    def refuse_beyond(self, limits: Limits) -> None:
        refuse_extent(self.rows, self.columns, limits=limits)


def refuse_extent(rows: int, columns: int, *, limits: Limits) -> None:
    """Refuse a sheet reaching beyond the limits. Raises UnreadableFile."""
    if rows > limits.rows:
        raise UnreadableFile(
            Fault.TOO_LARGE,
            f"工作表用到第 {rows} 行，超过上限 {limits.rows} 行。"
            "请删去表格下方多余的行（选中后“删除”，不是“清除内容”），或分成几个文件上传。",
        )
    if columns > limits.columns:
        raise UnreadableFile(
            Fault.TOO_LARGE,
            f"工作表用到第 {columns} 列，超过上限 {limits.columns} 列。请删去表格右侧多余的列后重新上传。",
        )
    if rows * columns > limits.cells:
        raise UnreadableFile(
            Fault.TOO_LARGE,
            f"工作表有 {rows} 行 {columns} 列，超过上限 {limits.cells} 个单元格。"
            "请删去多余的行列，或分成几个文件上传。",
        )
