"""Text is cut into units that are the same however it was typed, scanned or broken into lines."""

import pytest

from bianzhi.fulltext.numbers import fold_number
from bianzhi.fulltext.passages import marked
from bianzhi.fulltext.syntax import parse, words_in
from bianzhi.fulltext.units import covering, pairs_of, units_of, words_of


def test_chinese_is_cut_by_characters_and_words_by_words():
    assert units_of("渔业A12许可证 ABC") == ["渔", "业", "a12~", "许", "可", "证", "abc~"]


@pytest.mark.parametrize("written", ["〔2024〕12号", "[2024]12号", "（2024）12 号", "【2024】１２号", "(2024) 12\n号"])
def test_a_number_is_the_same_in_any_brackets(written):
    assert units_of(f"云编发{written}") == ["云", "编", "发", "_", "2024~", "_", "12~", "号"]


def test_a_line_break_within_a_sentence_is_no_unit():
    assert units_of("行政许\n可") == units_of("行政许可")


def test_punctuation_is_one_unit_however_much_there_is_of_it():
    assert units_of("渔业……（许可") == ["渔", "业", "_", "许", "可"]


def test_words_do_not_run_into_each_other_as_pairs():
    assert set(pairs_of(units_of("ab c"))).isdisjoint(pairs_of(units_of("a bc")))


def test_characters_beyond_the_first_plane_are_units_like_others():
    assert units_of("𠮷𫖯") == ["𠮷", "𫖯"]


def test_punctuation_at_the_ends_of_a_question_is_of_no_account():
    assert words_of("《渔业法》") == ["渔", "业", "法"]
    assert words_of("《》") == []


@pytest.mark.parametrize(
    ("text", "question", "found"),
    [
        ("第１２号（ＡＢ）文", "12号(ab)文", "１２号（ＡＢ）文"),
        ("行政许\n可证", "许可", "许\n可"),
        ("第112号", "12", None),
        ("气温℃，第12号", "第12号", "第12号"),
        ("ﬁne 2024年", "2024", "2024"),
    ],
)
def test_what_is_found_is_marked_where_it_stands_in_the_text_as_given(text, question, found):
    spans = marked(text, words_in(parse(question))).spans
    assert [text[start:end] for start, end in spans] == ([] if found is None else [found])


@pytest.mark.parametrize("count", range(2, 12))
def test_covering_pairs_leave_no_unit_out(count):
    places = covering(count)
    assert {unit for place in places for unit in (place, place + 1)} == set(range(count))
    assert len(places) == -(-count // 2)


def test_numbers_fold_to_one_writing():
    assert fold_number("云编发（2024）12 号") == fold_number("云编发[２０２４]12号") == "云编发〔2024〕12号"
