"""Each kind of difference is found where it is, and nowhere else."""

import json
from typing import Any

import pytest

from bianzhi.reconciliation.findings.judging import find
from bianzhi.reconciliation.findings.wide import make_person_wide, make_positions
from tests.reconciliation.people import engine_of, number, person

NOBODY_WRONG = person("P0", 900)


def found(*groups: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    """The findings about these people, each as a dictionary."""
    columns = ("kind", "person_key", "unit", "owner", "lane", "facts", "rows", "explanation", "key")
    with engine_of([row for rows in (NOBODY_WRONG, *groups) for row in rows], **more) as engine:
        make_positions(engine)
        make_person_wide(engine)
        find(engine)
        lines = engine.rows(f"SELECT {', '.join(columns)} FROM findings ORDER BY kind, person_key, unit")
    return [dict(zip(columns, line, strict=True)) for line in lines]


def kinds(*groups: list[dict[str, Any]], **more: Any) -> list[tuple[str, str]]:
    return [(line["kind"], line["lane"]) for line in found(*groups, **more)]


def test_people_all_agree_about_are_not_found():
    assert found() == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (person("P", 1, "rf"), ["ghost_payroll"]),
        (person("P", 1, "bzr"), ["unpaid"]),
        (person("P", 1, "bbzrf")[:1] + person("P", 1, "bzrf", b_unit="卫生局"), ["two_units"]),
        (person("P", 1, "bzrf") + person("P", 1, "f", f_unit="卫生局"), ["paid_twice"]),
        (person("P", 1, "bzr", r_status="退休", z_status="在职"), ["retired_listed"]),
        (person("P", 1, "rf", r_status="已退休"), ["retired_paid"]),
        (person("P", 1, "bzr", r_status="死亡"), ["dead_listed"]),
        (person("P", 1, "rf", r_status="病故"), ["dead_paid"]),
        (person("P", 1, f_unit="卫生局"), ["unit_mismatch"]),
        (person("P", 1, b_quota_type="行政编制", f_quota_type="事业编制"), ["quota_type_mismatch"]),
        (person("P", 1, b_quota_type="行政编制", r_quota_type="事业编制"), ["quota_type_mismatch"]),
        (person("P", 1, b_funding="全额拨款", f_funding="差额补助"), ["funding_mismatch"]),
        (person("P", 1, z_name="王伍"), ["name_conflict"]),
        (person("P", 1, r_birth="19810102", b_birth="19800101"), ["birth_conflict"]),
        (person("P", 1, r_birth="19810101", b_birth="19800101"), ["birth_differs"]),
        (person("P", 1, z_birth="198002", b_birth="19800101"), ["birth_differs"]),
        (person("P", 1, b_sex="男", r_sex="女"), ["sex_conflict"]),
        (person("P", 1) + person("P", 1, "b"), ["duplicate_listed"]),
        (person("P", 1) + person("P", 1, "f"), ["duplicate_paid"]),
    ],
)
def test_a_difference_is_found_as_what_it_is(rows, expected):
    assert [kind for kind, _ in kinds(rows)] == expected


@pytest.mark.parametrize(
    "rows",
    [
        person("P", 1, "bzr") + person("P", 1, "f", f_status="在职"),
        person("P", 1, b_quota_type="行政编制", f_quota_type="行政"),
        person("P", 1, b_quota_type="行政编制", f_quota_type="不知所云"),
        person("P", 1, b_funding="财政全额拨款", f_funding="全额"),
        person("P", 1, z_birth="198001", r_birth="19800115", b_birth="19800115"),
        person("P", 1, "rf", f_quota_type="编外人员"),
        person("P", 1, "r", r_status="退休"),
        person("P", 1, "rf", r_status="退休", f_status="离退休"),
        person("P", 1, "b", b_status="已出编"),
    ],
)
def test_what_only_reads_differently_is_no_difference(rows):
    assert kinds(rows) == []


