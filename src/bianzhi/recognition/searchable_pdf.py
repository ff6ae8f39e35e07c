"""A PDF whose pages are the scans, with what was read laid unseen over them, so that it can be searched and copied."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
from PIL import Image

from bianzhi.recognition.blank_font import ASCENT, DESCENT, NARROW, UNITS, WIDE, blank_font
from bianzhi.recognition.document import PageText, Word

POINTS_PER_INCH = 72
JPEG_QUALITY = 78
COLOURFUL = 24
"""Difference between the channels of a pixel that is a colour; a page where 1 in 500 has more is kept in colour."""

FONT = "/F0"
HALF = UNITS // 2
"""Width of Latin letters and digits; Chinese characters are an em wide."""


@dataclass(slots=True)
class _Codes:
    """Which two-byte code stands for which character: given as they come, told to the reader in the end."""

    given: dict[str, int] = field(default_factory=dict)

    def of(self, text: str) -> str:
        """The codes of `text` in hexadecimal, as a PDF string wants them."""
        return "".join(f"{self.given.setdefault(char, len(self.given) + 1):04X}" for char in text)

    def widths(self) -> list[int]:
        """The width of every character in the order of the codes."""
        return [_width(char) for char in self.given]

    def glyphs(self) -> bytes:
        """The glyph of every code, two bytes each, from code 0."""
        return b"".join(
            bytes((0, glyph)) for glyph in (0, *(WIDE if _width(char) > HALF else NARROW for char in self.given))
        )

    def to_unicode(self) -> bytes:
        """The table by which a reader turns codes back to characters."""
        pairs = [f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>" for char, code in self.given.items()]
        blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
        listed = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            f"{listed}\nendcmap CMapName currentdict /CMap defineresource pop end end\n"
        ).encode("ascii")


def write(pages: Iterable[tuple[Image.Image, PageText]], path: Path) -> None:
    """Write the pages, each an upright image and what was read off it, to `path`.

    The same pages give the same file, byte for byte. The file is linearised: a viewer shows its first page before the
    rest has come.
    """
    codes = _Codes()
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(pikepdf.Dictionary())
        for image, text in pages:
            _add(pdf, image, text, codes, font)
        _complete(pdf, font, codes)
        pdf.save(path, linearize=True, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _add(pdf: pikepdf.Pdf, image: Image.Image, text: PageText, codes: _Codes, font: pikepdf.Object) -> None:
    width = image.width * POINTS_PER_INCH / text.dpi
    height = image.height * POINTS_PER_INCH / text.dpi
    picture = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /I0 Do Q\n"
    lines = "".join(_line(word, width, height, codes) for word in text.words)
    content = f"{picture}BT 3 Tr\n{lines}ET\n" if lines else picture
    page = pdf.add_blank_page(page_size=(width, height))
    page.obj.Resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(I0=_picture(pdf, image)), Font=pikepdf.Dictionary({FONT: font})
    )
    page.obj.Contents = pdf.make_stream(content.encode("ascii"))


def _line(word: Word, width: float, height: float, codes: _Codes) -> str:
    """One line, as high as its box and stretched to the box's width."""
    left, top, wide, high = word.box
    size = max(high * height, 1.0)
    natural = sum(map(_width, word.text)) * size / UNITS
    stretch = 100 * max(wide * width, 0.1) / natural
    base = height * (1 - top - high) - DESCENT * size / UNITS
    return (
        f"{FONT} {size:.2f} Tf {stretch:.2f} Tz 1 0 0 1 {left * width:.2f} {base:.2f} Tm <{codes.of(word.text)}> Tj\n"
    )


def _width(char: str) -> int:
    return HALF if char.isascii() else UNITS


def _picture(pdf: pikepdf.Pdf, image: Image.Image) -> pikepdf.Object:
    """The image as JPEG, in grey where it has no colour to speak of."""
    kept = image if _is_colourful(image) else image.convert("L")
    stream = BytesIO()
    kept.save(stream, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return pdf.make_stream(
        stream.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=kept.width,
        Height=kept.height,
        BitsPerComponent=8,
        ColorSpace=pikepdf.Name.DeviceGray if kept.mode == "L" else pikepdf.Name.DeviceRGB,
        Filter=pikepdf.Name.DCTDecode,
    )


def _is_colourful(image: Image.Image) -> bool:
    if image.mode in ("1", "L"):
        return False
    small = np.asarray(image.convert("RGB").resize((200, 280), Image.Resampling.BOX)).astype(int)
    return float(np.percentile(np.ptp(small, axis=2), 99.8)) > COLOURFUL


def _complete(pdf: pikepdf.Pdf, font: pikepdf.Object, codes: _Codes) -> None:
    """The font's dictionaries, once all characters are known."""
    data = blank_font()
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=pikepdf.Name("/Blank"),
        Flags=4,
        FontBBox=[0, DESCENT, UNITS, ASCENT],
        ItalicAngle=0,
        Ascent=ASCENT,
        Descent=DESCENT,
        CapHeight=ASCENT,
        StemV=80,
        FontFile2=pdf.make_stream(data, Length1=len(data)),
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=pikepdf.Name("/Blank"),
        CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=UNITS,
        W=[1, pikepdf.Array(codes.widths())],
        CIDToGIDMap=pdf.make_stream(codes.glyphs()),
    )
    font.Type = pikepdf.Name.Font
    font.Subtype = pikepdf.Name.Type0
    font.BaseFont = pikepdf.Name("/Blank")
    font.Encoding = pikepdf.Name("/Identity-H")
    font.DescendantFonts = pikepdf.Array([pdf.make_indirect(descendant)])
    font.ToUnicode = pdf.make_stream(codes.to_unicode())
