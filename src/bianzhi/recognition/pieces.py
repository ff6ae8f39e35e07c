"""Where one document of a stack of scans ends and the next begins: by blank sheets, or by sheets with a code.

All ranges hold page numbers counted from 1 and leave the dividing sheets out.
"""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from PIL import Image

from bianzhi.recognition.document import PageText
from bianzhi.recognition.preparing.pixels import Pixels, grey_at

SEPARATOR = "BIANZHI-SEPARATOR"
"""What the QR code of a separator sheet says; the sheet itself is no page of any document."""

FIRST_PAGE = "BIANZHI-FIRST-PAGE"
"""What the QR code of a label says that is stuck on a document's first page; that page stays."""

IN_HOUSE = ("20", "21", "22", "23", "24", "25", "26", "27", "28", "29")
"""Beginnings of EAN-13 numbers that are for use within a house and mean no product: a sheet with one divides."""

WORKING_WIDTHS = (800, 1600)
"""Pixels at which codes are looked for, the quick one first."""

MODULE = 12
"""Pixels of a dot of a separator sheet's code: about 2 mm at 200 dpi, safe on a bad copy."""


def split_by_blank(pages: Sequence[PageText]) -> list[range]:
    """The documents between blank pages. Blank backs of sheets scanned on both sides divide, too: turn those off."""
    return _ranges([page.is_blank for page in pages], [False] * len(pages))


def split_by_barcode(images: Iterable[Image.Image]) -> list[range]:
    """The documents between separator sheets, and from one labelled first page to the next.

    Any other code on a page, such as the one printed on official documents, divides nothing.
    """
    codes = [codes_on(image) for image in images]
    return _ranges([any(map(_divides, found)) for found in codes], [FIRST_PAGE in found for found in codes])


def codes_on(image: Image.Image) -> set[str]:
    """What the QR codes and EAN barcodes on a page say."""
    found: set[str] = set()
    for width in WORKING_WIDTHS:
        grey = grey_at(image, width)
        found |= _qr(grey) | _ean(grey)
        if found:
            break
    return found


def separator_sheet(size: tuple[int, int] = (1654, 2339), text: str = SEPARATOR) -> Image.Image:
    """A sheet to print and lay between documents before scanning; an A4 sheet at 200 dpi."""
    code = cv2.QRCodeEncoder.create().encode(text)
    code = cv2.resize(code, None, fx=MODULE, fy=MODULE, interpolation=cv2.INTER_NEAREST)
    sheet = Image.new("L", size, 255)
    sheet.paste(Image.fromarray(code), ((size[0] - code.shape[1]) // 2, (size[1] - code.shape[0]) // 3))
    sheet.info["dpi"] = (200, 200)
    return sheet


def _qr(grey: Pixels) -> set[str]:
    try:
        _, texts, _, _ = cv2.QRCodeDetector().detectAndDecodeMulti(grey)
    except cv2.error:  # what looked like a code turned out to be none
        return set()
    return {text for text in texts if text}


def _ean(grey: Pixels) -> set[str]:
    _, texts, _, _ = cv2.barcode.BarcodeDetector().detectAndDecodeWithType(np.ascontiguousarray(grey))
    return {text for text in texts if text}


def _divides(text: str) -> bool:
    return text == SEPARATOR or (len(text) == 13 and text.isdigit() and text.startswith(IN_HOUSE))


def _ranges(divides: Sequence[bool], begins: Sequence[bool]) -> list[range]:
    """The runs between the pages that divide, each also ended where another begins."""
    found: list[range] = []
    start = 1
    for number, (between, first) in enumerate(zip(divides, begins, strict=True), 1):
        if between or first:
            found.append(range(start, number))
            start = number + 1 if between else number
    found.append(range(start, len(divides) + 1))
    return [run for run in found if run]
