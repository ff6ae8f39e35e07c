"""What happened to a person, recognised from what departments changed."""

import pytest

from bianzhi.reconciliation.events.recognising import recognise
from bianzhi.reconciliation.events.sides import month_of
from bianzhi.reconciliation.events.succession import successors
from bianzhi.reconciliation.sources import DEPARTMENT_CODES
from tests.reconciliation.people import SHORT

AT_SCHOOL = "实验小学"
AT_BUREAU = "教育局"


def line(source, unit=AT_SCHOOL, duty="on_quota", **cells):
    said = {"quota": None, "funding": None, "name_key": "王一", "id18": "1", "birth": None, "sex": None}
    active = 1 if duty == "on_quota" else 0
    own = {"source": SHORT[source], "unit_name": unit, "unit_unknown": 0, "duty": duty, "active": active}
    return {**said, **own, **cells}


def month(sources, **cells):
    return month_of([line(source, **cells) for source in sources])


def told(before, after, **more):
    events = recognise(before, after, DEPARTMENT_CODES, **more)
    return [(event.kind, event.lane, event.from_unit, event.to_unit, event.cause) for event in events]


def test_nothing_happened_to_whom_nothing_changed():
    assert told(month("bzrf"), month("bzrf")) == []


@pytest.mark.parametrize(
    ("after", "lane"), [("brf", "candidate"), ("rf", "candidate"), ("r", "waiting"), ("b", "waiting")]
)
def test_who_is_new_entered_and_a_second_department_confirms_it(after, lane):
    assert told(month(""), month(after)) == [("hire", lane, "", AT_SCHOOL, "")]


def test_the_establishment_catches_up_with_those_who_had_the_person_already():
    assert told(month("rf"), month("brf")) == [("hire", "candidate", "", AT_SCHOOL, "")]


def test_a_third_department_catching_up_is_no_entry():
    assert told(month("zr"), month("zrf")) == []


def test_those_who_name_another_unit_do_not_confirm_an_entry():
    after = month_of([line("b"), line("f", unit=AT_BUREAU)])
    assert told(month(""), after) == [("hire", "waiting", "", AT_SCHOOL, "")]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (month("zr"), ("exit", "candidate", AT_SCHOOL, "", "")),
        (month("bzr"), ("exit", "waiting", AT_SCHOOL, "", "")),
        (
            month_of([line("b"), line("f"), line("z"), line("r", duty="retired")]),
            ("exit", "waiting", AT_SCHOOL, "", "retired"),
        ),
        (
            month_of([line("z", duty="retired"), line("r", duty="retired")]),
            ("exit", "candidate", AT_SCHOOL, "", "retired"),
        ),
        (month_of([line("r", duty="dead")]), ("exit", "candidate", AT_SCHOOL, "", "dead")),
    ],
)
def test_who_is_gone_or_told_gone_left(after, expected):
    assert told(month("bzrf"), after) == [expected]


def test_who_is_at_another_unit_in_two_departments_was_transferred():
    after = month_of([line("b"), line("z"), line("r", unit=AT_BUREAU), line("f", unit=AT_BUREAU)])
    assert told(month("bzrf"), after) == [("transfer", "candidate", AT_SCHOOL, AT_BUREAU, "")]


def test_one_department_alone_that_moves_a_person_waits():
    after = month_of([line("b"), line("z"), line("r"), line("f", unit=AT_BUREAU)])
    assert told(month("bzrf"), after) == [("transfer", "waiting", AT_SCHOOL, AT_BUREAU, "")]


def test_a_changed_name_is_a_changed_attribute_with_its_values():
    after = month_of([line("b"), line("z", name_key="王二"), line("r", name_key="王二")])
    (event,) = recognise(month("bzr"), after, DEPARTMENT_CODES)
    assert (event.kind, event.lane, event.attribute, event.old, event.new) == (
        "attribute",
        "candidate",
        "name",
        "王一",
        "王二",
    )
    assert event.sources == ("organization", "hr")


def test_a_slip_put_right_is_no_event():
    slip = month_of([line("b"), line("z"), line("r", name_key="王二")])
    assert told(slip, month("bzr")) == []
    registered_wrong = month_of([line("b", name_key="王二"), line("z"), line("r")])
    assert told(registered_wrong, month("bzr")) == []


def test_the_funding_of_another_place_is_no_event_of_its_own():
    before = month("bzrf", funding="财政全额拨款")
    there = month("bzrf", unit=AT_BUREAU, funding="经费自理")
    assert [kind for kind, *_ in told(before, there)] == ["transfer"]
    assert told(before, month("bzrf", funding="经费自理"), is_same_unit=False) == []
    assert [kind for kind, *_ in told(before, month("bzrf", funding="经费自理"))] == ["attribute"]


def test_only_departments_that_delivered_both_months_are_asked():
    assert recognise(month("bzrf"), month("bzr"), ["establishment", "organization", "hr"]) == []


def test_more_departments_make_an_event_likelier():
    one = recognise(month(""), month("r"), DEPARTMENT_CODES)[0]
    three = recognise(month(""), month("brf"), DEPARTMENT_CODES)[0]
    assert 0 < one.confidence < three.confidence < 1


def test_a_unit_all_of_whose_people_go_together_has_a_successor():
    moves = [("旧名", "新名")] * 4 + [("旧名", "别处")]
    assert successors(moves, {"旧名": 5}, {"新名": 4}) == {"旧名": "新名"}


@pytest.mark.parametrize(
    ("moves", "before", "after"),
    [
        ([("旧名", "新名")] * 4, {"旧名": 9}, {"旧名": 5, "新名": 4}),
        ([("旧名", "新名")] * 2, {"旧名": 2}, {"新名": 2}),
        ([("旧名", "甲")] * 3 + [("旧名", "乙")] * 3 + [("旧名", "丙")] * 3, {"旧名": 9}, {}),
    ],
)
def test_people_who_leave_a_unit_do_not_rename_it(moves, before, after):
    assert successors(moves, before, after) == {}