def test_a_clean_ghost_is_accused():
    assert kinds(person("P", 1, "rf")) == [("ghost_payroll", "accuse")]


def test_a_ghost_without_a_number_who_has_a_namesake_on_the_establishment_is_looked_into():
    ghost = person("P", 1, "f", name="钱大伟", id_number=None, unit="水利局")
    assert kinds(ghost) == [("ghost_payroll", "accuse")]
    assert kinds(ghost, person("Q", 2, name="钱大伟")) == [("ghost_payroll", "review")]


def test_a_ghost_with_a_wrong_number_who_is_like_a_colleague_is_looked_into():
    wrong = number(1)[:16] + "00"
    ghost = person("P", 1, "f", name="钱大伟", id_number=wrong)
    assert kinds(ghost, person("Q", 2, name="钱国民", id_number=number(2, "19651212")))[0][1] == "accuse"
    assert kinds(ghost, person("Q", 1, name="钱大卫"))[0] == ("ghost_payroll", "review")


def test_a_unit_nobody_could_name_accuses_no_one():
    rows = person("P", 1, f_unit="某处", f_register_unit=None)
    assert kinds(rows) == [("unit_mismatch", "review")]


@pytest.mark.parametrize("words", ["延迟退休", "待退休"])
def test_whoever_works_beyond_the_usual_age_is_not_retired(words):
    assert kinds(person("P", 1, r_status=words)) == []


def test_a_judge_on_the_establishment_is_on_it_whatever_the_remark():
    assert kinds(person("P", 1, b_quota_type="政法专项编制（员额法官）")) == []
    assert kinds(person("P", 1, "bzrf", b_quota_type="编外")) == [("ghost_payroll", "accuse")]


def test_nobody_is_accused_over_a_state_in_words_nobody_knows():
    assert kinds(person("P", 1, "bzr", b_status="已调离")) == []
    assert kinds(person("P", 1, "bzr", b_status="天晓得")) == [("unpaid", "review")]
    assert kinds(person("P", 1, "rf", r_status="天晓得")) == [("ghost_payroll", "review")]
    assert kinds(person("P", 1, f_unit="卫生局", f_status="天晓得")) == [("unit_mismatch", "review")]
    assert kinds(person("P", 1, "bzr", b_status=" ")) == [("unpaid", "accuse")]


def test_words_nobody_knows_do_not_hide_what_does_not_hang_on_them():
    (line,) = found(person("P", 1, z_name="王伍", b_status="天晓得"))
    assert (line["kind"], line["lane"]) == ("name_conflict", "accuse")


def test_a_text_two_units_are_known_by_is_read_as_the_unit_the_person_is_listed_at():
    school, branch = "县第一中学", "县第一中学附属初中"
    in_school = person("P", 1, unit=school, f_unit="县一中", f_register_unit=school)
    in_branch = person("Q", 2, unit=branch, f_unit="县一中", f_register_unit=branch)
    assert kinds(in_school, in_branch) == []
    elsewhere = person("R", 3, unit="卫生局", f_unit="县一中", f_register_unit=school)
    assert kinds(in_school, in_branch, elsewhere) == [("unit_mismatch", "review")]
    assert kinds(in_school, elsewhere) == [("unit_mismatch", "accuse")]


def test_whoever_is_paid_by_two_texts_of_one_unit_is_paid_twice_by_it():
    school, branch = "县第一中学", "县第一中学附属初中"
    named = {"f_unit": "县一中", "f_register_unit": school}
    other = person("P", 1, unit=school, **named)
    twice = person("Q", 2, unit=branch, f_register_unit=branch, f_unit="县一中") + person("Q", 2, "f", unit=branch)
    assert kinds(other, twice) == [("duplicate_paid", "accuse")]


