import pytest

from bianzhi.kernel.identifiers.credit_code import make_credit_code
from bianzhi.kernel.masking import mask_id_number, mask_name, mask_numbers, mask_phone


def test_an_id_number_shows_only_its_region_and_last_character():
    assert mask_id_number("33069919870605123X") == "330699***********X"
    assert len(mask_id_number("330699870605123")) == 15


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张三", "张*"), ("张小三", "张**"), ("欧阳修文", "欧阳**"), ("欧阳", "欧*"), ("", ""), ("𠮷田", "𠮷*")],
)
def test_a_name_shows_only_its_surname(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800001234", "138****1234"),
        ("138 0000 1234", "138****1234"),
        ("0575-82210000", "**********00"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_a_phone_number_shows_too_little_to_be_called(phone, masked):
    assert mask_phone(phone) == masked


@pytest.mark.parametrize("short", ["", "1", "33069919"])
def test_a_broken_id_number_is_masked_whole(short):
    assert mask_id_number(short) == "*" * len(short)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("张三，身份证号330699198706050011。", "张三，身份证号330699***********1。"),
        ("3306991987\n06050011", "330699***********1"),
        ("号码 3 3 0 6 9 9 1 9 8 7 0 6 0 5 0 0 1 x 止", "号码 330699***********x 止"),
        ("电话19912345678、199-1234-5678", "电话199****5678、199****5678"),
        ("搜索：330699198706050011 19912345678", "搜索：330699***********1 199****5678"),
    ],
)
def test_numbers_of_people_in_a_text_are_masked_also_as_a_page_prints_them(text, masked):
    assert mask_numbers(text) == masked


@pytest.mark.parametrize(
    "text",
    ["", "编办〔2026〕7号", "1" * 64, "20261127235223", "sha256:" + "330699198706050011" * 3, "共 1234567890 元"],
)
def test_other_figures_stay(text):
    assert mask_numbers(text) == text


def test_a_credit_code_that_looks_like_an_id_number_stays():
    codes = (make_credit_code("1", "330120", serial).value for serial in range(26_010_100, 26_010_200))
    alike = [code for code in codes if code.isdigit()]
    assert alike
    assert [mask_numbers(f"代码 {code}") for code in alike] == [f"代码 {code}" for code in alike]
