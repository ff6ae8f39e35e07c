"""W01, W02, W03, W04, W05 and W14, figure by figure."""

from datetime import date
from fractions import Fraction

import pytest

from bianzhi.personnel.rules.capacity import QuotaUse
from bianzhi.reports.rules import quota
from bianzhi.reports.rules.catalogue import Level

A1 = quota.Measure(7, "财政局", "A1", "行政编制")


@pytest.mark.parametrize(
    ("approved", "occupied", "code", "level"),
    [
        (100, 94, None, None),
        (100, 95, "W04", Level.YELLOW),
        (100, 99, "W04", Level.YELLOW),
        (100, 100, "W04", Level.ORANGE),
        (100, 101, "W01", Level.RED),
        (0, 1, "W01", Level.RED),
        (0, 0, None, None),
        (19, 18, None, None),
        (20, 19, "W04", Level.YELLOW),
    ],
)
def test_a_unit_is_full_from_95_percent_and_over_beyond_100(approved, occupied, code, level):
    found = quota.over_or_full(A1, QuotaUse(approved, occupied), full_percent=95)
    assert (found and found.code, found and found.level) == (code, level)


def test_over_quota_says_how_many_and_is_one_warning_for_each_type():
    found = quota.over_or_full(A1, QuotaUse(10, 12), full_percent=95)
    assert found is not None
    assert "超编 2 名" in found.message
    assert found.figures == {"核定": 10, "实有": 12, "超编": 2}
    assert found.facet == "A1"
    assert found.organization_id == 7


def test_reserved_slots_do_not_make_a_unit_full():
    assert quota.over_or_full(A1, QuotaUse(100, 90, reserved=10), full_percent=95) is None


@pytest.mark.parametrize(("approved", "filled", "warned"), [(2, 2, False), (2, 3, True), (0, 1, True)])
def test_more_leaders_than_posts_are_reported(approved, filled, warned):
    level = quota.Measure(7, "财政局", "org_deputy", "副职领导职数")
    assert (quota.excess_posts(level, QuotaUse(approved, filled)) is not None) is warned


def test_the_lowest_vacancy_counts_the_changes_of_a_day_together():
    day = date(2026, 3, 1)
    transfer = [quota.Change(day, occupied=1), quota.Change(day, occupied=-1)]
    assert quota.lowest_vacancy(10, 7, transfer) == Fraction(3, 10)


def test_a_single_full_day_breaks_a_long_vacancy():
    changes = [quota.Change(date(2026, 3, 1), occupied=3), quota.Change(date(2026, 3, 2), occupied=-3)]
    assert quota.lowest_vacancy(10, 7, changes) == 0


def test_days_with_nothing_approved_are_not_vacant():
    assert quota.lowest_vacancy(0, 0, [quota.Change(date(2026, 3, 1), approved=10)]) == 0


@pytest.mark.parametrize(("lowest", "warned"), [(Fraction(20, 100), False), (Fraction(21, 100), True)])
def test_long_vacancy_is_more_than_the_limit_not_the_limit_itself(lowest, warned):
    found = quota.long_vacant(A1, QuotaUse(10, 7), lowest, percent=20, months=12)
    assert (found is not None) is warned
    if found is not None:
        assert found.figures["空编"] == 3
        assert "连续 12 个月高于 20%" in found.message


@pytest.mark.parametrize(
    ("allotted", "total", "warned"), [(97, 100, False), (98, 100, True), (100, 100, True), (0, 0, False)]
)
def test_a_total_is_near_from_98_percent(allotted, total, warned):
    found = quota.near_total("district", "区本级", "A1", "行政编制", allotted=allotted, total=total, percent=98)
    assert (found is not None) is warned
    if found is not None:
        assert found.organization_id is None
        assert found.figures["结余"] == total - allotted
