import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel.identifiers.document_number import parse_document_number, standard_document_number


@pytest.mark.parametrize(
    "writing",
    [
        "虞编办〔2025〕12号",
        "虞编办[2025]12号",
        "虞编办(2025)12号",
        "虞编办（2025）12号",
        "虞编办［2025］12号",
        "虞编办【2025】12号",
        "虞编办〈2025〉12号",
        "虞编办{2025}12号",
        "虞编办「2025」12号",
        "虞编办《2025》12号",
        "虞编办<2025>12号",
        "虞编办〔２０２５〕１２号",
        " 虞编办 〔 2025 〕 第 12 号 ",
        "虞编办〔2025〕12",
        "虞编办〔2025〕第012号",
        "虞编办〔2025年〕12号",
        "虞编办〔2025)12号",
        "虞编办〔2025〕No.12号",
        "\ufeff虞编办〔2025〕12号",
    ],
)
def test_every_usual_writing_becomes_the_standard_one(writing):
    number = parse_document_number(writing)
    assert number.is_standard
    assert number.remark == ""
    assert (number.text, number.agency, number.year, number.serial) == ("虞编办〔2025〕12号", "虞编办", 2025, 12)


@given(st.text("虞编委办政发组人社", min_size=1, max_size=6), st.integers(1949, 2099), st.integers(1, 9999))
def test_a_standard_number_reads_back_as_itself(agency, year, serial):
    number = standard_document_number(agency, year, serial)
    assert parse_document_number(number.text) == number


@pytest.mark.parametrize(
    "writing",
    [
        "（1999）虞编字第7号",
        "虞政办发2003-12号",
        "1987年县编委会议纪要第3号",
        "虞编办〔25〕12号",
        "三定规定",
        "虞编〔2001〕12号附件",
        "虞编〔2001〕",
    ],
)
def test_an_unusual_number_is_kept_as_it_was_written(writing):
    number = parse_document_number(writing)
    assert not number.is_standard
    assert number.text == writing
    assert (number.agency, number.year, number.serial) == ("", None, None)
    assert writing in number.remark


def test_an_old_agency_code_keeps_its_character():
    assert parse_document_number("虞编字[1999]7号").text == "虞编字〔1999〕7号"


def test_a_blank_is_blank():
    assert parse_document_number(" 　").text == ""
    assert parse_document_number("").remark == "未填写文号"


@pytest.mark.parametrize("writing", ["虞编办[2025]12号", "虞编办2025 12号", "虞编办（2025）第12号"])
def test_writings_of_one_number_share_a_key(writing):
    assert parse_document_number(writing).matching_key == parse_document_number("虞编办〔2025〕12号").matching_key


def test_different_numbers_have_different_keys():
    keys = {
        parse_document_number(f"虞编{a}〔{y}〕{n}号").matching_key
        for a in ("", "办")
        for y in (2024, 2025)
        for n in (1, 12)
    }
    assert len(keys) == 8
