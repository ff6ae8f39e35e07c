"""Months of the trend and age bands at their edges."""

from datetime import date

import pytest

from bianzhi.reports.rules.ages import born_after
from bianzhi.reports.rules.months import month_ends, running_totals


def test_the_trend_ends_on_the_day_shown_and_on_month_ends_before_it():
    assert month_ends(date(2024, 3, 15), 3) == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 15)]


def test_running_totals_include_the_changes_of_the_day_itself():
    days = [date(2026, 1, 31), date(2026, 2, 28)]
    changes = [(date(2026, 2, 28), -1), (date(2026, 1, 31), 5), (date(2026, 3, 1), 7)]
    assert running_totals(changes, days) == [5, 4]


@pytest.mark.parametrize(
    ("born", "at_most_25"), [(date(2000, 3, 2), False), (date(2000, 3, 3), True), (date(2000, 3, 1), False)]
)
def test_the_birthday_itself_makes_somebody_a_year_older(born, at_most_25):
    assert (born > born_after(date(2026, 3, 2), 25)) is at_most_25


def test_a_leap_day_has_an_earlier_year_to_look_back_to():
    assert born_after(date(2024, 2, 29), 24) == date(1999, 2, 28)
