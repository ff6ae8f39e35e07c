"""The page on who decides says what the shipped matters say."""

from pathlib import Path

import pytest

from bianzhi.matters.catalogue import MATTERS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "approver-matrix.md"
RULES = sorted({(rule.when, rule.level, rule.words) for matter in MATTERS.values() for rule in matter.approvers})
FACTS = sorted({name for code, matter in MATTERS.items() if code >= "P07" for name in matter.facts if code < "P11"})


@pytest.mark.parametrize(("when", "level", "words"), RULES)
def test_every_row_of_the_matrix_is_on_its_page(when, level, words):
    condition = f"`{when}`" if when else "其余"
    assert f"| {condition} | `{level}` | {words} |" in PAGE.read_text("utf-8")


@pytest.mark.parametrize("code", sorted(MATTERS))
def test_the_last_row_of_every_matter_always_holds(code):
    assert not MATTERS[code].approvers[-1].when


@pytest.mark.parametrize("name", FACTS)
def test_every_fact_of_an_establishment_matter_is_explained(name):
    assert f"`{name}`" in PAGE.read_text("utf-8")
