"""Which files are taken: a few kinds, told by content as well as by name, and none that is marked secret (R27)."""

import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Final

from bianzhi.kernel.characters import sound
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.kernel.secrecy import mark_in

REFUSED: Final = "M51"
LONGEST_NAME: Final = 200
READ_FOR_MARKS: Final = 4000
"""Characters of a text looked through for a mark of secrecy: it stands at the head of the first page."""
MOST_UNPACKED: Final = 50 * 2**20
MOST_MEMBERS: Final = 2000
_TAGS: Final = re.compile(r"<[^>]*>")
_ZIP: Final = b"PK\x03\x04"
_PACKED: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""How office programs pack; what is packed otherwise is not theirs."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file: how its content begins, and where in a package its text stands."""

    label: str
    content_type: str
    starts: tuple[bytes, ...] = ()
    members: str = ""
    """Pattern of the members of a package that make it this kind and hold its text."""


OFFICE: Final = "application/vnd.openxmlformats-officedocument."
KINDS: Final[Mapping[str, FileKind]] = {
    "pdf": FileKind("PDF", "application/pdf", (b"%PDF-",)),
    "jpg": FileKind("JPG 图片", "image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": FileKind("JPG 图片", "image/jpeg", (b"\xff\xd8\xff",)),
    "png": FileKind("PNG 图片", "image/png", (b"\x89PNG\r\n\x1a\n",)),
    "docx": FileKind("Word 文档", f"{OFFICE}wordprocessingml.document", (_ZIP,), r"word/(document|header\d*)\.xml"),
    "xlsx": FileKind("Excel 表格", f"{OFFICE}spreadsheetml.sheet", (_ZIP,), r"xl/(sharedStrings|workbook)\.xml"),
    "ofd": FileKind("OFD 文件", "application/ofd", (_ZIP,), r"(OFD|Doc_\d+/Pages/Page_\d+/Content)\.xml"),
    "doc": FileKind("Word 文档", "application/msword", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    "xls": FileKind("Excel 表格", "application/vnd.ms-excel", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    "wps": FileKind("WPS 文档", "application/vnd.ms-works", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    "txt": FileKind("文本文件", "text/plain"),
}
SCANS: Final[Mapping[str, FileKind]] = {name: KINDS[name] for name in ("pdf", "jpg", "jpeg", "png")}
"""What a scanner or a camera makes of a sheet of paper."""
EXTENSIONS: Final = tuple(f".{extension}" for extension in KINDS)


def plain_name(name: str) -> str:
    """The file's own name: without folders (of either system), control characters, or more length than is kept."""
    last = sound(name).replace("\\", "/").rsplit("/", 1)[-1]
    last = " ".join(re.sub(r'[\r\n\t<>:"|?*]', " ", last).split()).lstrip(".")
    stem, dot, extension = last.rpartition(".")
    if not dot:
        return last[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(extension) - 1]}.{extension}"


def labels_of(kinds: Mapping[str, FileKind]) -> str:
    """The kinds in words."""
    return "、".join(dict.fromkeys(kind.label for kind in kinds.values()))


def kind_of(name: str) -> FileKind | None:
    """The kind a name says it is; None for one that is not taken."""
    return KINDS.get(PurePosixPath(name).suffix.lower().lstrip("."))


def objections_to_file(
    name: str, data: bytes, *, largest_megabytes: int, kinds: Mapping[str, FileKind] = KINDS
) -> list[Objection]:
    """Why a file is not taken: its size, its kind, content that is not what the name says, a mark of secrecy (R27)."""
    kind = kind_of(name)
    if kind is None or kind not in kinds.values():
        return [_refused(f"不能上传“{name}”：只接受{labels_of(kinds)}", "请转换格式后再上传")]
    if not data:
        return [_refused(f"“{name}”是空文件", "请核对后重新上传")]
    if len(data) > largest_megabytes * 2**20:
        size = f"{len(data) / 2**20:.1f}"
        return [_refused(f"“{name}”大小 {size} MB，超过 {largest_megabytes} MB", "请压缩或拆分后再上传")]
    if not _is(kind, data):
        return [_refused(f"“{name}”的内容不是{kind.label}", "请用原软件另存后重新上传")]
    for where, marked in (("正文", mark_in(text_of(kind, data))), ("文件名", mark_in(name))):
        if marked:
            message = f"“{name}”{where}标有“{marked}”：本平台是非涉密系统，不得上传秘密级以上文件"
            return [Objection("R27", message, Severity.BLOCK, {"mark": marked}, "请按保密规定另行报送")]
    return []


def _refused(message: str, step: str) -> Objection:
    return Objection(REFUSED, message, Severity.BLOCK, {}, step)


def _is(kind: FileKind, data: bytes) -> bool:
    """Whether the content is of the kind: by its first bytes, a package by what is in it, a text by being one."""
    if kind.members:
        return data.startswith(kind.starts) and bool(_members(kind, data))
    if kind.starts:
        return data.startswith(kind.starts)
    return b"\x00" not in data and _decoded(data) is not None


def text_of(kind: FileKind, data: bytes) -> str:
    """The head of the text a file can be asked for without foreign software; "" for pictures, PDF and old formats."""
    if kind.members:
        return "".join(_TAGS.sub("", text) for text in _members(kind, data))[:READ_FOR_MARKS]
    return "" if kind.starts else (_decoded(data) or "")[:READ_FOR_MARKS]


def _decoded(data: bytes) -> str | None:
    decoders: tuple[Callable[[], str], ...] = (
        lambda: data.decode("utf-8-sig"),
        lambda: data.decode("gb18030"),
    )
    for decode in decoders:
        try:
            return decode()
        except UnicodeDecodeError:
            continue
    return None


def _members(kind: FileKind, data: bytes) -> list[str]:
    """Texts of the members that make a package its kind; none for a damaged, locked or swollen one."""
    found: list[str] = []
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            members = package.infolist()
            if len(members) > MOST_MEMBERS:
                return []
            for member in members:
                if re.fullmatch(kind.members, member.filename):
                    if member.compress_type not in _PACKED:
                        return []
                    with package.open(member) as stream:
                        text = stream.read(left + 1)
                    left -= len(text)
                    if left < 0:
                        return []
                    found.append(text.decode("utf-8", errors="ignore"))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError, RuntimeError, ValueError):
        return []
    return found
