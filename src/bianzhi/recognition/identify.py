"""What a file is, by its content and structure; what it may not be is refused with a reason.

Opens hostile files with foreign libraries: run it in the process with ceilings (`recognition.workshop`) where files
come from outside.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from bianzhi.recognition.safety.images import inspect_image
from bianzhi.recognition.safety.ole import inspect_compound
from bianzhi.recognition.safety.packages import inspect_package, unpack
from bianzhi.recognition.safety.pdf import inspect_pdf
from bianzhi.recognition.safety.refusal import LIMITS, SafetyLimits, Unacceptable
from bianzhi.recognition.safety.texts import inspect_text

__all__ = ["FORMATS", "Format", "Unacceptable", "expand_zip", "format_by_code", "identify"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format the archive takes; `pages` is told where it has pages of its own."""

    code: str
    media_type: str
    extension: str
    pages: int | None = None


_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
FORMATS: Final = {
    known.code: known
    for known in (
        Format("pdf", "application/pdf", "pdf"),
        Format("tiff", "image/tiff", "tif"),
        Format("jpeg", "image/jpeg", "jpg"),
        Format("png", "image/png", "png"),
        Format("docx", f"{_OFFICE}wordprocessingml.document", "docx"),
        Format("xlsx", f"{_OFFICE}spreadsheetml.sheet", "xlsx"),
        Format("doc", "application/msword", "doc"),
        Format("xls", "application/vnd.ms-excel", "xls"),
        Format("wps", "application/vnd.ms-works", "wps"),
        Format("ofd", "application/ofd", "ofd"),
        Format("txt", "text/plain", "txt"),
        Format("zip", "application/zip", "zip"),
    )
}
_SUFFIXES: Final = {
    "pdf": ("pdf",),
    "tiff": ("tif", "tiff"),
    "jpeg": ("jpg", "jpeg"),
    "png": ("png",),
    "docx": ("docx",),
    "xlsx": ("xlsx",),
    "doc": ("doc", "wps", "wpt"),
    "xls": ("xls", "et"),
    "ofd": ("ofd",),
    "txt": ("txt",),
    "zip": ("zip",),
}
_TIFF: Final = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
TAKEN: Final = "PDF、TIFF、JPEG、PNG、Word、Excel、WPS、OFD、文本文件和 zip 压缩包"


def identify(path: Path, name: str, limits: SafetyLimits = LIMITS) -> Format:
    """The format of a file that is whole, unlocked, of one nature, and does nothing by itself.

    `name` is the name it came under: an ending that says something else is refused. Raises Unacceptable, in Chinese.
    """
    size = path.stat().st_size
    if not size:
        raise Unacceptable("这是空文件，没有内容。请核对后重新上传。")
    if size > limits.file_bytes:
        raise Unacceptable(f"文件大小 {size / 2**20:.1f} MB，超过 {limits.file_bytes // 2**20} MB。请拆分后上传。")
    suffix = PurePosixPath(name).suffix.lower().lstrip(".")
    with path.open("rb") as stream:
        head = stream.read(16)
    code, pages = _inspected(path, head, suffix, limits)
    if suffix and suffix not in _SUFFIXES[code]:
        label = FORMATS[code].extension.upper()
        raise Unacceptable(
            f"文件名以 .{suffix} 结尾，内容却是 {label} 格式，已拒绝接收并隔离。请核对来源，改正文件名后上传。"
        )
    known = FORMATS["wps" if suffix in ("wps", "wpt") else code]
    return Format(known.code, known.media_type, known.extension, pages)


def format_by_code(code: str, pages: int | None = None) -> Format:
    """The format of that code. Raises KeyError."""
    known = FORMATS[code]
    return Format(known.code, known.media_type, known.extension, pages)


def expand_zip(path: Path, folder: Path, limits: SafetyLimits = LIMITS) -> list[tuple[str, Path]]:
    """The files of an archive written into `folder` under numbers, each with its own name. Raises Unacceptable."""
    return unpack(path, folder, limits)


def _inspected(path: Path, head: bytes, suffix: str, limits: SafetyLimits) -> tuple[str, int | None]:
    """Code and pages of the file, by how it begins and what is in it."""
    if head.startswith(b"%PDF-"):
        return "pdf", inspect_pdf(path, limits)
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg", inspect_image(path, "jpeg", limits)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png", inspect_image(path, "png", limits)
    if head.startswith(_TIFF):
        return "tiff", inspect_image(path, "tiff", limits)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return inspect_package(path, limits), None
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return inspect_compound(path, limits), None
    if suffix == "txt":
        inspect_text(path, limits)
        return "txt", None
    raise Unacceptable(f"不能识别这种文件，或其内容与名称不符。只接收{TAKEN}；其他文件请打印或另存为 PDF 后上传。")
