"""PDF: opened without repair, every object looked at, every packed stream unpacked once in pieces and counted."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pikepdf

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
from bianzhi.recognition.safety.texts import refuse_markup

WHAT: Final = "PDF 文件"
_PIECE: Final = 2**20
_TAIL: Final = 4_096
_ACTIONS: Final = {
    "/JavaScript": "JavaScript 脚本",
    "/Launch": "启动外部程序的动作",
    "/SubmitForm": "提交表单的动作",
    "/ImportData": "导入数据的动作",
    "/Rendition": "多媒体动作",
    "/RichMediaExecute": "多媒体动作",
    "/GoToE": "打开嵌入文件的动作",
}
_KEYS: Final = {
    "/JS": "JavaScript 脚本",
    "/JavaScript": "JavaScript 脚本",
    "/EmbeddedFiles": "嵌入的其他文件",
    "/EF": "嵌入的其他文件",
    "/XFA": "可执行的表单（XFA）",
    "/RichMediaContent": "多媒体内容",
}
_TYPES: Final = {"/EmbeddedFile": "嵌入的其他文件"}
_SUBTYPES: Final = {
    "/RichMedia": "多媒体内容",
    "/3D": "三维内容",
    "/Movie": "影片",
    "/Sound": "声音",
    "/Screen": "多媒体内容",
}
_FLATE: Final = frozenset({"/FlateDecode", "/Fl"})
_POINTS: Final = 72
_DPI: Final = 200


def inspect_pdf(path: Path, limits: SafetyLimits = LIMITS) -> int:
    """Refuse a PDF that is damaged, locked, endless, swollen, or could act by itself; returns its pages."""
    _refuse_second_nature(path)
    try:
        with pikepdf.open(path, attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise encrypted(WHAT)
            pages = _pages(pdf, limits)
            _inspect_objects(pdf, limits)
            _refuse_unreadable_objects(pdf)
            return pages
    except pikepdf.PasswordError as error:
        raise encrypted(WHAT) from error
    except MemoryError as error:
        raise bomb(WHAT, "展开后超出内存上限") from error
    except (pikepdf.PdfError, zlib.error, ValueError, KeyError, TypeError, RuntimeError, RecursionError) as error:
        raise damaged(WHAT) from error


def _refuse_second_nature(path: Path) -> None:
    with path.open("rb") as stream:
        refuse_markup(stream.read(1_024), WHAT)
        size = stream.seek(0, 2)
        stream.seek(max(size - _TAIL, 0))
        tail = stream.read()
    _, mark, behind = tail.rpartition(b"%%EOF")
    if not mark:
        if b"PK\x05\x06" in tail:
            raise two_natures(WHAT, "压缩包")
        raise damaged(WHAT)
    if len(behind.strip(b"\x00\r\n\t \x1a")) > 64 or b"PK\x05\x06" in behind:
        raise two_natures(WHAT, "文件结尾以外的内容")


def _pages(pdf: pikepdf.Pdf, limits: SafetyLimits) -> int:
    pages = len(pdf.pages)
    if not pages:
        raise Unacceptable("PDF 文件没有页面。请用原软件重新导出后上传。")
    if pages > limits.pages:
        raise bomb(WHAT, f"有 {pages} 页，超过 {limits.pages} 页")
    for number, page in enumerate(pdf.pages, start=1):
        box = [float(each) for each in page.mediabox]
        unit = float(page.obj.get("/UserUnit", 1))
        width, height = abs(box[2] - box[0]) * unit, abs(box[3] - box[1]) * unit
        if (width / _POINTS * _DPI) * (height / _POINTS * _DPI) > limits.page_pixels:
            raise bomb(WHAT, f"第 {number} 页为 {width / _POINTS:.0f}×{height / _POINTS:.0f} 英寸，大得不像文件")
    return pages


def _inspect_objects(pdf: pikepdf.Pdf, limits: SafetyLimits) -> None:
    count = len(pdf.objects)
    if count > limits.objects:
        raise bomb(WHAT, f"内部有 {count} 个对象，超过 {limits.objects} 个")
    total = 0
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream):
            _refuse_acts(item.stream_dict, 0)
            _refuse_huge_image(item, limits)
            total += _unpacked_size(item, total, limits)
        else:
            _refuse_acts(item, 0)


def _refuse_unreadable_objects(pdf: pikepdf.Pdf) -> None:
    """Refuse a file of which an object could not be read and came out as nothing: readers that repair would see it."""
    if pdf.get_warnings() and any(item is None for item in pdf.objects):
        raise damaged(WHAT)


def _refuse_acts(item: Any, depth: int) -> None:
    """Look through a direct object and what is written inside it; objects it refers to come by themselves."""
    if depth > 60:
        raise damaged(WHAT)
    if isinstance(item, pikepdf.Dictionary):
        _refuse_act(item)
        children: Iterator[Any] = (value for _, value in item.items())
    elif isinstance(item, pikepdf.Array):
        children = iter(item)
    else:
        return
    for child in children:
        if isinstance(child, pikepdf.Object) and not child.is_indirect:
            _refuse_acts(child, depth + 1)


def _refuse_act(item: pikepdf.Dictionary) -> None:
    for key, found in _KEYS.items():
        if key in item:
            raise active(WHAT, found)
    for key, kinds in (("/S", _ACTIONS), ("/Type", _TYPES), ("/Subtype", _SUBTYPES)):
        value = item.get(key)
        if isinstance(value, pikepdf.Name) and (found := kinds.get(str(value), "")):
            raise active(WHAT, found)


def _refuse_huge_image(stream: pikepdf.Stream, limits: SafetyLimits) -> None:
    if stream.get("/Subtype") != "/Image":
        return
    width, height = int(stream.get("/Width", 0)), int(stream.get("/Height", 0))
    if width * height > limits.page_pixels:
        raise bomb(WHAT, f"内含 {width}×{height} 像素的图像，超过 {limits.page_pixels // 1_000_000} 百万像素")


def _unpacked_size(stream: pikepdf.Stream, already: int, limits: SafetyLimits) -> int:
    """The size of a stream without its Flate packings (streams may be packed several times over)."""
    packed = stream.read_raw_bytes()
    if not packed:
        return 0
    pieces: Iterator[bytes] = iter([bytes(packed)])
    for name in _filters(stream):
        if name not in _FLATE:
            break
        pieces = _inflated(pieces)
    size = 0
    for piece in pieces:
        size += len(piece)
        is_swollen = size > limits.ratio_floor_bytes and size > limits.ratio * len(packed)
        if is_swollen and not _is_plain_image(stream, size):
            raise bomb(WHAT, f"内部数据流展开到原来的 {limits.ratio} 倍以上")
        if size > limits.stream_bytes or already + size > limits.unpacked_bytes:
            raise bomb(WHAT, f"展开后超过 {limits.stream_bytes // 2**20} MB")
    return size


def _is_plain_image(stream: pikepdf.Stream, size: int) -> bool:
    """Whether the stream is an image no larger than its sides say: a blank sheet packs a thousandfold."""
    if stream.get("/Subtype") != "/Image":
        return False
    width, height = int(stream.get("/Width", 0)), int(stream.get("/Height", 0))
    return size <= (width * 8 + 16) * height


def _filters(stream: pikepdf.Stream) -> list[str]:
    filters = stream.get("/Filter")
    if filters is None:
        return []
    return [str(each) for each in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack in pieces of a megabyte. Raises zlib.error for data that are none, or break off."""
    inflater = zlib.decompressobj()
    for piece in pieces:
        while piece and not inflater.eof:
            out = inflater.decompress(piece, _PIECE)
            piece = inflater.unconsumed_tail
            if out:
                yield out
            elif not piece:
                break
    while not inflater.eof:
        out = inflater.decompress(inflater.unconsumed_tail, _PIECE)
        if not out:
            raise zlib.error("the packed data break off")
        yield out
