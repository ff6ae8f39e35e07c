"""Pages of a file as images: PDF by pypdfium2, TIFF, JPEG and PNG by Pillow; other formats have no page images."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageOps

from bianzhi.recognition.formats import FileFormat

IMAGE_CODES = frozenset({"tiff", "jpeg", "png"})
POINTS_PER_INCH = 72
ASSUMED_DPI = 200
"""For images that do not say at what resolution they were scanned and are no page of a plausible size."""

LARGEST_SIDE = 16_000
"""Pixels: a page that would be larger is rendered at a lower resolution (an A0 sheet at 300 dpi has 14 043)."""

PLAUSIBLE_DPI = range(60, 1_300)


class NoPageImages(Exception):
    """The file's format has no pages one could draw."""


@contextmanager
def opened_pdf(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    """The PDF, closed afterwards. Raises pypdfium2.PdfiumError where it cannot be opened."""
    document = pypdfium2.PdfDocument(path)
    try:
        yield document
    finally:
        document.close()


def has_page_images(file_format: FileFormat) -> bool:
    """Whether pages of the format can be drawn."""
    return file_format.code == "pdf" or file_format.code in IMAGE_CODES


def page_count(path: Path, file_format: FileFormat) -> int:
    """How many pages can be drawn. Raises NoPageImages for formats without."""
    if file_format.code == "pdf":
        with opened_pdf(path) as document:
            return len(document)
    if file_format.code in IMAGE_CODES:
        with Image.open(path) as image:
            return int(getattr(image, "n_frames", 1))
    raise NoPageImages(f"{file_format.code} 格式没有页面图像")


def render_page(path: Path, file_format: FileFormat, number: int, dpi: int = 200) -> Image.Image:
    """Page `number` (from 1) as it lies in the file, RGB; `info["dpi"]` tells the resolution it has in the end.

    Scans keep their own pixels (the EXIF turn applied) unless `dpi` is lower than theirs. Raises NoPageImages for
    formats without page images and IndexError where there is no such page.
    """
    if not 1 <= number <= page_count(path, file_format):
        raise IndexError(f"文件没有第 {number} 页")
    if file_format.code == "pdf":
        with opened_pdf(path) as document:
            return drawn(document[number - 1], dpi)
    with Image.open(path) as image:
        image.seek(number - 1)
        return _scan(image, dpi)


def drawn(page: pypdfium2.PdfPage, dpi: int) -> Image.Image:
    """A page of an open PDF as an RGB image; a sheet too large for `dpi` comes at a lower one."""
    longest = max(page.get_size()) / POINTS_PER_INCH
    dpi = max(min(dpi, int(LARGEST_SIDE / longest)), 1)
    image: Image.Image = page.render(scale=dpi / POINTS_PER_INCH, may_draw_forms=False).to_pil().convert("RGB")
    image.info["dpi"] = (dpi, dpi)
    return image


def _scan(image: Image.Image, dpi: int) -> Image.Image:
    own = scan_dpi(image)
    upright = _without_alpha(ImageOps.exif_transpose(image))
    if dpi < own or max(upright.size) > LARGEST_SIDE:
        factor = min(dpi / own, LARGEST_SIDE / max(upright.size), 1.0)
        size = (max(round(upright.width * factor), 1), max(round(upright.height * factor), 1))
        upright, own = upright.resize(size, Image.Resampling.LANCZOS), round(own * factor)
    upright.info["dpi"] = (own, own)
    return upright


def scan_dpi(image: Image.Image) -> int:
    """The resolution a scan states; where it states none, the one at which it would be an A4 sheet, else 200."""
    stated = round(float(image.info.get("dpi", (0, 0))[0]))
    if stated in PLAUSIBLE_DPI and stated != POINTS_PER_INCH:
        return stated
    short, long = sorted(image.size)
    guessed = round(long / 11.69)
    return guessed if 1.3 < long / short < 1.55 and guessed in PLAUSIBLE_DPI else ASSUMED_DPI


def _without_alpha(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey: Pillow would cut off all above 255
        deep = np.asarray(image).astype(np.int64)
        image = Image.fromarray((deep >> 8 if deep.max() > 255 else deep).astype(np.uint8))
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    paper = Image.new("RGB", layer.size, "white")
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper
