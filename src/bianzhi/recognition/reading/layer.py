"""The text layer of a PDF page: what was typed, not recognised, with the place of every character."""

from collections.abc import Iterator
from ctypes import byref, c_int
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium

from bianzhi.recognition.characters import is_chinese
from bianzhi.recognition.document import Box, Span, Word, surrounding

CANVAS = 1_000_000
"""Units of the grid on which pdfium is asked for places, so that a turned or cropped page comes out upright."""

FEW = 30
"""A layer of fewer characters over a scan is a stamp or a scanner's mark, not the text of the page."""

SHORTEST_LINES = 2.5
"""Characters of a line on average; below that, what are taken for lines are none."""

COVERED = 0.5
"""Share of the page an image must cover to be the scan of the page."""

UNREADABLE = 0.3
"""Share of characters without meaning (no Unicode known) at which a layer is worth nothing."""

COLUMN_GAP = 2.0
"""Widths of a full character between two neighbours that no longer belong to one line."""

MEANINGLESS = frozenset({0, 0xFFFD, 0xFFFE})
HIGH_HALVES, LOW_HALVES = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
"""UTF-16 writes characters beyond the first 65 536 in two halves."""


@dataclass(slots=True)
class _Line:
    aspect: float
    chars: list[str] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)

    def takes(self, box: Box) -> bool:
        """Whether a character there continues the line: beside its last one and at the same height."""
        if not self.boxes:
            return True
        last = self.boxes[-1]
        high = max(last[3], box[3])
        level = abs((last[1] + last[3] / 2) - (box[1] + box[3] / 2)) < high / 2
        gap = (box[0] - (last[0] + last[2])) * self.aspect
        return level and -high < gap < COLUMN_GAP * high

    def word(self) -> Word | None:
        """The line as read; None for one of spaces only."""
        text = "".join(self.chars)
        start, end = len(text) - len(text.lstrip()), len(text.rstrip())
        if start >= end:
            return None
        boxes = self.boxes[start:end]
        spans: tuple[Span, ...] = tuple((box[0], box[0] + box[2]) for box in boxes)
        return Word(text[start:end], surrounding([box for box in boxes if box[3]]), 1.0, spans)


def layer_lines(page: pypdfium2.PdfPage) -> list[Word]:
    """The lines of the page's text layer in the order of the file; empty where there is no layer of any use."""
    textpage = page.get_textpage()
    try:
        words = [word for line in _lines(page, textpage) if (word := line.word())]
    finally:
        textpage.close()
    return [] if _is_gibberish(words) else words


def turn_upright(page: pypdfium2.PdfPage) -> tuple[int, list[Word]]:
    """The lines of a page whose text may lie on its side, and by how many degrees clockwise it had to be turned.

    The page stays turned as long as its document is open, so that pictures and places of it agree.
    """
    words, own = layer_lines(page), page.get_rotation()
    if not _lies_on_its_side(words):
        return 0, words
    for turn in (90, 270, 180):
        page.set_rotation((own + turn) % 360)
        turned = layer_lines(page)
        if not _lies_on_its_side(turned):
            return turn, turned
    page.set_rotation(own)
    return 0, words


def _lies_on_its_side(words: list[Word]) -> bool:
    """Whether lines fall apart into single characters because they do not run from left to right."""
    characters = sum(len(word.text) for word in words)
    return characters >= FEW and characters < SHORTEST_LINES * len(words)


def is_scan(page: pypdfium2.PdfPage, words: list[Word]) -> bool:
    """Whether the page has to be read by OCR: a picture of the page with next to no layer, or drawn glyphs only."""
    if sum(len(word.text) for word in words) >= FEW:
        return False
    items = list(page.get_objects(max_depth=3))
    if any(_is_unseen_text(item) for item in items):
        return not words
    pictures = sum(_area(item) for item in items if item.type == pdfium.FPDF_PAGEOBJ_IMAGE)
    return pictures >= COVERED * page.get_width() * page.get_height() or (not words and bool(items))


