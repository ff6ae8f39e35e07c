"""A PDF somebody keeps bears who took it: over every page, and in its properties."""

import io

import pikepdf
import pypdfium2

from bianzhi.archives.pdf_marks import marked
from bianzhi.common.web.releasing import Mark

MARK = Mark("DA20261127-0a1b2c3d", "人员clerk（clerk）2026-11-27 09:00 导出，编号 DA20261127-0a1b2c3d")


def blank(path, sizes=((595, 842), (842, 595))):
    with pikepdf.new() as book:
        for size in sizes:
            book.add_blank_page(page_size=size)
        book.save(path)
    return path


def darkest(data: bytes, page: int) -> int:
    with pypdfium2.PdfDocument(data) as book:
        lowest: int = book[page].render(scale=1).to_pil().convert("L").getextrema()[0]
        return lowest


def test_every_page_is_marked_and_stays_readable(tmp_path):
    path = blank(tmp_path / "plain.pdf")
    data = marked(path.open("rb"), MARK).read()
    for page in (0, 1):
        assert darkest(path.read_bytes(), page) == 255
        assert 120 < darkest(data, page) < 250, "to be seen, but what lies below stays readable"


def test_the_number_stands_in_the_document_and_the_kept_file_stays_as_it_is(tmp_path):
    path = blank(tmp_path / "plain.pdf")
    before = path.read_bytes()
    with pikepdf.open(io.BytesIO(marked(path.open("rb"), MARK).read())) as book:
        assert str(book.docinfo["/Keywords"]) == MARK.number
        assert str(book.docinfo["/Subject"]) == MARK.words
    assert path.read_bytes() == before
