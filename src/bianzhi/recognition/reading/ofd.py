"""OFD (GB/T 33190), the layout format of official documents: its text with places, read from the package itself."""

import zipfile
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Final
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from bianzhi.recognition.arranging import arrange
from bianzhi.recognition.document import Box, PageText, Span, Word, surrounding

DPI: Final = 200
MILLIMETRES_PER_INCH: Final = 25.4
A4: Final = (0.0, 0.0, 210.0, 297.0)
JOINED: Final = 0.6
"""Character heights between two pieces of text that still are one line."""


def read_ofd(path: Path) -> Iterator[PageText]:
    """The pages of all documents in the package. Raises KeyError or ParseError where it is damaged."""
    with zipfile.ZipFile(path) as package:
        number = 0
        for root in _parsed(package, PurePosixPath("OFD.xml")).iterfind("{*}DocBody/{*}DocRoot"):
            place = _led_to(PurePosixPath(), root.text or "")
            document = _parsed(package, place)
            templates = {
                found.get("ID", ""): _led_to(place.parent, found.get("BaseLoc", ""))
                for found in document.iterfind("{*}CommonData/{*}TemplatePage")
            }
            usual = _area(document.find("{*}CommonData/{*}PageArea")) or A4
            for found in document.iterfind("{*}Pages/{*}Page"):
                number += 1
                content = _parsed(package, _led_to(place.parent, found.get("BaseLoc", "")))
                yield _page(package, content, number, usual, templates)


def _page(
    package: zipfile.ZipFile, content: Element, number: int, usual: Box, templates: Mapping[str, PurePosixPath]
) -> PageText:
    area = _area(content.find("{*}Area")) or usual
    pieces = [piece for layer in content.iterfind("{*}Content") for piece in _pieces(layer, area)]
    for use in content.iterfind("{*}Template"):
        if use.get("TemplateID") in templates:
            pieces += _pieces(_parsed(package, templates[use.get("TemplateID", "")]), area)
    lines = _joined(pieces, area[2] / area[3])
    width, height = (round(side / MILLIMETRES_PER_INCH * DPI) for side in area[2:])
    return PageText(number, width, height, DPI, 0, 0.0, not lines, "layer", arrange(lines, area[2] / area[3]))


def _led_to(folder: PurePosixPath, path: str) -> PurePosixPath:
    """Where a path (ST_Loc) written in a file of `folder` leads: one that begins with a stroke, from the root."""
    steps: list[str] = []
    for step in (*(() if path.strip().startswith("/") else folder.parts), *path.strip().split("/")):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step)
    return PurePosixPath(*steps)


def _parsed(package: zipfile.ZipFile, place: PurePosixPath) -> Element:
    found: Element = fromstring(package.read(str(place)))
    return found


def _area(element: Element | None) -> Box | None:
    box = element.find("{*}PhysicalBox") if element is not None else None
    return _numbers(box.text or "") if box is not None else None


def _numbers(text: str) -> Box | None:
    parts = [float(part) for part in text.split()]
    return (parts[0], parts[1], parts[2], parts[3]) if len(parts) == 4 and parts[2] > 0 < parts[3] else None


def _pieces(layer: Element, area: Box) -> Iterator[Word]:
    for item in layer.iterfind(".//{*}TextObject"):
        boundary = _numbers(item.get("Boundary", ""))
        if boundary is not None:
            for code in item.iterfind("{*}TextCode"):
                word = _piece(item, code, boundary, area)
                if word is not None:
                    yield word


def _piece(item: Element, code: Element, boundary: Box, area: Box) -> Word | None:
    """One string: its characters by their steps where these are told, else spread over the object's boundary."""
    text = (code.text or "").strip("\r\n")
    if not text.strip():
        return None
    steps = _steps(code.get("DeltaX", ""))
    left, top, width, height = boundary
    size = float(item.get("Size", "0") or 0)
    is_plain = size > 0 and item.get("CTM") is None and len(steps) >= len(text) - 1
    start = left + float(code.get("X", "0") or 0) if is_plain else left
    if not is_plain:
        steps = [width / len(text)] * len(text)
    edges = [start]
    for step in steps[: len(text) - 1]:
        edges.append(edges[-1] + step)
    edges.append(edges[-1] + (size if is_plain else width / len(text)))
    spans: list[Span] = [((first - area[0]) / area[2], (last - area[0]) / area[2]) for first, last in pairwise(edges)]
    box = (spans[0][0], (top - area[1]) / area[3], spans[-1][1] - spans[0][0], height / area[3])
    return Word(text, box, 1.0, tuple(spans))


def _steps(text: str) -> list[float]:
    """``2 2.5`` as it stands; ``g 3 2`` means three steps of 2."""
    parts = iter(text.split())
    steps: list[float] = []
    for part in parts:
        if part == "g":
            count, step = int(next(parts, "0")), float(next(parts, "0"))
            steps += [step] * min(count, 10_000)
        else:
            steps.append(float(part))
    return steps


def _joined(pieces: list[Word], aspect: float) -> list[Word]:
    """Pieces that stand right after one another on one level made into lines, as they follow in the file."""
    lines: list[Word] = []
    for piece in pieces:
        if lines and _continues(lines[-1], piece, aspect):
            before = lines.pop()
            box = surrounding([before.box, piece.box])
            piece = Word(before.text + piece.text, box, 1.0, before.chars + piece.chars)
        lines.append(piece)
    return [_stripped(line) for line in lines]


def _continues(before: Word, piece: Word, aspect: float) -> bool:
    high = max(before.box[3], piece.box[3])
    level = abs(before.box[1] + before.box[3] / 2 - piece.box[1] - piece.box[3] / 2) < high / 2
    gap = (piece.box[0] - before.box[0] - before.box[2]) * aspect
    return level and -JOINED * high < gap < JOINED * high


def _stripped(line: Word) -> Word:
    start, end = len(line.text) - len(line.text.lstrip()), len(line.text.rstrip())
    return Word(line.text[start:end], line.part(start, end), 1.0, line.chars[start:end])
