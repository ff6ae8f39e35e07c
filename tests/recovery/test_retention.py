"""Which backups are kept: days, weeks, months, what they lean on, and always the last good one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bianzhi.recovery.rules.retention import Candidate, Policy, kept

NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)


def at(days_ago: int, *needs: str, good: bool = True) -> Candidate:
    return Candidate(f"d{days_ago}", NOW - timedelta(days=days_ago), frozenset(needs), good)


def test_the_newest_of_each_day_week_and_month_are_kept():
    names = kept([at(day) for day in range(400)], Policy(daily=3, weekly=2, monthly=3))
    assert {"d0", "d1", "d2"} <= names
    assert names == {"d0", "d1", "d2", "d4", "d26", "d57"}


def test_two_of_a_day_leave_the_newer_one():
    morning, evening = at(0), Candidate("later", NOW + timedelta(hours=9), frozenset(), is_good=True)
    assert kept([morning, evening], Policy(1, 0, 0)) == {"later"}


def test_a_good_one_of_a_day_goes_before_a_newer_damaged_one():
    damaged = Candidate("later", NOW + timedelta(hours=9), frozenset(), is_good=False)
    assert kept([at(0), damaged], Policy(1, 0, 0)) == {"d0"}


def test_what_a_kept_one_leans_on_is_kept_however_old():
    assert kept([at(0, "d9"), at(5), at(9, "d20"), at(20)], Policy(1, 0, 0)) == {"d0", "d9", "d20"}


@pytest.mark.parametrize("policy", [Policy(1, 0, 0), Policy(0, 0, 0)])
def test_the_last_good_one_is_never_removed(policy):
    names = kept([at(0, good=False), at(1, good=False), at(30), at(31)], policy)
    assert "d30" in names
    assert "d31" not in names


def test_where_none_is_known_to_be_good_the_newest_stays():
    assert kept([at(1, good=False), at(2, good=False)], Policy(0, 0, 0)) == {"d1"}
    assert kept([], Policy()) == frozenset()


def test_a_policy_is_read_from_words_and_nonsense_is_refused():
    assert Policy.read("7, 4,12") == Policy(7, 4, 12)
    for text in ("7,4", "a,b,c", "-1,2,3"):
        with pytest.raises(ValueError, match="每日,每周,每月"):
            Policy.read(text)
