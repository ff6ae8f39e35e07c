"""A stack of scans divides at blank sheets, at separator sheets and at labelled first pages."""

from PIL import Image

from bianzhi.recognition.pieces import (
    FIRST_PAGE,
    SEPARATOR,
    codes_on,
    separator_sheet,
    split_by_barcode,
    split_by_blank,
)
from tests.recognition.reading import line, page_of

WRITTEN, BLANK = page_of(line("字", 0.1, 0.1, 0.03)), page_of(blank=True)


def test_blank_pages_divide_and_belong_to_nobody():
    pages = [BLANK, WRITTEN, WRITTEN, BLANK, BLANK, WRITTEN]
    assert split_by_blank(pages) == [range(2, 4), range(6, 7)]
    assert split_by_blank([WRITTEN]) == [range(1, 2)]
    assert split_by_blank([BLANK]) == []


def test_separator_sheets_are_left_out_and_labelled_pages_stay():
    page, label = Image.new("L", (800, 1100), 255), separator_sheet((800, 1100), FIRST_PAGE)
    stack = [page, separator_sheet(), page, page, label, page]
    assert split_by_barcode(stack) == [range(1, 2), range(3, 5), range(5, 7)]


def test_a_crooked_copy_of_a_separator_is_known_and_other_codes_divide_nothing():
    crooked = separator_sheet().convert("RGB").rotate(4, fillcolor="white").resize((827, 1169))
    assert codes_on(crooked) == {SEPARATOR}
    assert split_by_barcode([separator_sheet(text="https://www.example.cn/doc/17")]) == [range(1, 2)]
