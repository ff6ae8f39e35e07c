"""W12: blanks, ID numbers, document numbers; W03: a rank without its document."""

from datetime import date

import pytest

from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, make_id_number
from bianzhi.personnel.rules.persons import Identity
from bianzhi.reports.rules import quality
from bianzhi.reports.rules.deadlines import Member

SOMEBODY = Member(5, "张三", 7, "财政局")
BORN = date(1990, 5, 6)
NUMBER = make_id_number(UNALLOCATED_REGION, BORN, 1).value


@pytest.mark.parametrize(
    ("doc_no", "proper"),
    [
        ("虞编办〔2025〕12号", True),
        ("虞编办[2025]12号", False),
        ("虞编办〔2025〕012号", False),
        ("会议纪要", False),
        ("", False),
    ],
)
def test_a_proper_document_number_is_written_as_the_standard_says(doc_no, proper):
    assert quality.has_proper_number(doc_no) is proper
    found = quality.entry_without_number(1, "TZ-1", doc_no, 7, "财政局")
    assert (found is None) is proper


def test_blanks_are_counted_by_field_and_those_filled_are_not_named():
    found = quality.blanks(7, "财政局", {"ethnicity": 2, "politics": 0, "identity": 1}, 2)
    assert found is not None
    assert found.figures == {"涉及人数": 2, "民族": 2, "人员身份": 1}
    assert quality.blanks(7, "财政局", {"ethnicity": 0}, 0) is None


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, False),
        ({"born_on": date(1991, 5, 6)}, True),
        ({"born_on": date(1991, 5, 6), "identity_certified": True}, False),
        ({"sex": "2"}, True),
        ({"id_number": NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")}, True),
        ({"name": "张三（男）"}, False),
    ],
)
def test_an_id_number_that_contradicts_the_person_is_found_unless_certified(changed, wrong):
    facts = {"name": "张三", "id_number": NUMBER, "sex": "1", "born_on": BORN, **changed}
    assert (quality.wrong_identity(SOMEBODY, Identity(**facts)) is not None) is wrong


def test_two_high_ranks_of_one_person_are_two_warnings():
    first = quality.high_rank_without_basis(SOMEBODY, 1, "局长")
    second = quality.high_rank_without_basis(SOMEBODY, 2, "党组成员")
    assert first.key != second.key
