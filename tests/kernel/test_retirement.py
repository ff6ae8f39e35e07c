from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel.retirement import (
    RetirementCategory,
    RetirementError,
    Span,
    YearMonth,
    default_category,
    elastic_range,
    forecast,
    may_postpone,
    minimum_contribution_months,
    months_until,
    occupancy_end,
    retirement_on,
    statutory_retirement,
)

M60, F60, F55, F50 = RetirementCategory
BIRTHS = st.builds(YearMonth, st.integers(1950, 2010), st.integers(1, 12))

# The 22 vectors of domain.md §5.4; the first ten of its left column were published independently.
VECTORS = """
1963-12 M60 0 2023-12 | 1964-02 M60 0 2024-02 | 1965-01 M60 1 2025-02 | 1965-12 M60 3 2026-03 | 1995-12 M60 36 2058-12
2000-12 M60 36 2063-12 | 1963-04 F55 0 2018-04 | 1971-04 F55 4 2026-08 | 2000-12 F55 36 2058-12 | 1995-12 F50 60 2050-12
1974-12 F50 0 2024-12 | 1965-04 M60 1 2025-05 | 1965-05 M60 2 2025-07 | 1970-01 M60 16 2031-05 | 1976-08 M60 35 2039-07
1976-09 M60 36 2039-09 | 1970-01 F55 1 2025-02 | 1981-08 F55 35 2039-07 | 1981-09 F55 36 2039-09 | 1975-01 F50 1 2025-02
1975-03 F50 2 2025-05 | 1984-11 F50 60 2039-11
"""


def month(text):
    year, number = map(int, text.split("-"))
    return YearMonth(year, number)


VECTOR_ROWS = [row.split() for line in VECTORS.strip().splitlines() for row in line.split("|")]


def test_there_are_twenty_two_vectors():
    assert len(VECTOR_ROWS) == 22


@pytest.mark.parametrize(("birth", "category", "delay", "retires"), VECTOR_ROWS)
def test_the_published_vector_is_reproduced(birth, category, delay, retires):
    found = statutory_retirement(month(birth), RetirementCategory(category))
    assert (found.delay, found.month) == (int(delay), month(retires))


@given(BIRTHS, st.sampled_from([M60, F60, F55, F50]))
def test_who_is_born_later_never_retires_earlier(birth, category):
    assert statutory_retirement(birth, category).month <= statutory_retirement(birth.plus(1), category).month


@given(BIRTHS)
def test_the_fifty_five_track_is_the_sixty_track_five_years_on(birth):
    assert statutory_retirement(birth, M60).delay == statutory_retirement(birth.plus(60), F55).delay
    assert statutory_retirement(birth, M60) == statutory_retirement(birth, F60)


@pytest.mark.parametrize(
    ("sex", "identity", "rank", "senior", "category"),
    [
        ("1", "worker", "", False, M60),
        ("1", "civil_servant", "131", False, M60),
        ("2", "civil_servant", "", False, F55),
        ("2", "civil_servant", "141", False, F55),
        ("2", "civil_servant", "132", False, F60),
        ("2", "civil_servant", "122", False, F60),
        ("2", "institution_professional", "", True, F60),
        ("2", "institution_professional", "", False, F55),
        ("2", "worker", "", False, F50),
        ("2", "civil_service_like", "211", False, F55),
    ],
)
def test_the_proposed_track_follows_sex_identity_rank_and_title(sex, identity, rank, senior, category):
    assert default_category(sex, identity, rank=rank, has_senior_title=senior) is category


@pytest.mark.parametrize("sex", ["", "0", "9"])
def test_no_track_is_proposed_without_a_sex(sex):
    with pytest.raises(ValueError, match="未登记性别"):
        default_category(sex, "worker")


def test_a_woman_on_the_sixty_track_may_leave_on_the_fifty_five_schedule():
    birth = YearMonth(1971, 4)
    assert retirement_on(birth, F60, opt_55=True) == YearMonth(2026, 8)
    assert retirement_on(birth, F60) == statutory_retirement(birth, M60).month
    assert retirement_on(birth, M60, opt_55=True) == retirement_on(birth, M60)


