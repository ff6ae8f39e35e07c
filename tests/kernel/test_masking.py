import pytest

from bianzhi.kernel.masking import mask_id_number, mask_name, mask_phone


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
