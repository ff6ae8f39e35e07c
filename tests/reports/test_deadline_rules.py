"""W06, W07, W08 and W11 on the day before, the day and the day after."""

from datetime import date, timedelta

import pytest

from bianzhi.kernel.retirement import YearMonth
from bianzhi.reports.rules import deadlines
from bianzhi.reports.rules.catalogue import Level

SOMEBODY = deadlines.Member(5, "张三", 7, "财政局")
SEPTEMBER = YearMonth(2026, 9)


@pytest.mark.parametrize(
    ("today", "level"),
    [
        (date(2026, 2, 28), None),
        (date(2026, 3, 1), Level.BLUE),
        (date(2026, 5, 31), Level.BLUE),
        (date(2026, 6, 1), Level.YELLOW),
        (date(2026, 7, 31), Level.YELLOW),
        (date(2026, 8, 1), Level.ORANGE),
        (date(2026, 9, 30), Level.ORANGE),
        (date(2026, 10, 1), Level.RED),
    ],
)
def test_retirement_warns_at_six_three_and_one_months_and_is_red_once_past(today, level):
    found = deadlines.retirement_due(SOMEBODY, SEPTEMBER, today)
    assert (found and found.level) == level


@pytest.mark.parametrize(("after", "days_late"), [(-1, None), (0, None), (1, 1), (30, 30)])
def test_an_exit_is_overdue_only_after_its_last_day(after, days_late):
    deadline = date(2026, 10, 22)
    today = deadline + timedelta(days=after)
    found = deadlines.exit_overdue(SOMEBODY, "应于 2026年9月 退休", date(2026, 10, 1), deadline, today)
    assert (found and found.figures["超期天数"]) == days_late


@pytest.mark.parametrize(("left", "reached"), [(61, None), (60, 60), (31, 60), (30, 30), (1, 30), (0, 0), (-5, 0)])
def test_stages_are_reached_on_their_day(left, reached):
    assert deadlines.stage(left, (60, 30, 0)) == reached


@pytest.mark.parametrize(
    ("left", "words"), [(61, None), (60, "还有 60 天"), (1, "还有 1 天"), (0, "今天到期"), (-1, "已过期 1 天")]
)
def test_an_approval_warns_until_its_last_day_which_is_still_valid(left, words):
    today = date(2026, 3, 2)
    approval = deadlines.Approval(3, "HZ-1", 7, "财政局", today + timedelta(days=left), open_slots=2)
    found = deadlines.approval_expiring(approval, today, days=60)
    assert (found is not None) is (words is not None)
    if found is not None and words is not None:
        assert words in found.message
        assert "2 个名额" in found.message


def test_an_approval_with_every_slot_used_does_not_warn():
    today = date(2026, 3, 2)
    assert deadlines.approval_expiring(deadlines.Approval(3, "HZ-1", 7, "财政局", today, 0), today, days=60) is None


@pytest.mark.parametrize(("left", "warned"), [(91, False), (90, True), (0, True), (-1, True)])
def test_a_term_warns_90_days_ahead(left, warned):
    today = date(2026, 3, 2)
    found = deadlines.term_ending(SOMEBODY, "周转编制", today + timedelta(days=left), today, days=90)
    assert (found is not None) is warned
