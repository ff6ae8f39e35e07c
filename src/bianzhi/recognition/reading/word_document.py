"""Word documents (docx, and WPS's of the same make): paragraphs and tables, page by page as Word last showed them.

What stands in a text box is a line of its own, before the paragraph the box is anchored in: 密级 and 发文机关标志 are
often set so (R27). Headers and footers, which belong to no page, follow the last one.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from bianzhi.recognition.document import PageText
from bianzhi.recognition.reading.flowing import Alignment, Line, laid_out

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BOX: Final = f"{W}txbxContent"
WORD_ART: Final = "{urn:schemas-microsoft-com:vml}textpath"
"""Letters as a shape: watermarks are made so."""
FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""The same once more, for programs that know no newer shapes."""
MARGIN: Final = re.compile(r"word/(?P<margin>header|footer)\d*\.xml")
ALIGNMENTS: Final[dict[str, Alignment]] = {"center": "center", "right": "right", "end": "right"}
PAGE: Final = "\f"
"""Stands in a run of text where a page ends."""


def read_document(path: Path) -> Iterator[PageText]:
    """The pages as Word last laid them out; one page where it never did. Raises KeyError or ParseError if damaged."""
    with zipfile.ZipFile(path) as package:
        body = fromstring(package.read("word/document.xml")).find(f"{W}body")
        margins = dict.fromkeys(_margins(package))  # those of first, odd and even pages mostly say the same
    number, lines = 1, list[Line]()
    for line in _lines(body if body is not None else Element("empty")):
        if line is None:
            yield laid_out(lines, number)
            number, lines = number + 1, []
        else:
            lines.append(line)
    yield laid_out([*lines, *margins], number)


def _margins(package: zipfile.ZipFile) -> Iterator[Line]:
    """The lines of all headers, then of all footers."""
    for name in sorted(package.namelist(), reverse=True):
        if found := MARGIN.fullmatch(name):
            for line in _lines(fromstring(package.read(name))):
                if line is not None:
                    yield replace(line, margin="header" if found["margin"] == "header" else "footer")


def _lines(parent: Element) -> Iterator[Line | None]:
    """Paragraphs and rows; None where a page ends."""
    for child in parent:
        if child.tag == f"{W}p":
            yield from _paragraph(child)
        elif child.tag == f"{W}tbl":
            yield from _table(child)
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins"):
            yield from _lines(child)


def _paragraph(paragraph: Element) -> Iterator[Line | None]:
    found = paragraph.find(f"{W}pPr/{W}jc")
    alignment = ALIGNMENTS.get(found.get(f"{W}val", "") if found is not None else "", "left")
    for place, (text, shapes) in enumerate(_by_page(paragraph)):
        if place:
            yield None
        for shape in shapes:
            yield from _in_shape(shape)
        yield from (Line((part,), alignment) for part in text.split("\n") if part.strip())


def _table(table: Element) -> Iterator[Line]:
    """The rows, behind what is set in shapes anchored in them."""
    nodes = list(_nodes(table))
    for node in nodes:
        if node.tag in (BOX, WORD_ART):
            yield from _in_shape(node)
    for row in nodes:
        if row.tag == f"{W}tr":
            yield Line(tuple(_plain(cell) for cell in row.findall(f"{W}tc")), in_table=True)


def _in_shape(shape: Element) -> Iterator[Line]:
    if shape.tag == WORD_ART:
        yield Line((shape.get("string", ""),))
    else:
        yield from (line for line in _lines(shape) if line is not None)


def _plain(cell: Element) -> str:
    paragraphs = (node for node in _nodes(cell) if node.tag == f"{W}p")
    texts = ("".join(text for text, _ in _by_page(paragraph)) for paragraph in paragraphs)
    return " ".join(text.replace("\n", " ").strip() for text in texts).strip()


def _by_page(paragraph: Element) -> Iterator[tuple[str, list[Element]]]:
    """The text of a paragraph and the shapes anchored in it, parted where a page ends."""
    text, shapes = "", list[Element]()
    for node in _nodes(paragraph):
        if node.tag in (BOX, WORD_ART):
            shapes.append(node)
        elif (written := _written(node)) == PAGE:
            yield text, shapes
            text, shapes = "", []
        else:
            text += written
    yield text, shapes


def _nodes(element: Element) -> Iterator[Element]:
    """All that is in an element, in order; into text boxes and what is said twice it does not go."""
    waiting = [*reversed(element)]
    while waiting:
        node = waiting.pop()
        yield node
        if node.tag not in (BOX, FALLBACK):
            waiting.extend(reversed(node))


def _written(node: Element) -> str:
    if node.tag == f"{W}t":
        return node.text or ""
    if node.tag == f"{W}tab":
        return "\u3000"
    if node.tag == f"{W}lastRenderedPageBreak" or (node.tag == f"{W}br" and node.get(f"{W}type") == "page"):
        return PAGE
    return "\n" if node.tag == f"{W}br" else ""
