"""Headings as provinces, districts and ministries have written them over the years."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from bianzhi.common.tabular.headings import exact_claims
from bianzhi.common.tabular.kinds import ValueKind
from bianzhi.common.tabular.recognising import recognise
from bianzhi.imports.recognition.kinds import KINDS, LEDGER_HISTORY, ORGANIZATIONS
from bianzhi.imports.recognition.wordings import choices, settled_quota_type
from bianzhi.ledger.rules.quota_types import quota_types
from tests.common.tabular.tables import opened, parsed


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_keys_and_labels_are_unique_and_choices_have_lists(kind):
    assert [key for key, times in Counter(one.key for one in kind.fields).items() if times > 1] == []
    assert [label for label, times in Counter(one.label for one in kind.fields).items() if times > 1] == []
    assert all(one.choices for one in kind.fields if one.kind is ValueKind.CHOICE)
    known = {one.key for one in kind.fields}
    assert set(kind.identity) <= known
    assert {key for group in kind.needs_one_of for key in group} <= known
    assert not kind.headline or kind.headline in known


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_first_claim_to_a_label_is_the_field_of_that_label(kind):
    for one in kind.fields:
        claims = exact_claims(kind, (one.label,))
        assert max(claims, key=lambda key: claims[key]) == one.key


def test_every_quota_type_of_the_ledger_has_columns_and_wordings():
    for code, quota in quota_types().items():
        assert f"approved.{code}" in ORGANIZATIONS.by_key
        assert f"increase.{code}" in LEDGER_HISTORY.by_key
        read = choices("quota_type", closed=True).read
        assert read(quota.label) == code
        assert read(quota.short) == code
        assert read(code) == code


HEADINGS = tomllib.loads(Path(__file__).with_name("headings.toml").read_text(encoding="utf-8"))
CASES = [
    pytest.param(KINDS[key], text, id=f"{key}-{name}")
    for key, named in HEADINGS.items()
    for name, text in named.items()
]


@pytest.mark.parametrize(("kind", "headings"), CASES)
def test_tables_of_many_places_are_understood(kind, headings):
    pairs = [pair.split("*") for pair in headings.split()]
    found = recognise(opened({"表": [[heading for heading, _ in pairs], ["甲"] * len(pairs)]}), kind).sheets[0]
    expected = {heading: field for heading, field in pairs if field}
    assert {match.heading: match.field for match in found.columns if match.heading in expected} == expected
    assert found.missing == ()


def test_organisations_come_as_wide_columns_or_one_quota_type_a_row():
    wide = parsed(
        [["部门", "级别", "行政编制数", "事业编制核定数", "领导职数"], ["甲局", "正科级", 10, 3, 4]], ORGANIZATIONS
    )
    assert wide.rows[0].values == {"name": "甲局", "rank": "141", "approved.A1": 10, "approved.B": 3, "posts.total": 4}
    long = parsed([["单位名称", "编制类型", "核定编制数"], ["甲局", "行政编制", 10], ["", "工勤", 1]], ORGANIZATIONS)
    assert [(row.get("name"), row.get("quota_type"), row.get("approved.total")) for row in long.rows] == [
        ("甲局", "A1", 10),
        ("甲局", "C1", 1),
    ]


@pytest.mark.parametrize(
    ("quota_type", "funding", "institution_class", "settled"),
    [
        ("B", "", "", "B1"),
        ("B", "partial", "", "B2"),
        ("B", "self", "84", "B3"),
        ("B", "full", "81", "B4"),
        ("A1", "partial", "81", "A1"),
    ],
)
def test_an_institution_quota_without_more_is_settled_by_class_and_funding(
    quota_type, funding, institution_class, settled
):
    assert settled_quota_type(quota_type, funding_form=funding, institution_class=institution_class) == settled
