"""Which characters a font has: the `cmap` table of OpenType files and collections, as far as Unicode goes."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

COLLECTION: Final = b"ttcf"
UNICODE_TABLES: Final = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))
"""(platform, encoding), widest first."""
LAST_SEGMENT: Final = 0xFFFF


class NotAFont(ValueError):
    """The file is damaged or no OpenType font."""


@dataclass(frozen=True)
class Coverage:
    """What one face of a font file covers."""

    path: Path
    index: int = 0

    def __contains__(self, character: str) -> bool:
        """Whether the face has a glyph for a character."""
        code = ord(character)
        return any(first <= code <= last for first, last in self.ranges)

    @cached_property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """First and last of each run of characters. Raises NotAFont."""
        try:
            return tuple(_ranges(self._cmap()))
        except (struct.error, IndexError, OSError) as error:
            raise NotAFont(str(self.path)) from error

    def _cmap(self) -> bytes:
        with self.path.open("rb") as file:
            start = 0
            if file.read(4) == COLLECTION:
                file.seek(12 + 4 * self.index)
                (start,) = struct.unpack(">I", file.read(4))
            file.seek(start + 4)
            (count,) = struct.unpack(">H", file.read(2))
            file.seek(start + 12)
            for _ in range(count):
                tag, _, offset, length = struct.unpack(">4sIII", file.read(16))
                if tag == b"cmap":
                    file.seek(offset)
                    return file.read(length)
        raise NotAFont(str(self.path))


def _ranges(cmap: bytes) -> Iterator[tuple[int, int]]:
    (count,) = struct.unpack_from(">H", cmap, 2)
    records = [struct.unpack_from(">HHI", cmap, 4 + 8 * number) for number in range(count)]
    found = {(platform, encoding): offset for platform, encoding, offset in records}
    offset = next((found[key] for key in UNICODE_TABLES if key in found), None)
    if offset is None:
        return
    (kind,) = struct.unpack_from(">H", cmap, offset)
    if kind == 12:
        yield from _segmented(cmap, offset)
    elif kind == 4:
        yield from _deltas(cmap, offset)


def _segmented(cmap: bytes, offset: int) -> Iterator[tuple[int, int]]:
    """Format 12: groups of first, last and glyph."""
    (count,) = struct.unpack_from(">I", cmap, offset + 12)
    for first, last, _ in struct.iter_unpack(">III", cmap[offset + 16 : offset + 16 + 12 * count]):
        yield first, last


def _deltas(cmap: bytes, offset: int) -> Iterator[tuple[int, int]]:
    """Format 4: segments of the basic plane; where glyphs are listed one by one, those without glyph are left out."""
    (twice,) = struct.unpack_from(">H", cmap, offset + 6)
    count = twice // 2

    def column(number: int, skipped: int = 0, kind: str = "H") -> tuple[int, ...]:
        return struct.unpack_from(f">{count}{kind}", cmap, offset + 14 + number * twice + skipped)

    ends, starts = column(0), column(1, 2)
    indirect = column(3, 2)
    for number, (first, last, where) in enumerate(zip(starts, ends, indirect, strict=True)):
        if first == LAST_SEGMENT:
            continue
        if not where:
            yield first, last
            continue
        base = offset + 16 + 3 * twice + 2 * number + where
        for code in range(first, last + 1):
            (glyph,) = struct.unpack_from(">H", cmap, base + 2 * (code - first))
            if glyph:
                yield code, code
