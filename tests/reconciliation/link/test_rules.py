"""The rules officials read are the rules that ran."""

import json
import re
from pathlib import Path

import pytest

from bianzhi.reconciliation import link
from bianzhi.reconciliation.link.rules import DIGEST, RULES, read_rules

RULE = "- {{id: A, title: 甲, lane: {lane}, score: {score}, evidence: [乙], description: 丙。}}"


def test_every_rule_the_program_names_is_described_and_every_rule_described_is_named():
    source = "".join(path.read_text(encoding="utf-8") for path in Path(link.__path__[0]).glob("*.py"))
    named = {name for name in re.findall(r"['\"]([A-Z]+(?:_[A-Z]+)*)['\"]", source) if len(name) > 3}
    assert named >= set(RULES)


def test_rules_speak_chinese_to_officials():
    for rule in RULES.values():
        assert re.search(r"[一-鿿]", rule.title)
        assert rule.description.endswith("。")
    assert json.loads(RULES["ID_REPAIR"].evidence_json)["steps"][0]["title"] == "改正一处后校验正确"
    assert len(DIGEST) == 64


@pytest.mark.parametrize(("lane", "score"), [("maybe", 0.5), ("auto", 1.5)])
def test_a_rule_that_cannot_be_is_refused(lane, score):
    with pytest.raises(ValueError, match="not a rule of linking: A"):
        read_rules(RULE.format(lane=lane, score=score))


def test_a_rule_given_twice_is_refused():
    once = RULE.format(lane="auto", score=1)
    with pytest.raises(ValueError, match="not a rule of linking: A"):
        read_rules(f"{once}\n{once}")
