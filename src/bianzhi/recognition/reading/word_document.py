"""Word documents (docx, and WPS's of the same make): paragraphs and tables, page by page as Word last showed them."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from bianzhi.recognition.document import PageText
from bianzhi.recognition.reading.flowing import Alignment, Line, laid_out

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ALIGNMENTS: Final[dict[str, Alignment]] = {"center": "center", "right": "right", "end": "right"}
PAGE: Final = "\f"
"""Stands in a run of text where a page ends."""


def read_document(path: Path) -> Iterator[PageText]:
    """The pages as Word last laid them out; one page where it never did. Raises KeyError or ParseError if damaged."""
    with zipfile.ZipFile(path) as package:
        body = fromstring(package.read("word/document.xml")).find(f"{W}body")
    number, lines = 1, list[Line]()
    for line in _lines(body if body is not None else Element("empty")):
        if line is None:
            yield laid_out(lines, number)
            number, lines = number + 1, []
        else:
            lines.append(line)
    yield laid_out(lines, number)


def _lines(parent: Element) -> Iterator[Line | None]:
    """Paragraphs and rows; None where a page ends."""
    for child in parent:
        if child.tag == f"{W}p":
            yield from _paragraph(child)
        elif child.tag == f"{W}tbl":
            for row in child.iter(f"{W}tr"):
                cells = tuple(_plain(cell) for cell in row.findall(f"{W}tc"))
                yield Line(cells, in_table=True)
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins"):
            yield from _lines(child)


def _paragraph(paragraph: Element) -> Iterator[Line | None]:
    found = paragraph.find(f"{W}pPr/{W}jc")
    alignment = ALIGNMENTS.get(found.get(f"{W}val", "") if found is not None else "", "left")
    for place, part in enumerate("".join(_characters(paragraph)).split(PAGE)):
        if place:
            yield None
        yield from (Line((text,), alignment) for text in part.split("\n") if text.strip())


def _plain(cell: Element) -> str:
    paragraphs = ("".join(_characters(paragraph)) for paragraph in cell.iter(f"{W}p"))
    return " ".join(text.replace(PAGE, "").replace("\n", " ").strip() for text in paragraphs).strip()


def _characters(paragraph: Element) -> Iterator[str]:
    for node in paragraph.iter():
        if node.tag == f"{W}t":
            yield node.text or ""
        elif node.tag == f"{W}tab":
            yield "\u3000"
        elif node.tag == f"{W}lastRenderedPageBreak" or (node.tag == f"{W}br" and node.get(f"{W}type") == "page"):
            yield PAGE
        elif node.tag == f"{W}br":
            yield "\n"
