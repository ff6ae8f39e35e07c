"""The pages of a file as text: the text layer where there is one, OCR only where there is none."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pypdfium2

from bianzhi.recognition.arranging import arrange
from bianzhi.recognition.document import PageText, Word
from bianzhi.recognition.engines import OcrEngine
from bianzhi.recognition.engines import engine as engine_named
from bianzhi.recognition.formats import FileFormat
from bianzhi.recognition.reading.layer import is_scan, turn_upright
from bianzhi.recognition.reading.ofd import read_ofd
from bianzhi.recognition.reading.plain import read_text
from bianzhi.recognition.reading.scans import read_image
from bianzhi.recognition.reading.spreadsheet import read_spreadsheet
from bianzhi.recognition.reading.word_document import read_document
from bianzhi.recognition.rendering import IMAGE_CODES, POINTS_PER_INCH, drawn, opened_pdf, page_count, render_page
from bianzhi.recognition.tables import ruled_tables

TYPED: Mapping[str, Callable[[Path], Iterator[PageText]]] = {
    "docx": read_document,
    "xlsx": read_spreadsheet,
    "xls": read_spreadsheet,
    "ofd": read_ofd,
    "txt": read_text,
}
"""Formats that hold their text as such."""

TABLES_DPI = 100
"""Enough to see the rules of a table."""


def read_pages(
    path: Path,
    file_format: FileFormat,
    *,
    engine: OcrEngine | None = None,
    dpi: int = 200,
    numbers: Collection[int] | None = None,
) -> Iterator[PageText]:
    """The pages of the file one by one, in order; only those in `numbers` (from 1) where given.

    `dpi` is the resolution at which scans are read and which the widths and heights refer to. Without `engine` the
    standing one reads, loaded only once a page needs it. Formats whose text nothing here can read (doc, wps) give no
    page at all.
    """
    if file_format.code == "pdf":
        yield from _pdf(path, engine, dpi, numbers)
    elif file_format.code in TYPED:
        yield from (page for page in TYPED[file_format.code](path) if numbers is None or page.number in numbers)
    elif file_format.code in IMAGE_CODES:
        for number in range(1, page_count(path, file_format) + 1):
            if numbers is None or number in numbers:
                yield read_image(render_page(path, file_format, number, dpi), number, engine or engine_named())


def _pdf(path: Path, engine: OcrEngine | None, dpi: int, numbers: Collection[int] | None) -> Iterator[PageText]:
    with opened_pdf(path) as document:
        for number in range(1, len(document) + 1):
            if numbers is not None and number not in numbers:
                continue
            page = document[number - 1]
            rotation, words = turn_upright(page)
            if is_scan(page, words):
                yield read_image(drawn(page, dpi), number, engine or engine_named())
            else:
                yield replace(_typed(page, words, number, dpi), rotation=rotation)


def _typed(page: pypdfium2.PdfPage, words: Sequence[Word], number: int, dpi: int) -> PageText:
    """A page with a text layer: its tables are seen on a small picture, its text is the layer's."""
    tables = ruled_tables(drawn(page, TABLES_DPI)) if words else []
    width, height = (max(round(side / POINTS_PER_INCH * dpi), 1) for side in page.get_size())
    blocks = arrange(words, width / height, tables=tables)
    return PageText(number, width, height, dpi, 0, 0.0, not words, "layer", blocks)
