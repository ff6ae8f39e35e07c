from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel.periods import Period, gaps, in_order, overlaps

DAY = timedelta(days=1)
BASE = date(2025, 1, 1)
WINDOW = [BASE + timedelta(days=n) for n in range(-2, 70)]


@st.composite
def some_period(draw):
    start = draw(st.integers(0, 30))
    length = draw(st.one_of(st.none(), st.integers(1, 30)))
    return Period(BASE + start * DAY, None if length is None else BASE + (start + length) * DAY)


def days(period):
    return {day for day in WINDOW if period.covers(day)}


def test_the_first_day_is_in_and_the_end_day_is_out():
    period = Period(date(2025, 1, 1), date(2025, 3, 1))
    assert [period.covers(d) for d in (date(2024, 12, 31), date(2025, 1, 1), date(2025, 2, 28), date(2025, 3, 1))] == [
        False,
        True,
        True,
        False,
    ]
    assert period.days == 59


def test_an_open_period_holds_for_ever():
    period = Period(date(2025, 1, 1))
    assert period.is_open
    assert period.days is None
    assert period.covers(date(2999, 1, 1))
    assert str(period) == "2025-01-01 至 今"


@pytest.mark.parametrize("end", [date(2025, 1, 1), date(2024, 12, 31)])
def test_a_period_without_a_day_is_refused(end):
    with pytest.raises(ValueError, match="应晚于"):
        Period(date(2025, 1, 1), end)


def test_closing_ends_an_open_period_and_will_not_reopen_an_ended_one():
    assert Period(BASE).closed_at(BASE + DAY) == Period(BASE, BASE + DAY)
    with pytest.raises(ValueError, match="已于"):
        Period(BASE, BASE + DAY).closed_at(BASE + 5 * DAY)
    with pytest.raises(ValueError, match="应晚于"):
        Period(BASE).closed_at(BASE)


def test_neighbours_abut_and_do_not_overlap():
    earlier, later = Period(BASE, BASE + DAY), Period(BASE + DAY)
    assert earlier.abuts(later)
    assert later.abuts(earlier)
    assert not earlier.overlaps(later)


def test_an_open_end_abuts_nothing():
    assert not Period(BASE).abuts(Period(BASE + DAY))


@given(some_period(), some_period())
def test_overlap_intersection_and_containment_agree_with_counting_days(one, other):
    common = days(one) & days(other)
    assert one.overlaps(other) == other.overlaps(one) == bool(common)
    shared = one.intersection(other)
    assert (days(shared) if shared else set()) == common
    assert other.contains(one) == (one.intersection(other) == one)


@given(st.lists(some_period(), max_size=6))
def test_gaps_are_exactly_the_uncovered_days_between_first_and_last(periods):
    covered = set().union(*map(days, periods)) if periods else set()
    inside = {day for day in WINDOW if covered and min(covered) <= day <= max(covered)}
    assert set().union(*map(days, gaps(periods)), set()) == inside - covered


@given(st.lists(some_period(), max_size=6))
def test_overlaps_finds_every_pair_that_shares_a_day(periods):
    ordered = in_order(periods)
    pairs = [(a, b) for n, b in enumerate(ordered) for a in ordered[:n] if a.overlaps(b)]
    assert sorted(map(str, overlaps(periods))) == sorted(map(str, pairs))
