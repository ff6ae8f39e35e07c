from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel.calendar import LAST_ANNOUNCED_YEAR, CalendarDay, WorkingCalendar, seed_years

ROWS = seed_years(2024, LAST_ANNOUNCED_YEAR + 2)
CALENDAR = WorkingCalendar.of(ROWS)
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


def test_without_rows_the_week_decides():
    plain = WorkingCalendar.of([])
    assert [plain.is_working_day(date(2025, 1, 6) + timedelta(days=n)) for n in range(7)] == [True] * 5 + [False] * 2


def test_rows_decide_against_the_week():
    calendar = WorkingCalendar.of([(date(2025, 1, 6), False), (date(2025, 1, 11), True, True)])
    assert not calendar.is_working_day(date(2025, 1, 6))
    assert calendar.is_working_day(date(2025, 1, 11))
    assert calendar.is_provisional(date(2025, 1, 11))
    assert not calendar.is_provisional(date(2025, 1, 6))


def test_the_later_row_for_a_day_counts():
    day = date(2025, 1, 6)
    assert WorkingCalendar.of([CalendarDay(day, is_workday=False), (day, True)]).is_working_day(day)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 1, 26), True),
        (date(2025, 1, 28), False),
        (date(2025, 2, 4), False),
        (date(2025, 2, 5), True),
        (date(2025, 9, 28), True),
        (date(2025, 10, 8), False),
        (date(2025, 10, 11), True),
        (date(2026, 2, 23), False),
    ],
)
def test_announced_years_follow_the_notices(day, works):
    assert CALENDAR.is_working_day(day) is works
    assert not CALENDAR.is_provisional(day)


def test_ten_working_days_over_a_national_holiday():
    assert CALENDAR.add_working_days(date(2025, 9, 26), 10) == date(2025, 10, 16)


def test_the_day_of_the_event_is_not_counted():
    assert CALENDAR.add_working_days(date(2025, 3, 3), 1) == date(2025, 3, 4)
    assert CALENDAR.add_working_days(date(2025, 3, 7), 1) == date(2025, 3, 10)


def test_no_working_days_from_a_holiday_is_the_next_working_day():
    assert CALENDAR.add_working_days(date(2025, 3, 8), 0) == date(2025, 3, 10)
    assert CALENDAR.add_working_days(date(2025, 3, 10), 0) == date(2025, 3, 10)


@given(DAYS, st.integers(1, 60))
def test_counting_undoes_adding(start, count):
    end = CALENDAR.add_working_days(start, count)
    assert CALENDAR.is_working_day(end)
    assert CALENDAR.working_days_between(start, end) == count


@given(DAYS, DAYS, DAYS)
def test_stretches_add_up_in_any_order(one, two, three):
    between = CALENDAR.working_days_between
    if one <= two <= three:
        assert between(one, three) == between(one, two) + between(two, three)
    assert between(one, one) == 0


@given(DAYS, st.integers(1, 30))
def test_going_back_from_a_working_day_returns_to_it(start, count):
    start = CALENDAR.add_working_days(start, 0)
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(start, count), -count) == start


def test_years_not_announced_are_provisional_and_say_so():
    year = LAST_ANNOUNCED_YEAR + 1
    rows = [row for row in ROWS if row.day.year == year]
    assert {date(year, 1, 1), date(year, 5, 1), date(year, 10, 1)} <= {row.day for row in rows}
    assert all(row.provisional and not row.is_workday and "推算" in row.source for row in rows)


def test_announced_rows_name_their_holiday_and_their_source():
    found = {row.day: row for row in ROWS}
    assert (found[date(2025, 1, 26)].name, found[date(2025, 10, 1)].name) == ("春节调休上班", "国庆节")
    assert "一致" in found[date(2025, 10, 1)].source


def test_days_the_two_libraries_dispute_are_provisional():
    disputed = [row for row in seed_years(2005, 2005) if "不一致" in row.source]
    assert all(row.provisional for row in disputed)
    assert date(2005, 12, 31) in {row.day for row in disputed}


def test_seeding_needs_years_in_order_and_within_knowledge():
    for first, last in ((2026, 2025), (1990, 2025)):
        with pytest.raises(ValueError, match="upwards"):
            seed_years(first, last)
