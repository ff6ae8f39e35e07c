"""A page that is an image: turned upright, cleaned, read by an engine, put in order."""

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from bianzhi.recognition.arranging import arrange
from bianzhi.recognition.document import PageText, Word
from bianzhi.recognition.engines import OcrEngine
from bianzhi.recognition.layout import regions
from bianzhi.recognition.lines import cut_at_gaps
from bianzhi.recognition.preparing import Prepared, prepare
from bianzhi.recognition.punctuation import as_written
from bianzhi.recognition.tables import ruled_tables

TURNS = (0, 180, 90, 270)
"""In the order in which they are tried where a page's looks do not tell: most pages lie right, then upside down."""

STRIP = 12
"""How many times longer than wide an image is that is no page; a roll of plans is shorter."""

LEGIBLE = 0.9
"""Mean confidence at which a page is taken to be read the right way up; on its side or its head it is far lower."""

ENOUGH = 8
"""Characters that must be read to tell."""


def read_image(image: Image.Image, number: int, engine: OcrEngine) -> PageText:
    """Everything that stands on the image of page `number`; its resolution is in ``image.info["dpi"]``."""
    if max(image.size) > STRIP * min(image.size):
        return _page(Prepared(image, 0, 0.0, is_blank=False), number, ())
    sheet = prepare(image)
    if sheet.is_blank:
        return _page(sheet, number, ())
    words = engine.recognise(sheet.image)
    if sheet.is_sure or _is_legible(words):
        return _page(sheet, number, words)
    tried = [(sheet, words)]
    for turn in TURNS[1:]:
        turned = prepare(image, turn=turn)
        tried.append((turned, engine.recognise(turned.image)))
        if _is_legible(tried[-1][1]):
            break
    best, words = max(tried, key=lambda attempt: _legibility(attempt[1]))
    return _page(best, number, words)


def _is_legible(words: Sequence[Word]) -> bool:
    characters = sum(len(word.text) for word in words)
    return characters >= ENOUGH and _legibility(words) >= LEGIBLE**2 * characters


def _legibility(words: Sequence[Word]) -> float:
    """How much was read and how surely; a line on its side is read by chance only."""
    return sum(len(word.text) * word.confidence**2 for word in words if word.box[2] >= word.box[3])


def _page(sheet: Prepared, number: int, read: Sequence[Word]) -> PageText:
    image = sheet.image
    aspect = image.width / image.height
    words = [replace(word, text=as_written(word.text)) for word in cut_at_gaps(read, aspect)]
    dpi = round(image.info.get("dpi", (200, 200))[0])
    blocks = (
        arrange(words, aspect, tables=ruled_tables(image), regions=regions(image), seals=sheet.seals) if words else ()
    )
    return PageText(number, image.width, image.height, dpi, sheet.rotation, sheet.skew, sheet.is_blank, "ocr", blocks)
