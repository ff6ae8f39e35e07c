"""What the forms of 机构编制 matters say (pure): tables, ids, ranks, the deciding papers."""

import pytest

from bianzhi.matters.rules import establishment as said
from bianzhi.matters.rules.establishment import DecidedBy

OWN = {"doc_no": "虞编〔2026〕5号", "issuer_level": "commission"}
OFFICE = {"doc_no": "虞编办〔2026〕5号", "issuer_level": "office"}
UPPER = {"doc_no": "绍市编〔2026〕8号", "issuer_level": "upper"}


def codes(objections):
    return [objection.code for objection in objections]


def test_rows_nobody_filled_in_are_passed_over():
    form = {"quota": [{"quota_type": "A1", "amount": 2}, {"quota_type": "", "amount": None}, "不是一行"]}
    assert said.rows(form, "quota") == [{"quota_type": "A1", "amount": 2}]
    assert said.rows({"quota": "不是表格"}, "quota") == []
    assert said.rows({}, "quota") == []


def test_amounts_of_one_type_are_added_up_and_zero_is_an_answer():
    form = {
        "quota": [
            {"quota_type": "A1", "amount": 2},
            {"quota_type": "A1", "amount": 3},
            {"quota_type": "B1", "amount": 0},
            {"quota_type": "C1", "amount": "三"},
        ]
    }
    assert said.amounts(form, "quota") == {"A1": 5, "B1": 0}
    assert said.in_words({"A1": 5, "org_deputy": 2}) == "行政编制 5 名、副职 2 名"


def test_what_is_no_id_yet_names_nothing():
    form = {"units": [{"unit": 3}, {"unit": "查找中"}, {"unit": 3}, {"unit": 4}, {"unit": True}], "target": "查找中"}
    assert said.ids(form, "units", "unit") == [3, 4]
    assert said.identifier(form, "target") is None


@pytest.mark.parametrize(
    ("ranks", "number"), [(["141", "151"], 141), (["191"], 191), (["", "142"], 142), ([], 199), (["查找中"], 199)]
)
def test_the_highest_rank_is_a_number_conditions_compare(ranks, number):
    assert said.rank_number(ranks) == number


def test_organs_are_neither_institutions_nor_companies():
    assert [said.is_organ(kind) for kind in ("10", "31", "70", "80", "90", "")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_row_written_twice_is_told():
    form = {"people": [{"person": 1}, {"person": 1}, {"person": 2}]}
    assert codes(said.objections_to_doubles(form, "people", "person", "人员")) == ["D2"]
    assert said.objections_to_doubles(form, "bodies", "body", "科室") == []


def test_what_a_formal_request_lacks_is_told_at_once():
    (objection,) = said.objections_to_missing(
        {"duties": "x"}, {"duties": "职责", "quota": "编制", "posts": "职数"}, paper="请示"
    )
    assert "编制、职数" in objection.message
    assert said.objections_to_missing({"quota": [1]}, {"quota": "编制"}, paper="请示") == []


def test_one_of_two_and_only_one():
    assert said.either({"a": 1}, ("a", "b"), "甲和乙") == []
    assert codes(said.either({}, ("a", "b"), "甲和乙")) == ["D2"]
    assert "不能同时" in said.either({"a": 1, "b": 2}, ("a", "b"), "甲和乙")[0].message


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        (DecidedBy("office", OFFICE, None), []),
        (DecidedBy("office", OWN, None), []),
        (DecidedBy("commission", OWN, None), []),
        (DecidedBy("commission", OFFICE, None), ["R10"]),
        (DecidedBy("government", OFFICE, None), ["R10"]),
        (DecidedBy("commission", None, None), ["D2"]),
        (DecidedBy("upper", OWN, UPPER), []),
        (DecidedBy("upper", OWN, None), ["R10"]),
        (DecidedBy("upper", OWN, OWN), ["R10"]),
        (DecidedBy("upper", None, UPPER), ["D2"]),
    ],
)
def test_the_deciding_papers_are_of_the_level_the_matrix_demands(decided, expected):
    assert codes(said.objections_to_decision(decided)) == expected
