from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel.numbers import NumberError, chinese_digits_to_ascii, parse_chinese_number, parse_whole_number

UNITS = ["", "十", "百", "千"]
DIGITS = "零一二三四五六七八九"


def in_chinese(number):
    """Written out the long way: 10203 is 一万零二百零三."""
    if number >= 10_000:
        tail = number % 10_000
        gap = "零" if 0 < tail < 1000 else ""
        return in_chinese(number // 10_000) + "万" + (gap + in_chinese(tail) if tail else "")
    text, waiting = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if waiting else "") + DIGITS[digit] + UNITS[place]
        waiting = bool(text) and (waiting or not digit) and not digit
    return text or "零"


@pytest.mark.parametrize(
    "writing",
    [
        "12",
        "１２",
        "12.0",
        "12.",
        "12人",
        "12名",
        " 12 ",
        "十二",
        "12个",
        "12（个）",
        "共12人",
        "12个编制",
        "+12",
        12,
        12.0,
        "'12",
        "1.2E1",
        "拾贰",
        "012",
    ],
)
def test_every_usual_writing_of_twelve_is_read(writing):
    assert parse_whole_number(writing) == 12


@pytest.mark.parametrize(
    ("writing", "number"),
    [
        ("1,234", 1234),
        ("1，234", 1234),
        ("二十三", 23),
        ("一百零五", 105),
        ("一百一十", 110),
        ("两百", 200),
        ("二千零五十", 2050),
        ("一万二千", 12000),
        ("廿三", 23),
        ("二〇", 20),
        ("十", 10),
        ("三百五十", 350),
    ],
)
def test_larger_and_chinese_numbers_are_read(writing, number):
    assert parse_whole_number(writing) == number


@pytest.mark.parametrize("blank", [None, "", " ", "　", "-", "—", "无", "/"])
def test_a_blank_is_not_a_nought(blank):
    assert parse_whole_number(blank) is None


@pytest.mark.parametrize("nought", ["0", 0, 0.0, "０", "零", "0人"])
def test_a_nought_is_not_a_blank(nought):
    assert parse_whole_number(nought) == 0


@pytest.mark.parametrize(
    ("writing", "reason"),
    [
        ("12.5", "小数"),
        (12.5, "小数"),
        ("-3", "负数"),
        (-3, "负数"),
        ("3-5", "范围"),
        ("3+2", "范围"),
        ("若干", "阿拉伯数字"),
        ("编制", "阿拉伯数字"),
        ("三百五", "规范"),
        ("一万二", "规范"),
        ("百二", "规范"),
        ("330699198706051234", "位数过多"),
        ("1e300", "位数过多"),
        (1e15, "位数过多"),
        ("一" * 5_000, "位数过多"),
        (float("nan"), "小数"),
        (float("inf"), "小数"),
        (True, "不是整数"),
        ([1], "不是整数"),
        ("十十", "规范"),
        ("一万零二万", "规范"),
        ("1,23", "阿拉伯数字"),
    ],
)
def test_what_is_no_whole_number_is_refused_with_its_own_reason(writing, reason):
    with pytest.raises(NumberError, match=reason):
        parse_whole_number(writing)


def test_negative_numbers_pass_where_they_are_meant():
    assert parse_whole_number("-3", negative=True) == parse_whole_number("－3", negative=True) == -3


@given(st.integers(0, 99_999))
def test_numbers_survive_their_chinese_writing(number):
    assert parse_chinese_number(in_chinese(number)) == number


@given(st.integers(-(10**12), 10**12))
def test_numbers_survive_their_grouped_writing(number):
    assert parse_whole_number(f"{number:,}", negative=True) == number


@given(st.text(max_size=10) | st.text("十百千万零一二三两廿〇1.,人-+eE", max_size=10) | st.floats())
def test_nothing_makes_the_reader_stumble(value):
    with suppress(NumberError):
        parse_whole_number(value)


def test_chinese_numerals_inside_a_text_become_arabic():
    assert chinese_digits_to_ascii("二〇二五年十二月三日") == "2025年12月3日"
    assert chinese_digits_to_ascii("百二十年") == "百二十年"