def test_leaving_early_stops_at_the_old_age():
    birth = YearMonth(1970, 1)
    assert elastic_range(birth, M60).earliest == YearMonth(2030, 1)
    assert retirement_on(birth, M60, elastic_months=-16) == YearMonth(2030, 1)
    with pytest.raises(RetirementError, match="最早为 2030年1月"):
        retirement_on(birth, M60, elastic_months=-17)


def test_leaving_early_stops_at_thirty_six_months():
    late_born = YearMonth(1990, 1)
    assert elastic_range(late_born, F50).earliest == YearMonth(2042, 1)
    with pytest.raises(RetirementError, match="过早"):
        retirement_on(late_born, F50, elastic_months=-37)


def test_staying_on_is_for_those_who_may():
    birth = YearMonth(1970, 1)
    assert retirement_on(birth, M60, elastic_months=36, may_postpone=True) == YearMonth(2034, 5)
    with pytest.raises(RetirementError, match="最多 36 个月"):
        retirement_on(birth, M60, elastic_months=37, may_postpone=True)
    with pytest.raises(RetirementError, match="到龄即退"):
        retirement_on(birth, M60, elastic_months=1)


def test_civil_servants_and_leaders_may_not_stay_on():
    assert may_postpone("institution_professional")
    assert may_postpone("worker")
    assert not may_postpone("institution_professional", is_leader=True)
    assert not may_postpone("civil_servant")
    assert not may_postpone("civil_service_like")


def test_the_place_is_occupied_to_the_end_of_the_retirement_month():
    assert occupancy_end(YearMonth(2025, 2)) == date(2025, 3, 1)
    assert occupancy_end(YearMonth(2025, 12)) == date(2026, 1, 1)


@pytest.mark.parametrize(("today", "months"), [(date(2025, 2, 28), 6), (date(2025, 8, 31), 0), (date(2025, 9, 1), -1)])
def test_months_until_count_calendar_months(today, months):
    assert months_until(today, YearMonth(2025, 8)) == months


@pytest.mark.parametrize(("year", "months"), [(2025, 180), (2029, 180), (2030, 186), (2039, 240), (2050, 240)])
def test_the_contribution_years_rise_from_2030_to_2039(year, months):
    assert minimum_contribution_months(year) == months


@given(BIRTHS, st.integers(-500, 500))
def test_months_add_and_subtract(birth, count):
    assert birth.plus(count).plus(-count) == birth
    assert birth.plus(count).ordinal - birth.ordinal == count


PEOPLE = [
    ("overdue", YearMonth(2026, 4)),
    ("this month", YearMonth(2026, 5)),
    ("this year", YearMonth(2026, 12)),
    ("next year", YearMonth(2027, 1)),
    ("last in sight", YearMonth(2030, 12)),
    ("beyond", YearMonth(2031, 1)),
]


def test_a_yearly_forecast_puts_each_in_one_bucket_and_adds_up():
    found = forecast(reversed(PEOPLE), today=date(2026, 5, 20))
    assert found.overdue == ("overdue",)
    assert [(b.label, b.members, b.cumulative) for b in found.buckets] == [
        ("2026年", ("this month", "this year"), 2),
        ("2027年", ("next year",), 3),
        ("2028年", (), 3),
        ("2029年", (), 3),
        ("2030年", ("last in sight",), 4),
    ]
    assert found.buckets[0].period.end == found.buckets[1].period.start == date(2027, 1, 1)


def test_a_quarterly_forecast_starts_with_the_running_quarter():
    found = forecast(PEOPLE, today=date(2026, 5, 20), years=1, span=Span.QUARTER)
    assert [(b.label, b.members) for b in found.buckets] == [
        ("2026年第二季度", ("this month",)),
        ("2026年第三季度", ()),
        ("2026年第四季度", ("this year",)),
        ("2027年第一季度", ("next year",)),
    ]
