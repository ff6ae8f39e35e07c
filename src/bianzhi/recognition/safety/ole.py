"""Old Office and WPS files (compound files): the directory of their streams tells what they are and what they hide."""

import struct
from pathlib import Path
from typing import Final

from bianzhi.recognition.safety.refusal import LIMITS, SafetyLimits, Unacceptable, active, bomb, damaged, encrypted

WHAT: Final = "Office 文件"
_HEADER: Final = struct.Struct("<8s16xHHHHH6xIIIIIIIIII")
_END: Final = 0xFFFFFFFC
"""Numbers of sectors from here on are marks, not places."""
_ENTRY: Final = 128
_STREAM, _ROOT = 2, 5
_MACROS: Final = frozenset({"macros", "_vba_project_cur", "_vba_project", "vba"})
_NEVER_BY_CHANCE: Final = {"\x01ole10native": "嵌入的程序对象", "_vba_project": "宏"}
"""Names no text holds: refused wherever they stand, also where a torn directory does not lead any more."""
_LOCKS: Final = frozenset({"encryptedpackage", "encryptioninfo"})
_FILEPASS: Final = b"\x2f\x00"


class _Compound:
    """A compound file's table of sectors and its directory."""

    def __init__(self, data: bytes, limits: SafetyLimits) -> None:
        self._data = data
        header = _HEADER.unpack_from(data)
        if header[3] != 0xFFFE or header[4] not in (9, 12):
            raise damaged(WHAT)
        self._size = 1 << header[4]
        self._most = len(data) // self._size + 2
        self._table = self._read_table(header)
        self.entries = self._read_directory(header[8], limits)

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if start >= len(self._data):
            raise damaged(WHAT)
        return self._data[start : start + self._size]

    def _read_table(self, header: tuple[int, ...]) -> list[int]:
        """The table of sectors, by its own places in the header and in the chain behind it."""
        width = self._size // 4
        places = list(struct.unpack_from("<109I", self._data, 76))
        follower, seen = header[13], 0
        while follower < _END:
            seen += 1
            if seen > self._most:
                raise Unacceptable(f"{WHAT}内部的链首尾相接、没有尽头，已拒绝接收并隔离。")
            numbers = struct.unpack(f"<{width}I", self._sector(follower).ljust(self._size, b"\xff"))
            places.extend(numbers[:-1])
            follower = numbers[-1]
        table: list[int] = []
        for place in places:
            if place < _END:
                table.extend(struct.unpack(f"<{width}I", self._sector(place).ljust(self._size, b"\xff")))
        return table

    def chain(self, start: int, most: int | None = None) -> bytes:
        """The bytes of a chain of sectors, up to `most`. Raises Unacceptable for a chain without an end."""
        found, number, steps = bytearray(), start, 0
        while number < _END and (most is None or len(found) < most):
            steps += 1
            if steps > self._most or number >= len(self._table):
                raise Unacceptable(f"{WHAT}内部的链首尾相接或指向文件之外，已拒绝接收并隔离。请重新另存后上传。")
            found += self._sector(number)
            number = self._table[number]
        return bytes(found)

    def _read_directory(self, start: int, limits: SafetyLimits) -> dict[str, tuple[int, int, int]]:
        """Entries by name in small letters: kind, first sector, size."""
        directory = self.chain(start)
        directory += b"\x00" * (-len(directory) % _ENTRY)
        if len(directory) // _ENTRY > limits.members * 10:
            raise bomb(WHAT, f"内部有 {len(directory) // _ENTRY} 个部分")
        entries = {}
        for place in range(0, len(directory) - _ENTRY + 1, _ENTRY):
            entry = directory[place : place + _ENTRY]
            # Neither the length of the name nor the kind is believed: a reader more lenient than we are would find it.
            name = entry[:64].decode("utf-16-le", "replace").partition("\0")[0].lower()
            if name:
                entries[name] = (entry[66], *struct.unpack_from("<IQ", entry, 116))
        return entries

    def head(self, name: str, most: int) -> bytes:
        """The first bytes of a stream; nothing of small ones, which lie elsewhere."""
        kind, start, size = self.entries[name]
        return self.chain(start, most)[:most] if kind == _STREAM and size >= 4_096 else b""


def inspect_compound(path: Path, limits: SafetyLimits = LIMITS) -> str:
    """Refuse an old Office file that is damaged, locked, endless or holds macros; returns doc or xls."""
    try:
        data = path.read_bytes()
        compound = _Compound(data, limits)
        names = set(compound.entries)
        if names & _LOCKS:
            raise encrypted(WHAT)
        if names & _MACROS:
            raise active(WHAT, "宏")
        _refuse_entries_anywhere(data)
        return _code(compound, names)
    except (struct.error, IndexError, OSError) as error:
        raise damaged(WHAT) from error


def _refuse_entries_anywhere(data: bytes) -> None:
    """Refuse programs and macros by the bytes of their names: a reader that repairs would find them."""
    lowered = data.lower()
    for name, found in _NEVER_BY_CHANCE.items():
        if f"{name}\0".encode("utf-16-le") in lowered:
            raise active(WHAT, found)


def _code(compound: _Compound, names: set[str]) -> str:
    if "worddocument" in names:
        head = compound.head("worddocument", 32)
        if len(head) > 11 and head[11] & 1:
            raise encrypted("Word 文档")
        return "doc"
    for name in ("workbook", "book"):
        if name in names:
            if _is_locked_book(compound.head(name, 512)):
                raise encrypted("Excel 表格")
            return "xls"
    raise Unacceptable("不接收这种旧格式的 Office 文件。请另存为 PDF、docx 或 xlsx 后上传。")


def _is_locked_book(head: bytes) -> bool:
    """Whether a record of encryption stands among the first of the workbook."""
    place = 0
    for _ in range(8):
        if place + 4 > len(head):
            return False
        if head[place : place + 2] == _FILEPASS:
            return True
        place += 4 + int.from_bytes(head[place + 2 : place + 4], "little")
    return False
