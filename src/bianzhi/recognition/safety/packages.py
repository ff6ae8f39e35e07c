"""Zipped files: Word, Excel, OFD and plain archives. Directories of zips lie, so every member is really unpacked."""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bianzhi.recognition.safety.refusal import (
    LIMITS,
    SafetyLimits,
    Unacceptable,
    active,
    bomb,
    damaged,
    encrypted,
    two_natures,
)

_PIECE: Final = 2**20
_IS_UNICODE: Final = 0x800
_UNICODE_PATH: Final = 0x7075
_FIELD: Final = struct.Struct("<HH")
_FIRST_OF_THREE_BYTES: Final = "\u0800"
_OVERLAP: Final = 128
_DECLARATION: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ACTIVE_XML: Final = re.compile(
    rb"macroEnabled|instrText[^>]*>\s*DDE(?:AUTO)?\b|attachedTemplate[^>]{0,400}TargetMode\s*=\s*[\"']External",
    re.IGNORECASE,
)
_ACTIVE_PARTS: Final = (
    (re.compile(r"(?:^|/)vbaProject[^/]*\.bin$|(?:^|/)vbaData\.xml$", re.IGNORECASE), "宏"),
    (re.compile(r"(?:^|/)activeX/", re.IGNORECASE), "ActiveX 控件"),
    (re.compile(r"(?:^|/)embeddings/.*\.bin$", re.IGNORECASE), "嵌入的程序对象"),
    (re.compile(r"(?:^|/)macrosheets/", re.IGNORECASE), "宏"),
)
_OFD_LOCKS: Final = ("encryptions.xml", "encryption.xml")
_FAILURES: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, RuntimeError)
NAMES: Final = {"docx": "Word 文档", "xlsx": "Excel 表格", "ofd": "OFD 文件", "zip": "压缩包"}


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a package: its name as people read it, and its entry."""

    name: str
    entry: zipfile.ZipInfo


def inspect_package(path: Path, limits: SafetyLimits = LIMITS) -> str:
    """Refuse a zipped file that is damaged, locked, swollen or active; returns docx, xlsx, ofd or zip."""
    try:
        with zipfile.ZipFile(path) as package:
            code = _code(package)
            what = NAMES[code]
            _refuse_second_nature(path, package, what)
            members = _members(package, what, limits)
            _refuse_active_parts(members, code, what)
            _unpack_all(package, members, code, what, limits)
            return code
    except _FAILURES as error:
        raise damaged("压缩包格式的文件") from error


def unpack(path: Path, folder: Path, limits: SafetyLimits = LIMITS) -> list[tuple[str, Path]]:
    """Write the files of an archive into `folder` as 0001, 0002 …; returns each one's own name with its place.

    Names lead nowhere: they are only told. Raises Unacceptable.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = []
    try:
        with zipfile.ZipFile(path) as package:
            for number, member in enumerate(_wanted(_members(package, NAMES["zip"], limits)), start=1):
                place = folder / f"{number:04}"
                with place.open("wb") as target:
                    for piece in _pieces(package, member.entry):
                        target.write(piece)
                written.append((member.name, place))
    except _FAILURES as error:
        raise damaged(NAMES["zip"]) from error
    if not written:
        raise Unacceptable("压缩包是空的，没有可以接收的文件。请核对后重新打包上传。")
    return written


def _code(package: zipfile.ZipFile) -> str:
    names = {name.lower() for name in package.namelist()}
    if "ofd.xml" in names:
        return "ofd"
    if "[content_types].xml" in names:
        if any(name.startswith("word/") for name in names):
            return "docx"
        if any(name.startswith("xl/") for name in names):
            return "xlsx"
        raise Unacceptable("不接收这种 Office 文件（例如演示文稿）。请另存为 PDF 后上传。")
    if "mimetype" in names and "content.xml" in names:
        raise Unacceptable("不接收 OpenDocument 文件。请另存为 PDF、docx 或 xlsx 后上传。")
    return "zip"


def _refuse_second_nature(path: Path, package: zipfile.ZipFile, what: str) -> None:
    """Refuse a package with something before its first member or behind its directory."""
    first = min((entry.header_offset for entry in package.infolist()), default=0)
    if first:
        raise two_natures(what, f"压缩数据之前的 {first} 字节内容")
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - 66_000, 0))
        tail = stream.read()
    end = tail.rfind(b"PK\x05\x06")
    length = int.from_bytes(tail[end + 20 : end + 22], "little")
    if len(tail) - end - 22 != length or length > 1_024:
        raise two_natures(what, "压缩数据之后的内容")


