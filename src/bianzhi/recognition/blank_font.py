"""A small TrueType font with two shapes, an em square and half of one, in which unseen text is set.

The shapes are never shown, but not empty either: some readers take a character without extent for none at all.
"""

import struct

UNITS = 1000
"""Units of an em."""

ASCENT, DESCENT = 880, -120


WIDE, NARROW = 1, 2
"""The glyphs: for Chinese characters, and for Latin letters and digits. Glyph 0 is what is missing, and empty."""


def blank_font() -> bytes:
    """The font file."""
    wide, narrow = _square(UNITS), _square(UNITS // 2)
    offsets = (0, 0, len(wide) // 2, (len(wide) + len(narrow)) // 2)
    tables = {
        b"OS/2": _os2(),
        b"cmap": struct.pack(">HHHHIHHHH", 0, 1, 3, 1, 12, 6, 10, 0, 0),
        b"glyf": wide + narrow,
        b"head": _head(),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH", 0x10000, ASCENT, DESCENT, 0, UNITS, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3
        ),
        b"hmtx": struct.pack(">HhHhHh", UNITS, 0, UNITS, 0, UNITS // 2, 0),
        b"loca": struct.pack(">HHHH", *offsets),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x10000, 3, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": struct.pack(">HHH", 0, 0, 6),
        b"post": struct.pack(">IIhhIIIII", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    return _file(tables)


def _square(width: int) -> bytes:
    """One contour of four points, from the descent to the ascent."""
    head = struct.pack(">hhhhhHH", 1, 0, DESCENT, width, ASCENT, 3, 0)
    across = struct.pack(">hhhh", 0, 0, width, 0)
    down = struct.pack(">hhhh", DESCENT, ASCENT - DESCENT, 0, DESCENT - ASCENT)
    return head + b"\x01" * 4 + across + down


def _head() -> bytes:
    lowest, style, size = 0, 0, 8
    return struct.pack(
        ">IIIIHHqqhhhhHHhhh",
        0x10000,
        0x10000,
        0,
        0x5F0F3CF5,
        0,
        UNITS,
        0,
        0,
        0,
        lowest,
        0,
        0,
        style,
        size,
        2,
        0,
        0,
    )


def _os2() -> bytes:
    head = struct.pack(">HhHHH11h10x4I4sHHH", 3, UNITS, 400, 5, 0, *([0] * 11), 0, 0, 0, 0, b"NONE", 0, 0, 0xFFFF)
    return head + struct.pack(">hhhHHIIhhHHH", ASCENT, DESCENT, 0, ASCENT, -DESCENT, 0, 0, 0, 0, 0, 32, 0)


def _file(tables: dict[bytes, bytes]) -> bytes:
    count = len(tables)
    power = count.bit_length() - 1
    head = struct.pack(">IHHHH", 0x10000, count, 16 << power, power, 16 * count - (16 << power))
    offset = len(head) + 16 * count
    directory, body = b"", b""
    for tag, table in tables.items():
        padded = table + bytes(-len(table) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory += struct.pack(">4sIII", tag, total, offset + len(body), len(table))
        body += padded
    return head + directory + body
