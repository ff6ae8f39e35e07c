"""Scans are read as they lie: askew, turned, sealed; always the same; and nothing is fetched."""

import json
import socket
from itertools import islice

import pytest
from PIL import Image

from bianzhi.recognition.document import PageText, Word
from bianzhi.recognition.engines import EngineUnavailable, RapidEngine, engine
from bianzhi.recognition.engines.parts import in_parts
from bianzhi.recognition.preparing import prepare, upright
from bianzhi.recognition.preparing.orientation import turned
from bianzhi.recognition.reading import read_image
from bianzhi.recognition.sheets import Form, Wear, made, papers
from bianzhi.recognition.weights import BUNDLED, weights
from tests.recognition.reading import line, page_of, plain, sealed_document, with_fonts


@with_fonts
def test_a_sealed_scan_is_read_character_by_character_in_order():
    read = sealed_document()
    for page, truth in zip(read.pages, read.sheet.truth.pages, strict=True):
        assert plain(page.text) == plain(truth.text)
        assert page.origin == "ocr"


@with_fonts
def test_the_date_under_the_seal_is_read_and_the_seal_is_a_block_of_its_own():
    read = sealed_document()
    last = read.pages[-1]
    assert any(word.text == read.sheet.paper.written_date for word in last.words)
    seals = [block for block in last.blocks if block.kind == "seal"]
    assert len(seals) == 1
    assert seals[0].words == ()
    assert 0.15 < seals[0].box[2] < 0.25


@with_fonts
def test_every_character_has_its_place_within_its_line():
    for word in sealed_document().pages[0].words:
        left, top, width, height = word.box
        assert 0 <= left < left + width <= 1
        assert 0 <= top < top + height <= 1
        assert len(word.chars) == len(word.text)
        assert list(word.chars) == sorted(word.chars)


@with_fonts
def test_boxes_fit_the_truth_of_the_upright_page():
    read = sealed_document()
    truth = {word.text: word.box for word in read.sheet.truth.pages[0].words}
    number = next(word for word in read.pages[0].words if word.text == read.sheet.paper.doc_no)
    assert number.box == pytest.approx(truth[number.text], abs=0.01)


@with_fonts
def test_the_same_page_is_read_the_same_twice_and_by_a_new_engine():
    read = sealed_document()
    assert read_image(read.sheet.pages[-1], len(read.pages), RapidEngine()) == read.pages[-1]


def test_pages_survive_json():
    data = json.loads(json.dumps(page_with_everything().as_data()))
    assert PageText.from_data(data).as_data() == data
    with pytest.raises(ValueError, match="no kind of block"):
        PageText.from_data({**data, "blocks": [{"kind": "poem", "box": [0, 0, 1, 1], "words": []}]})


def page_with_everything() -> PageText:
    return page_of(line("云编〔2024〕17号", 0.4, 0.3, 0.2, placed=True), line("𠮷", 0.1, 0.5, 0.03))


@with_fonts
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_and_crooked_page_is_set_upright(degrees):
    page = upright(sealed_document().sheet.pages[0], 0, 2.0)
    ready = prepare(turned(page, degrees))
    assert (ready.rotation + degrees) % 360 == 0
    assert ready.skew == pytest.approx(-2.0, abs=0.4)
    assert not ready.is_blank


@with_fonts
def test_the_red_of_the_letterhead_stays_when_a_seal_goes():
    paper = next(paper for paper in papers(5, 40) if paper.form is Form.LETTER)
    page = made(paper, wear=Wear.CLEAN).pages[0]
    ready = prepare(page)
    assert len(ready.seals) == 1
    assert _red(ready.image, (0, 0, 1, 0.25)) == pytest.approx(_red(page, (0, 0, 1, 0.25)), rel=0.1)
    assert _red(ready.image, ready.seals[0]) < 0.02 * _red(page, ready.seals[0])


def _red(image: Image.Image, box: tuple[float, float, float, float]) -> int:
    left, top, width, height = box
    corners = (left * image.width, top * image.height, (left + width) * image.width, (top + height) * image.height)
    red, green, _ = image.convert("RGB").crop(corners).split()
    return sum(1 for r, g in zip(red.tobytes(), green.tobytes(), strict=True) if r > g + 60)


def test_an_empty_sheet_is_blank_and_asks_no_engine():
    class Never:
        name = version = "never"

        def recognise(self, image: Image.Image) -> list[Word]:
            raise AssertionError("a blank page was given to the engine")

    page = read_image(Image.new("RGB", (1654, 2339), (244, 240, 230)), 7, Never())
    assert page.is_blank
    assert page.text == ""
    assert page.number == 7


def test_a_sheet_too_large_to_be_read_at_once_is_read_in_parts_and_nothing_twice():
    seen: list[tuple[int, int]] = []

    def dots(part: Image.Image) -> list[Word]:
        """Every black square of the part as a word."""
        seen.append(part.size)
        found = []
        for left, top in SQUARES:
            box = (left - part.info["left"], top - part.info["top"], 60, 40)
            if box[0] + 60 > 0 < box[1] + 40 and box[0] < part.width and box[1] < part.height:
                visible = (max(box[0], 0), max(box[1], 0), min(box[0] + 60, part.width), min(box[1] + 40, part.height))
                placed = (visible[0], visible[1], visible[2] - visible[0], visible[3] - visible[1])
                scale = (part.width, part.height, part.width, part.height)
                x, y, wide, high = (number / whole for number, whole in zip(placed, scale, strict=True))
                found.append(Word("方" if placed[2:] == (60, 40) else "残", (x, y, wide, high)))
        return found

    words = in_parts(Image.new("L", (5000, 4000), 255), dots)
    assert len(seen) > 4
    assert {word.text for word in words} == {"方"}
    assert sorted((round(word.box[0] * 5000), round(word.box[1] * 4000)) for word in words) == sorted(SQUARES)


SQUARES = [(left, top) for left in (30, 1990, 2170, 4100, 4900) for top in (20, 1995, 2180, 3900)]


@with_fonts
def test_a_page_of_two_columns_is_read_column_after_column():
    paper = next(islice((paper for paper in papers(20_261, 400) if paper.form is Form.BULLETIN), 1, None))
    sheet = made(paper, seed=20_260, wear=Wear.SCAN)
    assert plain(read_image(sheet.pages[0], 1, engine()).text) == plain(sheet.truth.pages[0].text)


def test_the_weights_lie_in_the_installed_packages():
    for model in BUNDLED:
        assert weights(model).stat().st_size > 500_000


@with_fonts
def test_reading_asks_nothing_of_the_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    crop = sealed_document().sheet.pages[0].crop((100, 700, 1600, 1000))
    assert RapidEngine().recognise(crop)


def test_an_engine_nobody_knows_is_refused_by_name():
    with pytest.raises(EngineUnavailable, match="没有名为“oracle”的识别引擎"):
        engine("oracle")


@with_fonts
def test_tesseract_reads_the_page_too_where_it_is_installed():
    try:
        tesseract = engine("tesseract")
    except EngineUnavailable as missing:
        pytest.skip(str(missing))
    read = sealed_document()
    page = read_image(read.sheet.pages[-1], 1, tesseract)
    assert read.sheet.paper.written_date in plain(page.text)
    assert tesseract.version[0].isdigit()
