"""Contracts: read from JSON with every problem named, compiled to SQL both engines know, turned back, compared."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bianzhi.kernel.identifiers.id_number import check_character
from bianzhi.reconciliation.contracts.checks import checks_of, counting_sql, examples_sql, prepared_sql, repeated_sql
from bianzhi.reconciliation.contracts.columns import COLUMN_LABELS
from bianzhi.reconciliation.contracts.defaults import default_schema
from bianzhi.reconciliation.contracts.differences import differences
from bianzhi.reconciliation.contracts.inverse import own_codes, own_headings
from bianzhi.reconciliation.contracts.model import Format
from bianzhi.reconciliation.contracts.parsing import ContractError, parse_contract
from bianzhi.reconciliation.sources import DEPARTMENT_CODES, ROSTER_COLUMNS
from bianzhi.reconciliation.sql.dialect import check


def _schema(**changes: Any) -> dict[str, Any]:
    return {**default_schema("finance"), **changes}


@pytest.mark.parametrize("department", DEPARTMENT_CODES)
def test_every_department_has_a_sound_contract_of_its_own(department: str):
    contract = parse_contract(default_schema(department))
    assert contract.department == department
    assert {"id_number", "name", "unit"} <= set(contract.feeding)
    assert contract.feeding["id_number"].format is Format.ID_NUMBER


def test_the_columns_of_a_contract_are_columns_of_a_roster():
    assert set(COLUMN_LABELS) <= set(ROSTER_COLUMNS)


def test_the_default_contract_is_handed_out_as_a_copy():
    default_schema("hr")["fields"].clear()
    assert default_schema("hr")["fields"]


@pytest.mark.parametrize("department", DEPARTMENT_CODES)
def test_every_check_keeps_to_the_dialect_both_engines_know(department: str):
    contract = parse_contract(default_schema(department))
    checks = checks_of(contract)
    for statement in (counting_sql(checks), repeated_sql(contract), *(examples_sql(each) for each in checks)):
        check(statement)


def _broken(change: str, value: Any) -> dict[str, Any]:
    schema = _schema()
    first = schema["fields"][0]
    if change in ("name", "type", "title"):
        first[change] = value
    elif change in ("pattern", "maxLength", "enum"):
        first["constraints"] = {change: value}
    elif change in ("column", "format", "codes", "headings"):
        first["hub"] = {**first["hub"], change: value}
    else:
        schema[change] = value
    return schema


@pytest.mark.parametrize(
    ("change", "value", "words"),
    [
        ("fields", [], "没有字段"),
        ("fields", "x", "没有字段"),
        ("fields", [1], "不是对象"),
        ("name", "1 bad", "name 应以字母或汉字开头"),
        ("name", "name", "“name”出现了 2 次"),
        ("type", "geopoint", "类型“geopoint”不支持"),
        ("title", "职工姓名", "字段标题“职工姓名”出现了 2 次"),
        ("column", "salary", "名册没有“salary”一列"),
        ("column", "name", "名册列“姓名”出现了 2 次"),
        ("format", "iban", "格式“iban”不存在"),
        ("pattern", "(", "正则表达式有误"),
        ("pattern", "(?=a)", "不支持前后查找"),
        ("pattern", r"(a)\1", "不支持前后查找和反向引用"),
        ("pattern", "a" * 300, "超过上限 200 个"),
        ("pattern", r"a\Z", r"校验时不支持的写法（invalid escape sequence: \Z）"),
        ("pattern", "a{2,2000}", "invalid repetition size: {2,2000}"),
        ("pattern", "(?#two)a", "校验时不支持的写法"),
        ("maxLength", "long", "应为 0 至 10000 的整数"),
        ("headings", "姓名", "headings应为文字的列表"),
        ("codes", [1], "代码表应为对象"),
        ("primaryKey", ["nobody"], "主键中的“nobody”不是字段"),
        ("missingValues", "无", "应为文字的列表"),
        ("hub", {"department": "police"}, "部门“police”不存在"),
        ("hub", {"period": "week"}, "报送周期“week”不存在"),
        ("hub", {"due_day": 31}, "报送日应为 1 至 28 的整数"),
        ("hub", {"due_day": True}, "报送日应为 1 至 28 的整数"),
        ("hub", [], "hub应为对象"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(change: str, value: Any, words: str):
    with pytest.raises(ContractError) as wrong:
        parse_contract(_broken(change, value))
    assert any(words in problem for problem in wrong.value.problems), wrong.value.problems


def test_a_contract_without_people_is_no_contract():
    schema = _schema()
    schema["fields"] = [one for one in schema["fields"] if one["hub"]["column"] != "id_number"]
    schema["primaryKey"] = []
    with pytest.raises(ContractError) as wrong:
        parse_contract(schema)
    assert wrong.value.problems == ("没有字段对应名册的“身份证号”，无法识别人员",)


def test_every_problem_is_named_at_once():
    schema = _broken("pattern", "(")
    schema["primaryKey"] = ["nobody"]
    with pytest.raises(ContractError) as wrong:
        parse_contract(schema)
    assert len(wrong.value.problems) == 2


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["fields", "name", "title", "hub", "constraints", "codes"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused_in_words(value: Any):
    schema = value if isinstance(value, dict) else {"fields": [value], "hub": value, "primaryKey": value}
    with pytest.raises(ContractError):
        parse_contract(schema)
    differences(schema, schema)
    differences(default_schema("hr"), schema)


def test_differences_are_given_back_under_the_departments_own_headings_in_its_own_order():
    headings = own_headings(default_schema("finance"))
    assert list(headings)[:4] == ["unit", "unit_code", "name", "id_number"]
    assert (headings["name"], headings["unit"], headings["pay"]) == ("职工姓名", "预算单位名称", "应发合计")
    assert own_codes(default_schema("finance"), "sex")["男"] == "男"
    schema = _schema()
    status = next(field for field in schema["fields"] if field["hub"]["column"] == "status")
    status["hub"]["codes"] = {"01": "在职", "1": "在职", "02": "退休"}
    assert own_codes(schema, "status") == {"在职": "01", "退休": "02"}


def test_a_new_version_says_what_it_changes():
    before = default_schema("hr")
    after = deepcopy(before)
    after["fields"][0]["constraints"] = {"required": True, "maxLength": 18}
    after["fields"][1]["hub"]["headings"].append("参保人")
    after["fields"][2]["hub"]["column"] = ""
    dropped = after["fields"].pop(3)
    after["fields"].append({"name": "level", "title": "岗级", "type": "string", "hub": {"column": ""}})
    after["hub"]["due_day"] = 8
    assert differences(before, before) == []
    assert differences(before, after) == [
        "新增字段“岗级”",
        f"删去字段“{dropped['title']}”（对应“出生日期”）",
        "字段“证件号码”的最大长度由“无”改为“18”",
        "字段“姓名”增加叫法：参保人",
        "字段“性别”对应的名册列由“性别”改为“无”",
        "报送日由“5”改为“8”",
    ]


@pytest.mark.parametrize(
    ("pattern", "held", "refused"),
    [
        (r"[\u4e00-\u9fa5·]{2,20}", "阿依古丽·买买提", "Zhang"),
        (r"\U00004e00\u002e", "一.", "一二"),
        (r"\\u4e00", r"\u4e00", "一"),
        ("'[a-z]'", "'x'", "x"),
    ],
)
def test_a_pattern_means_in_the_engine_what_it_means_in_python(pattern: str, held: str, refused: str):
    assert [re.fullmatch(pattern, text) is not None for text in (held, refused)] == [True, False]
    schema = _schema()
    name = next(one for one in schema["fields"] if one["hub"]["column"] == "name")
    name["constraints"] = {"pattern": pattern}
    (found,) = (one for one in checks_of(parse_contract(schema)) if one.kind == "pattern")
    check(examples_sql(found))
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE roster (row BIGINT, name VARCHAR, id_number VARCHAR)")
        connection.executemany("INSERT INTO roster VALUES (?, ?, NULL)", [[1, held], [2, refused]])
        assert connection.execute(examples_sql(found)).fetchall() == [(2, refused)]


NUMBERS = st.one_of(
    st.text(alphabet="0123456789Xx ", max_size=20),
    st.integers(10**16, 10**17 - 1).map(lambda body: f"{body}{check_character(str(body))}"),
    st.tuples(st.integers(10**16, 10**17 - 1), st.sampled_from("0123456789X")).map(lambda pair: f"{pair[0]}{pair[1]}"),
)


@settings(deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=40))
def test_the_sql_judges_a_number_as_the_rule_in_python_does(numbers: list[str]):
    sound = next(check for check in checks_of(parse_contract(default_schema("hr"))) if check.kind == "id_check")
    shaped = next(check for check in checks_of(parse_contract(default_schema("hr"))) if check.kind == "id_length")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE roster (id_number VARCHAR, flags VARCHAR)")
        connection.executemany("INSERT INTO roster VALUES (?, NULL)", [[number] for number in numbers])
        sql = f"SELECT id_number, {shaped.condition}, {sound.condition} FROM ({prepared_sql('roster')})"
        for number, has_wrong_shape, fails in connection.execute(sql).fetchall():
            plain = number.replace(" ", "").upper()
            well_shaped = (len(plain) == 15 and plain.isdecimal()) or (
                len(plain) == 18 and plain[:17].isdecimal() and (plain[17].isdecimal() or plain[17] == "X")
            )
            assert has_wrong_shape is not well_shaped
            assert fails is (well_shaped and len(plain) == 18 and check_character(plain[:17]) != plain[17])
