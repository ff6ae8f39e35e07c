"""Watermark of a PDF somebody keeps: across every page, and in the properties of the document."""

import io
from typing import IO, BinaryIO, Final

import pikepdf
from PIL import Image

from bianzhi.archives.stamping import COLOUR, mark_of
from bianzhi.common.web.releasing import Mark

DOTS: Final = 1.5
"""Pixels of the watermark for each point of the page."""


def marked(stream: BinaryIO, mark: Mark) -> IO[bytes]:
    """A copy of the PDF with the words over each of its pages; the file itself stays as it is kept."""
    made = io.BytesIO()
    with stream, pikepdf.open(stream) as book:
        for page in book.pages:
            box = pikepdf.Rectangle(page.trimbox)
            with _overlay(float(box.width), float(box.height), mark.words) as over:
                page.add_overlay(over.pages[0], box)
        book.docinfo["/Keywords"] = mark.number
        book.docinfo["/Subject"] = mark.words
        book.save(made)
    made.seek(0)
    return made


def _overlay(width: float, height: float, words: str) -> pikepdf.Pdf:
    """One page that holds the words as a picture whose mask lets the text below show."""
    size = (max(1, round(width * DOTS)), max(1, round(height * DOTS)))
    mask, colour = mark_of(size, words), Image.new("RGB", (1, 1), COLOUR)
    over = pikepdf.new()
    page = over.add_blank_page(page_size=(width, height))
    soft = _picture(over, mask.tobytes(), size, pikepdf.Name.DeviceGray)
    flat = _picture(over, colour.tobytes(), (1, 1), pikepdf.Name.DeviceRGB)
    flat.SMask = soft
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Mark=flat))
    page.Contents = over.make_stream(f"q {width} 0 0 {height} 0 0 cm /Mark Do Q".encode())
    return over


def _picture(book: pikepdf.Pdf, data: bytes, size: tuple[int, int], space: pikepdf.Name) -> pikepdf.Stream:
    return pikepdf.Stream(
        book,
        data,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=space,
        BitsPerComponent=8,
    )
