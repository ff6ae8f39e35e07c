"""Form fields as data, and reading what was typed into them."""

import json
from dataclasses import replace

import pytest

from bianzhi.matters.rules.approvers import BY_OFFICE, ApproverRule, goes_above, who_decides
from bianzhi.matters.rules.cleaning import clean
from bianzhi.matters.rules.evidence import EvidenceSpec, evidence_from_json, evidence_to_json, objections_to_evidence
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only, by_section, specs_from_json, specs_to_json
from bianzhi.workflow.rules.conditions import holds

DOCUMENT = {
    "doc_no": "虞编办[2026]008",
    "title": "关于某事的批复",
    "issuer": "区委编办",
    "issuer_level": "office",
    "kind": "reply",
    "issued_on": "2026年3月2日",
}
SPECS = (
    FieldSpec("name", Kind.TEXT, "姓名", required=True, max_length=10, section="人员"),
    FieldSpec("count", Kind.INTEGER, "人数", minimum=1, maximum=20),
    FieldSpec("since", Kind.DAY, "日期"),
    FieldSpec("mode", Kind.CHOICE, "方式", options=(("a", "甲"), ("b", "乙")), section="方式"),
    FieldSpec("why", Kind.TEXTAREA, "理由", required=True, only=Only("mode", ("b",))),
    FieldSpec("sure", Kind.YES_NO, "确认"),
    FieldSpec("person", Kind.PERSON, "人员"),
    FieldSpec("document", Kind.DOCUMENT, "依据文件"),
    FieldSpec("papers", Kind.EVIDENCE, "材料"),
    FieldSpec(
        "rows",
        Kind.TABLE,
        "明细",
        columns=(
            FieldSpec("quota_type", Kind.QUOTA_TYPE, "编制类型", required=True),
            FieldSpec("count", Kind.INTEGER, "人数", required=True),
        ),
    ),
)


def codes(found):
    return [objection.code for objection in found]


def test_specs_survive_the_way_into_json_and_back():
    assert specs_from_json(json.loads(json.dumps(specs_to_json(SPECS)))) == SPECS


def test_evidence_survives_the_way_into_json_and_back():
    specs = (EvidenceSpec("a", "甲", only=Only("mode", ("a",))), EvidenceSpec("b", "乙", required=False, locked=True))
    assert evidence_from_json(json.loads(json.dumps(evidence_to_json(specs)))) == specs


def test_values_become_json_as_officials_wrote_them():
    given = {
        "name": " 张 三\u200b",
        "count": "１２人",
        "since": "2026年3月2日",
        "sure": "是",
        "person": "7",
        "document": DOCUMENT,
        "papers": ["原件", "原件"],
        "rows": [{"quota_type": "A1", "count": "3"}, {"quota_type": "", "count": ""}],
    }
    cleaned = clean(SPECS, given)
    assert cleaned.objections == []
    assert cleaned.values == {
        "name": "张 三",
        "count": 12,
        "since": "2026-03-02",
        "sure": True,
        "person": 7,
        "document": {**DOCUMENT, "doc_no": "虞编办〔2026〕8号", "issued_on": "2026-03-02"},
        "papers": ["原件"],
        "rows": [{"quota_type": "A1", "count": 3}],
    }


def test_what_is_missing_is_named_in_one_objection():
    cleaned = clean(SPECS, {"mode": "b", "rows": [{"quota_type": "A1"}]})
    assert codes(cleaned.objections) == ["M01", "M01"]
    assert "姓名、理由" in cleaned.objections[0].message
    assert "“明细”第 1 行未填写：人数" in cleaned.objections[1].message


