from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel.identifiers.id_number import (
    UNALLOCATED_REGION,
    IdNumberError,
    IdNumberFault,
    check_character,
    looks_damaged,
    make_id_number,
    parse_id_number,
)

BIRTHS = st.dates(date(1900, 1, 1), date(2025, 12, 31))
SAMPLE = str(make_id_number(UNALLOCATED_REGION, date(1987, 6, 5), 123))


def fault_of(text):
    with pytest.raises(IdNumberError) as refused:
        parse_id_number(text)
    return refused.value.fault


def test_the_standard_vector_has_check_character_x():
    assert check_character("11010519491231002") == "X"
    number = parse_id_number("11010519491231002x")
    assert (str(number), number.birth, number.sex, number.region) == (
        "11010519491231002X",
        date(1949, 12, 31),
        "2",
        "110105",
    )


@given(BIRTHS, st.integers(0, 999))
def test_a_made_number_reads_back_with_its_birth_and_sex(birth, serial):
    number = make_id_number(UNALLOCATED_REGION, birth, serial)
    read = parse_id_number(str(number))
    assert (read, read.birth, read.sex) == (number, birth, "1" if serial % 2 else "2")


@given(BIRTHS, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(birth, serial, position, shift):
    digits = list(str(make_id_number(UNALLOCATED_REGION, birth, serial)))
    digits[position] = str((int(digits[position]) + shift) % 10)
    with pytest.raises(IdNumberError):
        parse_id_number("".join(digits))


@given(st.dates(date(1910, 1, 1), date(1999, 12, 31)), st.integers(0, 999))
def test_a_fifteen_digit_number_is_lengthened_to_the_same_eighteen(birth, serial):
    number = make_id_number(UNALLOCATED_REGION, birth, serial)
    read = parse_id_number(number.value[:6] + number.value[8:17])
    assert read.value == number.value
    assert read.was_fifteen


@pytest.mark.parametrize(
    "writing",
    [
        " " + SAMPLE,
        SAMPLE[:6] + " " + SAMPLE[6:14] + "　" + SAMPLE[14:],
        "'" + SAMPLE,
        "‘" + SAMPLE,
        SAMPLE.translate({ord(str(d)): 0xFF10 + d for d in range(10)}),
        SAMPLE + "\u200b",
        "\ufeff" + SAMPLE + "\n",
        SAMPLE[:6] + "-" + SAMPLE[6:],
    ],
)
def test_every_usual_writing_is_read(writing):
    assert parse_id_number(writing).value == SAMPLE


@pytest.mark.parametrize("letter", ["x", "Ｘ", "ｘ", "×", "Х"])
def test_every_kind_of_x_is_read_as_x(letter):
    assert parse_id_number("11010519491231002" + letter).value == "11010519491231002X"


@pytest.mark.parametrize("text", ["330604198706050000", "3.30604E+17", "3.306041987060512e+17", "330604198706051000.0"])
def test_numbers_destroyed_by_a_spreadsheet_are_reported_and_never_repaired(text):
    assert looks_damaged(text)
    assert fault_of(text) is IdNumberFault.DAMAGED


@pytest.mark.parametrize("cell", [3.306991987060512e17, 330699198706051234])
def test_a_cell_holding_a_number_is_damaged_beyond_fifteen_digits(cell):
    assert fault_of(cell) is IdNumberFault.DAMAGED


def test_a_fifteen_digit_number_survives_in_a_numeric_cell():
    assert parse_id_number(330699870605123.0).value == SAMPLE


def test_a_sound_number_ending_in_zeros_is_read_but_marked_doubtful():
    births = (date(1980, 1, day) for day in range(1, 29))
    sound = next(n for n in (make_id_number(UNALLOCATED_REGION, b, 200) for b in births) if n.value.endswith("000"))
    assert parse_id_number(sound.value).ends_in_zeros
    assert not parse_id_number(SAMPLE).ends_in_zeros


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", IdNumberFault.EMPTY),
        ("　", IdNumberFault.EMPTY),
        ("33069919870605", IdNumberFault.LENGTH),
        (SAMPLE + "1", IdNumberFault.LENGTH),
        ("33069919870605O12X", IdNumberFault.CHARACTERS),
        ("X30699198706051234", IdNumberFault.CHARACTERS),
        ("330699198713051234", IdNumberFault.BIRTH),
        ("330699198702301234", IdNumberFault.BIRTH),
        ("330699179901011234", IdNumberFault.BIRTH),
        (SAMPLE[:17] + ("1" if SAMPLE[17] != "1" else "2"), IdNumberFault.CHECKSUM),
        ("ABC123456789012", IdNumberFault.FOREIGN),
        ("H12345678", IdNumberFault.FOREIGN),
        ("A123456789", IdNumberFault.FOREIGN),
        ("810000199408230021", IdNumberFault.FOREIGN),
        ("911124198108030024", IdNumberFault.FOREIGN),
    ],
)
def test_what_is_no_resident_number_is_refused_with_its_own_reason(text, fault):
    assert fault_of(text) is fault


def test_a_refusal_never_repeats_the_number_itself():
    with pytest.raises(IdNumberError) as refused:
        parse_id_number(SAMPLE[:17] + ("1" if SAMPLE[17] != "1" else "2"))
    assert SAMPLE[:17] not in str(refused.value)
    assert "校验码" in str(refused.value)


@pytest.mark.parametrize(("region", "serial"), [("33069", 1), ("33069A", 1), ("330699", -1), ("330699", 1000)])
def test_numbers_cannot_be_made_of_nonsense(region, serial):
    with pytest.raises(ValueError, match="region"):
        make_id_number(region, date(1987, 6, 5), serial)
