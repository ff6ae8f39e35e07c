from datetime import date, timedelta

import pytest

from bianzhi.kernel import clock


def test_the_day_can_be_fixed_for_training_and_tests(monkeypatch):
    monkeypatch.setenv("BIANZHI_TODAY", "2026-03-31")
    assert clock.today() == date(2026, 3, 31)


def test_a_fixed_day_that_is_no_date_is_refused_with_the_variable_named(monkeypatch):
    monkeypatch.setenv("BIANZHI_TODAY", "31/03/2026")
    with pytest.raises(clock.ClockError, match="BIANZHI_TODAY"):
        clock.today()


def test_without_it_today_is_the_day_in_china(monkeypatch):
    monkeypatch.delenv("BIANZHI_TODAY", raising=False)
    before, today, after = clock.now().date(), clock.today(), clock.now().date()
    assert before <= today <= after
    assert clock.now().utcoffset() == timedelta(hours=8)
