"""A searchable PDF looks like the scan and gives back exactly what was read."""

from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageStat

from bianzhi.recognition.document import Block, PageText, Word
from bianzhi.recognition.identify import format_by_code, identify
from bianzhi.recognition.preparing import upright
from bianzhi.recognition.reading import read_pages
from bianzhi.recognition.rendering import render_page
from bianzhi.recognition.searchable_pdf import write
from tests.recognition.reading import line, page_of, plain, sealed_document, with_fonts

PDF = format_by_code("pdf")


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    path: Path = tmp_path_factory.mktemp("searchable") / "a.pdf"
    write(_bound(), path)
    return path


def _bound() -> list[tuple[Image.Image, PageText]]:
    read = sealed_document()
    return [
        (upright(image, page.rotation, page.skew), page)
        for image, page in zip(read.sheet.pages, read.pages, strict=True)
    ]


@with_fonts
def test_the_text_comes_back_line_by_line_and_in_order(written):
    for before, after in zip(sealed_document().pages, read_pages(written, PDF, engine=None), strict=True):
        assert after.origin == "layer"
        assert [plain(word.text) for word in after.words] == [plain(word.text) for word in before.words]
        for mine, kept in zip(after.words, before.words, strict=True):
            assert mine.box == pytest.approx(kept.box, abs=0.006)


@with_fonts
def test_nothing_of_the_text_is_seen(written):
    for number, (image, _) in enumerate(_bound(), 1):
        drawn = render_page(written, PDF, number, 200)
        assert drawn.size == pytest.approx(image.size, abs=1)
        drawn = drawn.crop((0, 0, *image.size))
        assert ImageStat.Stat(ImageChops.difference(drawn, image.convert("RGB"))).mean < [4, 4, 4]


@with_fonts
def test_the_same_pages_give_the_same_file_and_it_is_fit_for_the_archive(written, tmp_path):
    write(_bound(), tmp_path / "b.pdf")
    assert (tmp_path / "b.pdf").read_bytes() == written.read_bytes()
    assert identify(written, "a.pdf").code == "pdf"
    assert b"/Linearized" in written.read_bytes()[:1024]


def test_rare_characters_single_ones_and_signs_come_back_exactly(tmp_path):
    lines = ("𠮷野家", "件", "9", "A1（甲）—〔2024〕", "a b")
    page = page_of(*(line(text, 0.1, 0.1 + 0.1 * place, 0.1 * len(text)) for place, text in enumerate(lines)))
    write([(Image.new("L", (1654, 2339), 255), page)], tmp_path / "c.pdf")
    with pypdfium2.PdfDocument(tmp_path / "c.pdf") as document:
        assert document[0].get_textpage().get_text_range().split("\r\n") == list(lines)
    assert next(read_pages(tmp_path / "c.pdf", PDF)).text == page.text


def test_a_page_without_text_is_a_picture_only(tmp_path):
    empty = PageText(1, 827, 1169, 100, 0, 0.0, True, "ocr", (Block("seal", (0.1, 0.1, 0.1, 0.1)),))
    write([(Image.new("RGB", (827, 1169), "white"), empty)], tmp_path / "d.pdf")
    with pypdfium2.PdfDocument(tmp_path / "d.pdf") as document:
        assert document[0].get_textpage().count_chars() == 0
        assert document[0].get_size() == pytest.approx((595.4, 841.7), abs=0.1)


def test_part_of_a_line_is_placed_by_its_characters_or_its_share():
    even = Word("一二三四", (0.2, 0.1, 0.4, 0.02))
    assert even.part(1, 3) == pytest.approx((0.3, 0.1, 0.2, 0.02))
    assert line(" 一二 ", 0.2, 0.1, 0.4, placed=True).cut(0, 4).text == "一二"