def _members(package: zipfile.ZipFile, what: str, limits: SafetyLimits) -> list[Member]:
    entries = package.infolist()
    if len(entries) > limits.members:
        raise bomb(what, f"内有 {len(entries)} 个文件，超过 {limits.members} 个")
    if any(entry.flag_bits & 1 for entry in entries):
        raise encrypted(what)
    if any(stat.S_ISLNK(entry.external_attr >> 16) for entry in entries):
        raise active(what, "指向别处的链接")
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise bomb(what, "内部各文件的数据互相重叠")
        end = entry.header_offset + entry.compress_size
    return [Member(_readable(entry), entry) for entry in entries]


def _readable(entry: zipfile.ZipInfo) -> str:
    """A member's name as people read it, whichever system packed it; it leads nowhere."""
    name = entry.filename
    if not entry.flag_bits & _IS_UNICODE:
        try:
            raw = name.encode("cp437")
            name = _as_utf8(_told_apart(entry.extra, raw)) or _decoded(raw)
        except UnicodeError:
            name = entry.filename
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts)


def _told_apart(extra: bytes, raw: bytes) -> bytes:
    """The name in the Info-ZIP Unicode Path field; nothing where there is none or it was written for another name."""
    while len(extra) >= _FIELD.size:
        kind, length = _FIELD.unpack_from(extra)
        content, extra = extra[_FIELD.size : _FIELD.size + length], extra[_FIELD.size + length :]
        if kind == _UNICODE_PATH and content[:5] == b"\x01" + zlib.crc32(raw).to_bytes(4, "little"):
            return content[5:]
    return b""


def _decoded(raw: bytes) -> str:
    """A name that does not say what it is: UTF-8 from macOS and Linux, GB18030 from Chinese Windows.

    Some words in GB18030 are UTF-8 as well, 「通知」 among them, but then without one Chinese character.
    """
    name = _as_utf8(raw)
    return name if any(character >= _FIRST_OF_THREE_BYTES for character in name) else raw.decode("gb18030")


def _as_utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _wanted(members: list[Member]) -> Iterator[Member]:
    """Files without what operating systems leave in archives."""
    for member in members:
        last = member.name.rsplit("/", 1)[-1].lower()
        hidden = last.startswith((".", "~$")) or last in ("thumbs.db", "desktop.ini")
        if not member.entry.is_dir() and member.name and not hidden and not member.name.startswith("__MACOSX/"):
            yield member


def _refuse_active_parts(members: list[Member], code: str, what: str) -> None:
    for member in members:
        if code in ("docx", "xlsx"):
            for pattern, found in _ACTIVE_PARTS:
                if pattern.search(member.name):
                    raise active(what, found)
        if code == "ofd" and member.name.rsplit("/", 1)[-1].lower() in _OFD_LOCKS:
            raise encrypted(what)


def _unpack_all(package: zipfile.ZipFile, members: list[Member], code: str, what: str, limits: SafetyLimits) -> None:
    """Unpack every member in pieces, count what comes out and look at its XML."""
    total = 0
    for member in members:
        own, before = 0, b""
        is_xml = code != "zip" and member.name.lower().endswith((".xml", ".rels", ".vml"))
        for piece in _pieces(package, member.entry):
            own += len(piece)
            _refuse_bomb(own, total + own, member.entry, what, limits)
            if is_xml:
                _look(before + piece, what)
                before = piece[-_OVERLAP:]
        total += own


def _refuse_bomb(own: int, total: int, entry: zipfile.ZipInfo, what: str, limits: SafetyLimits) -> None:
    if total > limits.unpacked_bytes:
        raise bomb(what, f"展开后超过 {limits.unpacked_bytes // 2**20} MB")
    if own > limits.ratio_floor_bytes and own > limits.ratio * max(entry.compress_size, 1):
        raise bomb(what, f"内部文件展开到原来的 {limits.ratio} 倍以上")


def _look(text: bytes, what: str) -> None:
    """Refuse declarations and things that act; a part in UTF-16 or UTF-32 is looked at without its zero bytes."""
    text = text.replace(b"\x00", b"")
    if b"<!" in text and _DECLARATION.search(text):
        raise active(what, "外部实体声明")
    if _ACTIVE_XML.search(text):
        raise active(what, "宏、自动更新域或外部模板")


def _pieces(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with package.open(entry) as stream:
        while piece := stream.read(_PIECE):
            yield piece
