"""The courses of invented units never overbook and always end where they should."""

from datetime import date, timedelta
from random import Random

import pytest

from bianzhi.demo.blocks import apportion
from bianzhi.demo.scenario import draw_scenario
from bianzhi.demo.timeline import Course, draw_course, occupied_on

START, TODAY = date(2016, 1, 1), date(2026, 11, 23)


def approved_on(course: Course, day: date) -> int:
    return course.approved_at_start + sum(change.delta for change in course.changes if change.on <= day)


@pytest.mark.parametrize("seed", range(40))
def test_on_no_day_are_more_places_taken_than_approved(seed: int) -> None:
    draw = Random(seed)
    approved = draw.randint(3, 200)
    occupied = approved - draw.randint(0, approved // 5)
    course = draw_course(draw, approved, occupied, START, TODAY, frozen=False)
    assert approved_on(course, TODAY) == approved
    assert occupied_on(course, TODAY) <= occupied
    day = START
    while day <= TODAY:
        assert occupied_on(course, day) <= approved_on(course, day), day
        day += timedelta(days=1)


def test_a_frozen_type_only_shrinks() -> None:
    course = draw_course(Random(3), 10, 10, START, TODAY, frozen=True)
    assert not course.arrivals
    assert all(change.delta == -1 for change in course.changes)
    assert approved_on(course, TODAY) == 10


def test_shares_add_up_and_respect_the_floor() -> None:
    shares = apportion(100, [1.0, 5.0, 0.1], floor=3)
    assert sum(shares) == 100
    assert min(shares) >= 3


def test_the_full_district_has_the_size_that_was_described() -> None:
    scenario = draw_scenario("full", TODAY)
    present = [stay for stay in scenario.stays if stay.end is None]
    assert len(scenario.units) == 482
    assert 18_300 < len(present) < 18_700
    assert len({stay.person.id_number for stay in present}) == len(present)


def test_the_same_day_gives_the_same_district() -> None:
    one, two = draw_scenario("small", TODAY), draw_scenario("small", TODAY)
    assert [(s.person.id_number, s.start, s.end) for s in one.stays] == [
        (s.person.id_number, s.start, s.end) for s in two.stays
    ]