def _is_unseen_text(item: pypdfium2.PdfObject) -> bool:
    """Text laid over a scan by whoever read it before: however short, it is what stands on the page."""
    if item.type != pdfium.FPDF_PAGEOBJ_TEXT:
        return False
    return bool(pdfium.FPDFTextObj_GetTextRenderMode(item) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)


def _area(item: pypdfium2.PdfObject) -> float:
    left, bottom, right, top = item.get_bounds()
    return float((right - left) * (top - bottom))


def _lines(page: pypdfium2.PdfPage, textpage: pypdfium2.PdfTextPage) -> Iterator[_Line]:
    aspect = page.get_width() / page.get_height()
    line = _Line(aspect)
    for char, box in _characters(page, textpage):
        if box is None or not line.takes(box):
            yield line
            line = _Line(aspect)
        if box is not None:
            line.chars.append(char)
            line.boxes.append(box)
    yield line


def _characters(page: pypdfium2.PdfPage, textpage: pypdfium2.PdfTextPage) -> Iterator[tuple[str, Box | None]]:
    """Every character with its box on the upright page; without a box where a line ends.

    pdfium makes up a space wherever the gap is wider than usual. Beside a Chinese character that is no space.
    """
    last: Box = (0.0, 0.0, 0.0, 0.0)
    before = ""
    count = textpage.count_chars()
    for index in range(count):
        char = _character(textpage, index)
        if not char:
            continue
        if char in "\r\n":
            yield "\n", None
            continue
        if pdfium.FPDFText_IsGenerated(textpage, index) == 1:
            after = _character(textpage, index + 1) if index + 1 < count else ""
            if is_chinese(before) or is_chinese(after):
                continue
        last = _place(page, textpage, index, last)
        yield char, last
        before = char


def _character(textpage: pypdfium2.PdfTextPage, index: int) -> str:
    """The character; a rare one, which pdfium gives as two halves, at its first half, and nothing at its second."""
    code = pdfium.FPDFText_GetUnicode(textpage, index)
    if code in LOW_HALVES:
        return ""
    if code in HIGH_HALVES:
        low = pdfium.FPDFText_GetUnicode(textpage, index + 1)
        return chr(0x10000 + ((code - 0xD800) << 10) + low - 0xDC00) if low in LOW_HALVES else "\ufffd"
    return "\ufffd" if code in MEANINGLESS else chr(code)


def _place(page: pypdfium2.PdfPage, textpage: pypdfium2.PdfTextPage, index: int, last: Box) -> Box:
    """The character's box; one without a place of its own stands right after the one before it."""
    edges = pdfium.FS_RECTF()
    if pdfium.FPDFText_GetLooseCharBox(textpage, index, byref(edges)):
        box = _upright(page, edges.left, edges.bottom, edges.right, edges.top)
        if box[3]:
            return box
    return (last[0] + last[2], last[1], 0.0, last[3])


def _upright(page: pypdfium2.PdfPage, left: float, bottom: float, right: float, top: float) -> Box:
    corners = [_placed(page, left, top), _placed(page, right, bottom)]
    xs, ys = sorted(corner[0] for corner in corners), sorted(corner[1] for corner in corners)
    return (xs[0], ys[0], xs[1] - xs[0], ys[1] - ys[0])


def _placed(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
    across, down = c_int(), c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, CANVAS, CANVAS, 0, x, y, byref(across), byref(down))
    return (min(max(across.value / CANVAS, 0.0), 1.0), min(max(down.value / CANVAS, 0.0), 1.0))


def _is_gibberish(words: list[Word]) -> bool:
    text = "".join(word.text for word in words)
    return bool(text) and sum(map(_is_meaningless, text)) > UNREADABLE * len(text)


def _is_meaningless(char: str) -> bool:
    return char == "\ufffd" or "\ue000" <= char <= "\uf8ff"
