import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel.identifiers.credit_code import (
    ALPHABET,
    CreditCodeError,
    make_credit_code,
    organisation_check_character,
    parse_credit_code,
)

PUBLISHED = "11330600002577014T"  # printed on a city's own web site


def test_a_published_code_is_sound_and_tells_its_parts():
    code = parse_credit_code(PUBLISHED)
    assert code.is_sound
    assert (code.authority, code.kind, code.region, code.organisation_code) == (
        "机构编制",
        "机关",
        "330600",
        "002577014",
    )
    assert organisation_check_character("00257701") == "4"


@pytest.mark.parametrize(
    "writing",
    ["11330600002577014t", "１１３３０６００００２５７７０１４Ｔ", "1133 0600 0025 7701 4T", "11330600-00257701-4T"],
)
def test_every_usual_writing_is_read(writing):
    assert parse_credit_code(writing).value == PUBLISHED


@given(st.sampled_from("1239"), st.integers(0, 10**8 - 1), st.integers(0, 17), st.integers(1, 30))
def test_made_codes_are_sound_and_any_single_wrong_character_is_noticed(kind, serial, position, shift):
    code = make_credit_code(kind, "330699", serial).value
    assert parse_credit_code(code).is_sound
    wrong = code[:position] + ALPHABET[(ALPHABET.index(code[position]) + shift) % 31] + code[position + 1 :]
    with pytest.raises(CreditCodeError):
        parse_credit_code(wrong)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "未填写"),
        ("1133060000257701", "现为 16 位"),
        ("1133O600002577014T", "「O」"),
        ("11A30600002577014T", "行政区划"),
        ("11330600002577014U", "第 18 位"),
        ("12330600002577024T", "第 17 位"),
    ],
)
def test_a_faulty_code_is_refused_with_its_own_reason(text, reason):
    with pytest.raises(CreditCodeError, match=reason):
        parse_credit_code(text)


def test_a_pilot_year_code_may_be_kept_with_its_faults_flagged():
    code = parse_credit_code("11330600002577014U", allow_flagged=True)
    assert not code.is_sound
    assert code.flags == ("第 18 位（校验码）不符",)


def test_flags_never_excuse_a_wrong_shape():
    with pytest.raises(CreditCodeError, match="位"):
        parse_credit_code("1133", allow_flagged=True)


@pytest.mark.parametrize(("kind", "region", "serial"), [("7", "330699", 1), ("1", "3306", 1), ("1", "330699", 10**8)])
def test_codes_cannot_be_made_of_nonsense(kind, region, serial):
    with pytest.raises(ValueError, match="cannot make"):
        make_credit_code(kind, region, serial)


def test_a_code_of_another_authority_has_no_establishment_kind():
    assert parse_credit_code("91330600002577014T", allow_flagged=True).kind == ""
