"""The rules hold together: every predicate runs, every fact has a name, every finding reads as a sentence."""

import pytest

from bianzhi.reconciliation.findings import FACTS, KINDS
from bianzhi.reconciliation.findings.codes import code_of
from bianzhi.reconciliation.findings.hits import certain_sql, hits
from bianzhi.reconciliation.findings.rules import GROUPS
from bianzhi.reconciliation.findings.wide import make_person_wide, make_positions
from tests.reconciliation.people import engine_of, person


def test_every_rule_can_be_asked_of_person_wide():
    with engine_of(person("P", 1)) as engine:
        make_positions(engine)
        make_person_wide(engine)
        assert hits(engine) == []


@pytest.mark.parametrize("rule", KINDS.values(), ids=lambda rule: rule.code)
def test_a_finding_reads_as_a_sentence_even_where_nothing_is_known(rule):
    text = rule.explain({})
    assert "None" not in text
    assert text.endswith(("。", "）。"))
    assert rule.next_step.endswith("。")
    assert rule.words
    assert rule.basis


def test_all_classes_of_the_comparison_are_there():
    assert {rule.group for rule in KINDS.values()} == set(GROUPS)


def test_every_fact_is_used_by_some_rule():
    assert {name for rule in KINDS.values() for name in rule.facts} == set(FACTS)


def test_no_rule_about_units_accuses_where_a_unit_is_unknown():
    for rule in KINDS.values():
        if rule.guard == "clean" and "_unit" in rule.predicate:
            assert "unit_unknown = 0" in certain_sql(rule)


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("duty", "退休返聘", "retired"),
        ("duty", "在编不在岗", "on_quota"),
        ("duty", "已出编", "left"),
        ("duty", "编外", "non_quota"),
        ("duty", "延迟退休", "on_quota"),
        ("duty", "弹性延迟退休人员", "on_quota"),
        ("duty", "待退休", "on_quota"),
        ("duty", "弹性提前退休", "retired"),
        ("duty", "已调离", "left"),
        ("duty", "辞去公职", "left"),
        ("duty", "已调走", "left"),
        ("duty", "开除公职并除名", "left"),
        ("duty", "借调外单位", "on_quota"),
        ("duty", "内退", "on_quota"),
        ("duty", " ", None),
        ("duty", "天晓得", None),
        ("quota", "事业（工勤）", "工勤编制"),
        ("quota", "参公管理事业编制", "参公事业编制"),
        ("quota", "行政", "行政编制"),
        ("quota", "政法专项编制（员额法官）", "政法专项编制"),
        ("quota", "政法专项（员额检察官）", "政法专项编制"),
        ("quota", "员额法官", "政法专项编制"),
        ("quota", "事业编制（聘用合同制）", "事业编制"),
        ("quota", "事业编制（已备案）", "事业编制"),
        ("quota", "合同制", "编外"),
        ("quota", "备案制员额", "编外"),
        ("quota", "备案制编制", "编外"),
        ("quota", "员额制", "编外"),
        ("quota", "政法编外辅助人员", "编外"),
        ("quota", "合同制（不占编制）", "编外"),
        ("funding", "自收自支", "经费自理"),
        ("funding", "财政差额拨款", "财政差额补助"),
        ("sex", "女性", "女"),
        ("sex", "1", "男"),
    ],
)
def test_words_of_departments_are_sorted(kind, text, code):
    assert code_of(kind, text) == code
