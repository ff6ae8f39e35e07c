"""The optional fast lane: Tesseract, run as a program of its own where the office installed it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cached_property
from io import BytesIO
from itertools import groupby, pairwise

from PIL import Image

from bianzhi.recognition.document import Span, Word, surrounding
from bianzhi.recognition.engines.contract import EngineUnavailable

LANGUAGE = "chi_sim"
SECONDS = 120
"""A page that takes longer than this is given up: it is no page of text."""

COLUMNS = 12
"""Columns of Tesseract's table of words: level, page, block, paragraph, line, word, box (4), confidence, text."""


class TesseractEngine:
    """Reads clean body pages at about a quarter of the work; weak on seals, large headings and worn pages."""

    name = "tesseract"

    def __init__(self) -> None:
        """Raises EngineUnavailable where the program or its Chinese data are not installed."""
        program = shutil.which("tesseract")
        if program is None:
            raise EngineUnavailable("本机没有安装 Tesseract。请安装 tesseract-ocr 和中文数据，或改用 rapid。")
        self._program = program
        if LANGUAGE not in self._run("--list-langs").split():
            raise EngineUnavailable("Tesseract 缺少中文数据。请安装 tesseract-ocr-chi-sim，或改用 rapid。")

    @cached_property
    def version(self) -> str:
        """What the program says of itself, e.g. ``5.3.0``."""
        return self._run("--version").split()[1]

    def recognise(self, image: Image.Image) -> list[Word]:
        """The lines of an upright page, in Tesseract's own reading order."""
        stream = BytesIO()
        image.convert("RGB" if image.mode not in ("1", "L") else "L").save(stream, "PPM")
        dpi = str(round(image.info.get("dpi", (200, 200))[0]))
        options = ("stdin", "stdout", "-l", LANGUAGE, "--psm", "3", "--dpi", dpi, "tsv")
        return list(_lines(self._run(*options, given=stream.getvalue()), image.width, image.height))

    def _run(self, *options: str, given: bytes = b"") -> str:
        done = subprocess.run(  # noqa: S603 - a fixed program with fixed options; the image goes through the pipe
            [self._program, *options],
            input=given,
            capture_output=True,
            check=True,
            timeout=SECONDS,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
        return done.stdout.decode("utf-8", "replace")


def _lines(table: str, width: int, height: int) -> Iterator[Word]:
    rows = [row.split("\t") for row in table.splitlines()[1:]]
    words = [row for row in rows if len(row) == COLUMNS and row[0] == "5" and row[11].strip()]
    for _, line in groupby(words, key=lambda row: row[1:5]):
        yield _line([_token(row, width, height) for row in line])


def _token(row: list[str], width: int, height: int) -> Word:
    left, top, wide, high = (int(number) for number in row[6:10])
    box = (left / width, top / height, wide / width, high / height)
    return Word(row[11].strip(), box, max(float(row[10]), 0.0) / 100)


def _line(tokens: list[Word]) -> Word:
    """One line of the words found on it; a space only where two Latin words meet, for Chinese has none."""
    text, spans = tokens[0].text, _spans(tokens[0])
    for before, token in pairwise(tokens):
        if before.text[-1].isascii() and token.text[0].isascii():
            text, spans = text + " ", [*spans, (spans[-1][1], token.box[0])]
        text, spans = text + token.text, spans + _spans(token)
    weight = sum(len(token.text) for token in tokens)
    confidence = sum(token.confidence * len(token.text) for token in tokens) / weight
    return Word(text, surrounding([token.box for token in tokens]), confidence, tuple(spans))


def _spans(token: Word) -> list[Span]:
    left, _, width, _ = token.box
    share = width / len(token.text)
    return [(left + share * index, left + share * (index + 1)) for index in range(len(token.text))]
