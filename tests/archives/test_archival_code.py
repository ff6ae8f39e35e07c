"""档号: what a pattern may say, and the codes made of it (DA/T 13-2022, DA/T 22-2015)."""

import pytest

from bianzhi.archives.rules.archival_code import (
    DEFAULT_PATTERN,
    CodeParts,
    objections_to_number,
    objections_to_parts,
    objections_to_pattern,
    series_of,
    series_within,
    volume_series,
)

PARTS = CodeParts(fonds="330699", category="WS", year=2026, retention="D30", unit="CZJ")


def test_the_default_is_the_form_of_the_standard():
    assert objections_to_pattern(DEFAULT_PATTERN) == []
    assert series_of(DEFAULT_PATTERN, PARTS).code(1) == "330699-WS·2026-D30-CZJ-0001"


def test_numbers_beyond_four_digits_go_on():
    assert series_of(DEFAULT_PATTERN, PARTS).code(12345) == "330699-WS·2026-D30-CZJ-12345"


def test_items_of_one_series_differ_in_the_number_only():
    series = series_of(DEFAULT_PATTERN, PARTS)
    assert series.name == "330699-WS·2026-D30-CZJ-#"


def test_two_units_share_a_series_where_the_pattern_does_not_tell_them_apart():
    pattern = "{fonds}-{category}·{year}-{retention}-{item:04}"
    other = CodeParts(fonds="330699", category="WS", year=2026, retention="D30", unit="SJJ")
    assert series_of(pattern, PARTS) == series_of(pattern, other)


@pytest.mark.parametrize(
    "pattern",
    [
        "{fonds}-{item:04",
        "{fonds}-{category}",
        "{fonds}-{item}-{item}",
        "{category}-{item}",
        "{fonds.__class__}-{item}",
        "{fonds}-{item!r}",
        "{fonds:>9999999}-{item}",
        "{fonds}-{item:099999999}",
        "{fonds}-{nothing}-{item}",
        "{fonds}#{item}",
        "{fonds}-{item:{fonds}}",
    ],
)
def test_a_pattern_that_makes_no_code_is_refused(pattern):
    assert [objection.code for objection in objections_to_pattern(pattern)] == ["archives.pattern"]
    with pytest.raises(ValueError, match="no code"):
        series_of(pattern, PARTS)


def test_a_missing_part_is_named():
    (objection,) = objections_to_parts(DEFAULT_PATTERN, CodeParts(fonds="1", category="WS", year=2026, retention="Y"))
    assert "机构还没有" in objection.message


def test_a_part_the_pattern_does_not_ask_for_may_be_missing():
    assert objections_to_parts("{fonds}-{item}", CodeParts(fonds="1", category="", year=0, retention="")) == []


def test_volumes_are_numbered_and_items_within_them():
    volume = volume_series(PARTS).code(12)
    assert volume == "330699-WS·2026-D30-0012"
    assert series_within(volume).code(3) == "330699-WS·2026-D30-0012-003"


@pytest.mark.parametrize("number", ["", "33 06", "33/06", "-1", "{x}"])
def test_a_fonds_number_is_letters_and_digits(number):
    assert objections_to_number(number)


def test_a_usual_fonds_number_passes():
    assert objections_to_number("330699-BB") == []
