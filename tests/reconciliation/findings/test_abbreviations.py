"""Short names of units that nobody could learn from people."""

import pytest

from bianzhi.reconciliation.findings.abbreviations import is_abbreviation, read_abbreviations

UNITS = [
    "新青区文浦镇中学",
    "新青区文浦镇中心幼儿园",
    "章安区盖兴街道初级中学",
    "中共驿兴区委办公室",
    "驿兴区人民政府办公室",
]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("新青文浦中学", "新青区文浦镇中学", True),
        ("章安盖兴初中", "章安区盖兴街道初级中学", True),
        ("文浦新青中学", "新青区文浦镇中学", False),
        ("中学", "新青区文浦镇中学", False),
    ],
)
def test_an_abbreviation_keeps_the_order_of_the_characters(text, name, expected):
    assert is_abbreviation(text, name) is expected


def test_a_text_is_read_only_as_the_one_unit_it_may_mean():
    texts = ["新青文浦中学", "驿兴办公室", "水利局水利站"]
    assert read_abbreviations(texts, UNITS) == [("新青文浦中学", "新青区文浦镇中学")]
