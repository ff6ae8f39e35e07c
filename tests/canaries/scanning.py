"""Looking for canaries in every byte: as ASCII and UTF-16, inside what is deflated, packed or in columns of Parquet."""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection

from tests.canaries.drawn import marks_in

DEEP: Final = 4
MOST: Final = 64 * 2**20
"""What is unpacked of one stream at most."""
_DEFLATED: Final = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_ENCODED: Final = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_ZSTD: Final = b"\x28\xb5\x2f\xfd"


def found_in(data: bytes, wanted: Collection[bytes], *, deep: int = DEEP) -> set[bytes]:
    """The marks of canaries in some bytes, however they are packed."""
    seen = marks_in(data) & set(wanted)
    if b"\x00" in data:  # UTF-16 of either order, and texts of fixed width
        seen |= marks_in(data.replace(b"\x00", b"")) & set(wanted)
    if deep:
        for inner in _unpacked(data):
            seen |= found_in(inner, wanted, deep=deep - 1)
    return seen


def _unpacked(data: bytes) -> Iterator[bytes]:
    yield from _members(data)
    yield from _columns(data)
    yield from _streams(data)
    for opened in (_gunzip, _unbz2, _unxz, _unzstd):
        inner = opened(data)
        if inner:
            yield inner


def _members(data: bytes) -> Iterator[bytes]:
    if b"PK\x03\x04" not in data[:4096]:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for name in package.namelist():
                yield package.read(name)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, OSError):
        return


def _columns(data: bytes) -> Iterator[bytes]:
    if data[:4] != b"PAR1":
        return
    try:
        table = pq.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError):
        return
    for column in table.columns:
        yield repr(column.to_pylist()).encode()


def _streams(data: bytes) -> Iterator[bytes]:
    """What is deflated anywhere within, as the streams of a PDF are."""
    for match in _DEFLATED.finditer(data):
        try:
            inner = zlib.decompressobj().decompress(data[match.start() :], MOST)
        except zlib.error:
            continue
        if len(inner) > 10:
            yield inner


def _gunzip(data: bytes) -> bytes:
    try:
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else b""
    except (OSError, EOFError, zlib.error):
        return b""


def _unbz2(data: bytes) -> bytes:
    try:
        return bz2.decompress(data) if data[:3] == b"BZh" else b""
    except (OSError, ValueError):
        return b""


def _unxz(data: bytes) -> bytes:
    try:
        return lzma.decompress(data) if data[:6] == b"\xfd7zXZ\x00" else b""
    except lzma.LZMAError:
        return b""


def _unzstd(data: bytes) -> bytes:
    if data[:4] != _ZSTD:
        return b""
    try:
        return pa.CompressedInputStream(pa.BufferReader(data), "zstd").read(MOST)  # type: ignore[no-any-return]
    except (pa.ArrowException, OSError):
        return b""


# --- files and columns -------------------------------------------------------------------------------------------


def leaks_in_files(folder: Path, wanted: Collection[bytes], *, leave_out: Collection[Path] = ()) -> list[str]:
    """Each file under a folder that holds a canary, with how many; files are named from the folder on."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or any(path.is_relative_to(place) for place in leave_out):
            continue
        try:
            seen = found_in(path.read_bytes(), wanted)
        except FileNotFoundError:
            continue
        if seen:
            found.append(f"{path.relative_to(folder)}：{len(seen)} 个")
    return found


def leaks_in_columns(wanted: Collection[bytes]) -> list[str]:
    """Each column of each table of the database that holds a canary, with how many."""
    found = []
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
            listed = ", ".join(_as_text(column) for column in columns)
            cursor.execute(f"SELECT {listed} FROM {connection.ops.quote_name(table)}")
            seen: dict[str, set[bytes]] = {}
            while rows := cursor.fetchmany(500):
                for row in rows:
                    for column, value in zip(columns, row, strict=True):
                        if marks := _in_value(value, wanted):
                            seen.setdefault(column, set()).update(marks)
            found += [f"{table}.{column}：{len(marks)} 个" for column, marks in seen.items()]
    return found


def _as_text(column: str) -> str:
    quoted = connection.ops.quote_name(column)
    return f"{quoted}::text" if connection.vendor == "postgresql" else quoted


def _in_value(value: Any, wanted: Collection[bytes]) -> set[bytes]:
    """Canaries in a cell, and in what it holds encoded (a session is deflated and written in base 64)."""
    if value is None or isinstance(value, float):
        return set()
    data = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode("utf-8", "surrogatepass")
    seen = found_in(data, wanted)
    for match in _ENCODED.finditer(data):
        text = match[0].rstrip(b"=")
        try:
            inner = base64.urlsafe_b64decode(text.replace(b"+", b"-").replace(b"/", b"_") + b"=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            continue
        seen |= found_in(inner, wanted, deep=1)
    return seen
