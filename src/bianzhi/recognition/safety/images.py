"""Scans as images: every part is decoded once, chains of pages are walked, and nothing may hang on behind."""

import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image, UnidentifiedImageError

from bianzhi.recognition.safety.refusal import LIMITS, SafetyLimits, Unacceptable, bomb, damaged, two_natures
from bianzhi.recognition.safety.texts import refuse_markup, refuse_program

_FAILURES: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    struct.error,
    zlib.error,
    EOFError,
)
"""What Pillow raises on images that are not as they should be."""
_LONGEST_TAIL: Final = 64
_BEGINS_PACKAGE: Final = b"PK\x03\x04"
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_FURTHER_PICTURE: Final = re.compile(rb"[\x00\r\n \xff]*(?P<picture>\xff\xd8\xff)")
_PNG_CHUNK: Final = struct.Struct(">I4s")


def inspect_image(path: Path, code: str, limits: SafetyLimits = LIMITS) -> int:
    """Refuse an image that is damaged, swollen, endless or something else besides; returns its pages."""
    what = {"jpeg": "JPEG 图片", "png": "PNG 图片", "tiff": "TIFF 图片"}[code]
    with path.open("rb") as stream:
        refuse_markup(stream.read(1_024), what)
        stream.seek(0)
        try:
            if code == "tiff":
                _walk_tiff(stream, what, limits)
            else:
                _refuse_tail(stream, _end_of_png(stream) if code == "png" else _end_of_pictures(stream), what)
        except (struct.error, IndexError) as error:
            raise damaged(what) from error
    if zipfile.is_zipfile(path):
        raise two_natures(what, "压缩包")
    return _decoded(path, code, what, limits)


def _decoded(path: Path, code: str, what: str, limits: SafetyLimits) -> int:
    """Decode every page of the image once; returns how many there are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(path, formats=[code.upper()]) as image:
                return sum(1 for _ in _frames(image, what, limits))
        except (Image.DecompressionBombError, MemoryError) as error:
            raise bomb(what, "展开后过大") from error
        except UnidentifiedImageError as error:
            raise damaged(what) from error
        except _FAILURES as error:
            raise damaged(what) from error


def _frames(image: Any, what: str, limits: SafetyLimits) -> Iterator[int]:
    count = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
    if count > limits.pages:
        raise bomb(what, f"有 {count} 页，超过 {limits.pages} 页")
    for number in range(count):
        image.seek(number)
        width, height = image.size
        if width * height > limits.page_pixels:
            most = limits.page_pixels // 1_000_000
            raise bomb(what, f"第 {number + 1} 页有 {width}×{height} 像素，超过 {most} 百万像素")
        image.load()
        yield number


def _end_of_png(stream: BinaryIO) -> int:
    """Where the last chunk ends; every chunk must be as its checksum says."""
    stream.seek(8)
    while len(head := stream.read(8)) == 8:
        length, kind = _PNG_CHUNK.unpack(head)
        data = stream.read(min(length, 2**30))
        told = stream.read(4)
        if len(data) != length or zlib.crc32(kind + data) != int.from_bytes(told, "big"):
            break
        if kind == b"IEND":
            return stream.tell()
    raise damaged("PNG 图片")


def _end_of_pictures(stream: BinaryIO) -> int:
    """Where the last picture of a JPEG ends: cameras put further ones behind the first, padded apart."""
    stream.seek(0)
    data = stream.read()
    end = _end_of_jpeg(data, 0)
    while following := _FURTHER_PICTURE.match(data, end):
        end = _end_of_jpeg(data, following.start("picture"))
    return end


def _end_of_jpeg(data: bytes, start: int) -> int:
    """Where the picture that begins at `start` ends: segments stepped over, coded data searched for the next marker."""
    place = start + 2
    while place + 1 < len(data):
        if data[place] != 0xFF:
            raise damaged("JPEG 图片")
        marker = data[place + 1]
        if marker == 0xD9:
            return place + 2
        if marker == 0xFF:
            place += 1
        elif marker in _WITHOUT_LENGTH:
            place += 2
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
            if marker == 0xDA:
                place = _end_of_scan(data, place)
    raise damaged("JPEG 图片")


def _end_of_scan(data: bytes, place: int) -> int:
    while (place := data.find(b"\xff", place)) >= 0 and place + 1 < len(data):
        if data[place + 1] != 0 and not 0xD0 <= data[place + 1] <= 0xD7:
            return place
        place += 2
    raise damaged("JPEG 图片")


def _refuse_tail(stream: BinaryIO, end: int, what: str) -> None:
    """Refuse what stands behind the image, but for padding and the few bytes some cameras leave."""
    stream.seek(end)
    tail = stream.read().strip(b"\x00\r\n \xff")
    refuse_program(tail, what)
    refuse_markup(tail, what)
    if len(tail) > _LONGEST_TAIL or _BEGINS_PACKAGE in tail:
        raise two_natures(what, f"图像以外的 {len(tail)} 字节内容")


def _walk_tiff(stream: BinaryIO, what: str, limits: SafetyLimits) -> None:
    """Follow the chain of pages by hand: one that comes back to itself has no end."""
    order = "<" if stream.read(2) == b"II" else ">"
    big = struct.unpack(f"{order}H", stream.read(2))[0] == 43
    if big:
        stream.seek(8)
    pointer, count, entry = ("Q", "Q", 20) if big else ("I", "H", 12)
    seen: set[int] = set()
    place = _number(stream, order + pointer)
    while place:
        if place in seen:
            raise Unacceptable(f"{what}的页面链首尾相接、没有尽头，已拒绝接收并隔离。请重新扫描后上传。")
        if len(seen) >= limits.pages:
            raise bomb(what, f"超过 {limits.pages} 页")
        seen.add(place)
        stream.seek(place)
        entries = _number(stream, order + count)
        stream.seek(entries * entry, 1)
        place = _number(stream, order + pointer)
    if not seen:
        raise damaged(what)


def _number(stream: BinaryIO, format_: str) -> int:
    value: int = struct.unpack(format_, stream.read(struct.calcsize(format_)))[0]
    return value
