"""The marks on a page: where the words of a question stand, and how a question is taken apart."""

import pytest

from bianzhi.archives.rules.marks import contains, marks_on, phrases_of, places_in
from bianzhi.recognition.document import Block, PageText, Word

FIRST = Word("关于核定市财政局机关行", (0.1, 0.1, 0.4, 0.02))
SECOND = Word("政编制的批复（云编［2026］9 号）", (0.1, 0.2, 0.8, 0.02))
PAGE = PageText(1, 1000, 1400, 100, 0, 0.0, False, "ocr", (Block("text", (0.1, 0.1, 0.8, 0.2), (FIRST, SECOND)),))


def test_a_phrase_is_marked_where_its_characters_stand():
    (box,) = marks_on(PAGE, "财政局")
    assert box == pytest.approx((0.1 + 0.4 * 5 / 11, 0.1, 0.4 * 3 / 11, 0.02))


def test_a_phrase_over_the_end_of_a_line_has_a_box_on_each():
    boxes = marks_on(PAGE, "机关行政编制")
    assert [box[1] for box in boxes] == [0.1, 0.2]


@pytest.mark.parametrize("written", ["云编〔2026〕9号", "云编[2026]9号", "云编【2026】９号", "云编（2026）9号"])
def test_a_document_number_is_marked_in_any_brackets_and_width(written):
    assert len(marks_on(PAGE, written)) == 1


def test_nothing_is_marked_for_a_phrase_that_is_not_there_or_no_question():
    assert marks_on(PAGE, "教育局") == []
    assert marks_on(PAGE, "  ") == []


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ("财政局 编制", ("财政局", "编制")),
        ("“行政编制 核定” AND 批复", ("行政编制核定", "批复")),
        ("财政局 NOT -教育局", ("财政局",)),
        ("title:批复*", ("批复",)),
        ("ABC", ("abc",)),
        ("财政局 财政局", ("财政局",)),
    ],
)
def test_a_question_is_taken_apart_into_what_is_to_be_marked(question, phrases):
    assert phrases_of(question) == phrases


def test_what_is_marked_in_the_text_is_what_was_looked_for():
    text = PAGE.text
    assert [text[first:end] for first, end in places_in(text, "行政编制 批复")] == ["行\n政编制", "批复"]
    assert contains(text, "行政编制")
    assert not contains(text, "教育局")


def test_a_common_character_is_not_marked_without_end():
    long = Word("的" * 2_000, (0.0, 0.0, 1.0, 0.1))
    page = PageText(1, 100, 100, 100, 0, 0.0, False, "ocr", (Block("text", long.box, (long,)),))
    assert len(marks_on(page, "的")) == 400