def test_a_ghost_and_an_unpaid_person_who_look_alike_are_one_question():
    ghost = person("P1", 1, "f", name="赵小明", id_number=None)
    unpaid = person("P2", 2, "bzr", name="赵小民")
    (line,) = found(ghost, unpaid)
    assert (line["kind"], line["lane"]) == ("same_person", "review")
    assert {row["source"] for row in json.loads(line["rows"])} == {"finance", "establishment", "organization", "hr"}


def test_what_is_asked_already_is_not_asked_twice_and_what_was_decided_is_not_asked_again():
    ghost = person("P1", 1, "f", name="赵小明", id_number=None)
    unpaid = person("P2", 2, "bzr", name="赵小民")
    pair = (len(NOBODY_WRONG) + 1, len(NOBODY_WRONG) + 2)
    assert kinds(ghost, unpaid, asked=[pair]) == []
    assert kinds(ghost, unpaid, never=[pair]) == [("ghost_payroll", "accuse"), ("unpaid", "accuse")]


def test_the_department_that_stands_alone_answers_for_the_difference():
    (line,) = found(person("P", 1, z_name="王伍"))
    assert (line["owner"], line["lane"]) == ("organization", "accuse")


def test_where_nobody_stands_alone_the_establishment_office_answers():
    (line,) = found(person("P", 1, "bf", f_name="王伍"))
    assert (line["owner"], line["lane"]) == ("establishment", "accuse")


def test_rows_joined_on_likeness_that_differ_in_name_and_birth_are_looked_into():
    joined = {"f_name": "王伍", "f_rule": "FUZZY"}
    assert kinds(person("P", 1, "bf", b_birth="19800101", f_birth="19800101", **joined)) == [
        ("name_conflict", "accuse")
    ]
    assert kinds(person("P", 1, "bf", b_birth="19800101", f_birth="19810101", **joined)) == [
        ("birth_differs", "review"),
        ("name_conflict", "review"),
    ]


def test_a_number_that_fails_its_check_needs_no_vote():
    wrong = number(1)[:16] + "00"
    (line,) = found(person("P", 1, "bf", f_id_number=wrong))
    assert (line["kind"], line["owner"], line["lane"]) == ("id_conflict", "finance", "accuse")


def test_a_unit_over_its_quota_is_found_with_its_figures():
    rows = person("P1", 1, quota_type="事业编制") + person("P2", 2, quota_type="事业")
    assert found(rows, quota=[("教育局", "事业编制", 2)]) == []
    (line,) = found(rows, quota=[("教育局", "事业编制", 1)])
    assert json.loads(line["facts"]) == {"quota_type": "事业编制", "approved": 1, "occupied": 2, "excess": 1}
    assert line["explanation"].startswith("教育局核定事业编制 1 名，名册在编 2 名")
    assert len(json.loads(line["rows"])) == 2


def test_a_quota_without_a_type_is_a_quota_of_all_types_together():
    rows = person("P1", 1, quota_type="行政编制") + person("P2", 2, quota_type="事业编制")
    (line,) = found(rows, quota=[("教育局", None, 2)])
    assert json.loads(line["facts"])["occupied"] == 3


def test_where_the_register_counts_the_other_department_answers():
    (line,) = found(person("P", 1, b_funding="全额拨款", f_funding="差额补助"))
    assert line["owner"] == "finance"
    (line,) = found(person("P", 1, quota_type="事业", r_quota_type="工勤"))
    assert line["owner"] == "hr"


def test_a_finding_shows_the_rows_as_they_were_delivered():
    (line,) = found(person("P", 1, f_unit="卫生局", f_pay="4500"))
    paid = [row for row in json.loads(line["rows"]) if row["source"] == "finance"]
    assert paid[0]["pay"] == "4500"
    assert paid[0]["delivery"] == "file of finance"
    assert paid[0]["id_number"] == number(1)


def test_the_key_of_a_finding_stays_from_month_to_month():
    rows = person("P", 1, "rf")
    again = person("P", 1, "rf", f_pay="9999", f_delivery="next month", f_row=17)
    assert found(rows)[0]["key"] == found(again)[0]["key"]
