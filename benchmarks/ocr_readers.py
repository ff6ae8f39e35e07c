"""The readers that are compared: each makes page texts of a document's page images."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from bianzhi.recognition.document import Block, PageText, surrounding
from bianzhi.recognition.engines import EngineUnavailable, OcrEngine, engine
from bianzhi.recognition.identify import format_by_code
from bianzhi.recognition.preparing import prepare
from bianzhi.recognition.reading import read_image, read_pages
from bianzhi.recognition.searchable_pdf import write

SPACES = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")
OCRMYPDF = os.environ.get("OCRMYPDF", "ocrmypdf")


@dataclass(frozen=True)
class Ours:
    """Everything: preparing, engine, layout, reading order."""

    engine: OcrEngine
    name: str

    def read(self, pages: Sequence[Image.Image]) -> list[PageText]:
        return [read_image(page, number, self.engine) for number, page in enumerate(pages, 1)]


@dataclass(frozen=True)
class PreparedTesseract:
    """Tesseract on the page as we prepare it (turned, straightened, whitened, seal off), in its own order."""

    engine: OcrEngine
    name: str = "tesseract, same preprocessing"

    def read(self, pages: Sequence[Image.Image]) -> list[PageText]:
        return [self._page(page, number) for number, page in enumerate(pages, 1)]

    def _page(self, image: Image.Image, number: int) -> PageText:
        sheet = prepare(image)
        words = tuple(self.engine.recognise(sheet.image))
        block = Block("text", surrounding([word.box for word in words]), words)
        return PageText(number, image.width, image.height, 200, sheet.rotation, sheet.skew, False, "ocr", (block,))


@dataclass(frozen=True)
class OcrMyPdf:
    """The program as its users run it, on a PDF of the scans; its text layer is read back."""

    name: str = "ocrmypdf --deskew -l chi_sim"

    def read(self, pages: Sequence[Image.Image]) -> list[PageText]:
        with tempfile.TemporaryDirectory() as folder:
            scans, out = Path(folder) / "scans.pdf", Path(folder) / "out.pdf"
            blank = PageText(1, 1, 1, 200, 0, 0.0, is_blank=True, origin="ocr")
            write(((page, replace(blank, number=number)) for number, page in enumerate(pages, 1)), scans)
            options = ("-l", "chi_sim", "--jobs", "1", "--deskew", "--output-type", "pdf", "--quiet")
            subprocess.run(
                [OCRMYPDF, *options, str(scans), str(out)], check=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"}
            )
            return [_without_spaces(page) for page in read_pages(out, format_by_code("pdf"), engine=_Nothing())]


def _without_spaces(page: PageText) -> PageText:
    """Tesseract puts a space between Chinese words; fields are looked for without, as in our own readings."""
    blocks = (
        replace(block, words=tuple(replace(word, text=SPACES.sub("", word.text), chars=()) for word in block.words))
        for block in page.blocks
    )
    return replace(page, blocks=tuple(blocks))


class _Nothing:
    """Reads nothing: a page ocrmypdf found no text on has none."""

    name = version = "nothing"

    def recognise(self, image: Image.Image) -> list[object]:
        return []


Reader = Ours | PreparedTesseract | OcrMyPdf


def readers() -> list[Reader]:
    """Ours, and the peers that are installed."""
    found: list[Reader] = [Ours(engine("rapid"), "bianzhi, rapid")]
    try:
        tesseract = engine("tesseract")
    except EngineUnavailable as missing:
        print(f"  without tesseract: {missing}")
    else:
        found += [Ours(tesseract, "bianzhi, tesseract lane"), PreparedTesseract(tesseract)]
    if shutil.which(OCRMYPDF):
        found.append(OcrMyPdf())
    else:
        print("  without ocrmypdf: not installed (set OCRMYPDF to its path)")
    return found
