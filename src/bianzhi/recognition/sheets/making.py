"""Making sheets: a document laid out, drawn, worn by its fate, with the truth of what stands on it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import Final

from PIL import Image

from bianzhi.recognition.document import PageText
from bianzhi.recognition.sheets.drawing import drawn
from bianzhi.recognition.sheets.image_pdf import image_pdf
from bianzhi.recognition.sheets.layout import laid_out
from bianzhi.recognition.sheets.paper import Form, Paper
from bianzhi.recognition.sheets.wear import Wear, worn

DPI: Final = 200


@dataclass(frozen=True, slots=True)
class Truth:
    """What is on a sheet: the catalogue's fields, the unit it is about, and the text of each page with its places."""

    fields: Mapping[str, str]
    unit: str
    pages: tuple[PageText, ...]


@dataclass(frozen=True)
class Sheet:
    """A synthetic document as a scanner delivers it."""

    paper: Paper
    wear: Wear
    dpi: int
    pages: tuple[Image.Image, ...]
    truth: Truth

    @cached_property
    def pdf(self) -> bytes:
        """Its pages as a PDF of pictures, without a text layer."""
        return image_pdf(self.pages, self.dpi)


def made(paper: Paper, *, seed: int = 0, wear: Wear = Wear.SCAN, dpi: int = DPI) -> Sheet:
    """The sheet of one document; the same for the same arguments and fonts. Raises NoFont."""
    draw = Random(f"{paper.doc_no}/{seed}")
    typewriter = draw if paper.form is Form.TYPED else None
    pictures, texts = [], []
    for number, plan in enumerate(laid_out(paper), 1):
        picture, text = drawn(plan, number, dpi, typed=typewriter)
        aged, angle = worn(picture, wear, draw)
        aged.info["dpi"] = (dpi, dpi)
        pictures.append(aged)
        texts.append(replace(text, skew=angle))
    return Sheet(paper, wear, dpi, tuple(pictures), Truth(paper.fields, paper.unit, tuple(texts)))