def test_a_field_that_is_not_asked_for_is_neither_required_nor_kept():
    cleaned = clean(SPECS, {"name": "张三", "mode": "a", "why": "从前写的"})
    assert cleaned.objections == []
    assert "why" not in cleaned.values


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("name", "字" * 11, "最多 10 个字，现为 11 个字"),
        ("count", "21", "不大于 20"),
        ("count", "0", "不小于 1"),
        ("count", "三点五", "“人数”"),
        ("since", "2026-02-30", "“日期”"),
        ("mode", "c", "请从列表中选择"),
        ("sure", "也许", "请选择是或否"),
        ("person", "张三", "请从列表中选择"),
        ("person", "9" * 40, "请从列表中选择"),
        ("document", {**DOCUMENT, "title": ""}, "缺少标题"),
        ("document", "虞编办〔2026〕8号", "应为批准文件"),
        ("papers", "原件", "应为材料清单"),
        ("rows", "A1", "不是表格"),
        ("rows", [{"quota_type": "Z9", "count": 1}], "“明细”第 1 行“编制类型”"),
    ],
)
def test_what_can_not_be_read_is_told_and_a_draft_keeps_it(name, value, words):
    cleaned = clean(SPECS, {"name": "张三", name: value}, complete=False)
    assert codes(cleaned.objections) == ["M02"]
    assert words in cleaned.objections[0].message
    if name != "rows" or isinstance(value, list):
        assert cleaned.values[name] == value


def test_a_mark_of_secrecy_in_any_text_refuses_the_form():
    cleaned = clean(SPECS, {"name": "张三", "document": {**DOCUMENT, "title": "机密★关于某事"}})
    assert codes(cleaned.objections) == ["R27"]


def test_a_form_too_large_to_keep_is_refused_and_names_of_other_forms_are_dropped():
    specs = (FieldSpec("text", Kind.TEXTAREA, "正文", max_length=500_000),)
    cleaned = clean(specs, {"text": "长" * 200_000, "stray": "x"}, complete=False)
    assert codes(cleaned.objections) == ["M03"]
    assert set(cleaned.values) == {"text"}


def test_a_table_longer_than_it_may_be_is_refused():
    specs = (replace(SPECS[-1], maximum=2),)
    cleaned = clean(specs, {"rows": [{"quota_type": "A1", "count": 1}] * 3})
    assert codes(cleaned.objections) == ["M03"]


def test_sections_follow_the_order_of_the_fields_and_leave_hidden_ones_out():
    hidden = replace(SPECS[1], hidden=True)
    found = by_section([SPECS[0], hidden, *SPECS[2:5]])
    assert [(title, [spec.name for spec in specs]) for title, specs in found] == [
        ("人员", ["name", "since"]),
        ("方式", ["mode", "why"]),
    ]


def test_missing_papers_are_told_once_and_only_those_the_form_asks_for():
    specs = (
        EvidenceSpec("a", "甲文件"),
        EvidenceSpec("b", "乙文件", only=Only("mode", ("b",))),
        EvidenceSpec("c", "丙文件", required=False),
    )
    assert objections_to_evidence(specs, {"mode": "a"}, ["a"]) == []
    told = objections_to_evidence(specs, {"mode": "b"}, [])
    assert len(told) == 1
    assert "甲文件、乙文件" in told[0].message


def test_the_first_rule_that_holds_says_who_decides():
    rules = (
        ApproverRule("upper", "报上级", "rank <= 142"),
        ApproverRule("commission", "由编委审批", 'kind in ("a", "b")'),
    )
    assert who_decides(rules, {"rank": 142}, holds).level == "upper"
    assert who_decides(rules, {"rank": 151, "kind": "a"}, holds).level == "commission"
    assert who_decides(rules, {"rank": 151}, holds) == BY_OFFICE
    assert goes_above("government", "commission")
    assert not goes_above("office", "commission")


def test_what_no_database_keeps_is_dropped_from_every_text():
    cleaned = clean(SPECS, {"name": "张\x00三\ud800", "since": "\x00\ud800", "why": {"a\x00": "\x00"}}, complete=False)
    assert cleaned.values["name"] == "张三"
    assert cleaned.values["since"] == ""
    assert cleaned.values["why"] == {"a": ""}
