"""What the office app knows without a database: months, iCalendar, wordings, when to try again, audiences."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel.clock import CHINA
from bianzhi.office.rules import wording
from bianzhi.office.rules.audience import Seat, everyone, holders_of, people_at
from bianzhi.office.rules.backoff import MOST_ATTEMPTS, next_attempt
from bianzhi.office.rules.icalendar import LONGEST_LINE, Item, escaped, folded, written
from bianzhi.office.rules.months import Month

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=CHINA)
TODAY = NOW.date()


# --- months ------------------------------------------------------------------------------------------------------


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_month_is_whole_weeks_that_hold_every_day_of_it(day):
    month = Month.of(day)
    weeks = month.weeks()
    days = [each for week in weeks for each in week]
    assert all(len(week) == 7 and week[0].weekday() == 0 for week in weeks)
    assert days == [days[0] + timedelta(days=at) for at in range(len(days))]
    assert month.first_day in weeks[0]
    assert month.last_day in weeks[-1]


def test_months_follow_each_other_over_the_year():
    assert str(Month(2026, 12).plus(1)) == "2027-01"
    assert str(Month(2026, 1).plus(-1)) == "2025-12"
    assert Month(2026, 2).last_day == date(2026, 2, 28)


@pytest.mark.parametrize(
    "text", ["", "abc", "2026", "2026-13", "2026-1", "1999-12", "2030-01", "２０２６-01", "2026-01-01"]
)
def test_what_is_no_month_is_the_present_one(text):
    assert Month.read(text, default=TODAY, last=date(2029, 12, 31)) == Month(2026, 3)


def test_a_month_is_read_as_it_is_written():
    assert Month.read("2027-11", default=TODAY, last=date(2029, 12, 31)) == Month(2027, 11)


# --- iCalendar ---------------------------------------------------------------------------------------------------


def test_text_is_escaped_as_rfc_5545_asks():
    assert escaped("a\\b;c,d\r\ne") == "a\\\\b\\;c\\,d\\ne"
    assert escaped("铃\x07声") == "铃声"


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"), max_size=400))
def test_folding_keeps_the_line_and_never_cuts_a_character(line):
    octets = folded(line)
    parts = octets[:-2].split(b"\r\n")
    assert octets.endswith(b"\r\n")
    assert all(len(part) <= LONGEST_LINE for part in parts)
    assert all(part.startswith(b" ") for part in parts[1:])
    assert b"".join([parts[0], *(part[1:] for part in parts[1:])]).decode() == line
    for part in parts:
        part.decode()


def test_days_end_after_their_last_day_and_moments_are_in_utc():
    day = Item("a@x", TODAY, TODAY, "办理期限", NOW)
    hour = Item("b@x", NOW, NOW + timedelta(hours=1), "会议", NOW, sequence=3, is_cancelled=True, is_busy=True)
    text = written("日历", [day, hour]).decode()
    assert "DTSTART;VALUE=DATE:20260302\r\nDTEND;VALUE=DATE:20260303\r\n" in text
    assert "DTSTART:20260302T013000Z\r\nDTEND:20260302T023000Z\r\n" in text
    assert "SEQUENCE:3\r\nSTATUS:CANCELLED\r\nTRANSP:OPAQUE\r\n" in text
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert text.endswith("END:VEVENT\r\nEND:VCALENDAR\r\n")


def test_an_item_is_of_days_or_of_moments():
    with pytest.raises(ValueError, match="not of both"):
        written("日历", [Item("a@x", TODAY, NOW, "混", NOW)])
    with pytest.raises(ValueError, match="time zone"):
        written("日历", [Item("a@x", NOW.replace(tzinfo=None), NOW.replace(tzinfo=None), "无时区", NOW)])


# --- words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["330699199001010011", "33069919900101001X", "330699900101001"])
def test_what_looks_like_an_id_number_is_masked(number):
    masked = wording.without_id_numbers(f"请核对张三（{number}）的材料")
    assert number not in masked
    assert masked.startswith("请核对张三（330699****")


def test_case_numbers_and_years_are_left_alone():
    text = "办件 P03-2026-000123，电话 0575-82212345，文号 虞编办〔2026〕12号"
    assert wording.without_id_numbers(text) == text


def test_words_say_who_is_late_and_by_how_much():
    words = wording.clock_words("入编 12", "审核", "yellow", TODAY, 3, holders="陈国平")
    assert words.title == "黄牌 · 已超期 3 个工作日：入编 12"
    assert words.text == "“审核”环节，办理期限 2026-03-02，承办人：陈国平。请督促尽快办理。"


def test_a_long_text_is_cut_with_an_ellipsis():
    assert wording.fitting("甲" * 10, 5) == "甲甲甲甲…"
    assert wording.fitting("甲乙", 2) == "甲乙"


# --- mail and audiences ------------------------------------------------------------------------------------------


def test_a_mail_is_tried_again_later_and_later_and_then_given_up():
    now = datetime(2026, 3, 2, tzinfo=UTC)
    pauses = [next_attempt(attempts, now) for attempts in range(1, MOST_ATTEMPTS + 1)]
    assert pauses[-1] is None
    times = [each for each in pauses if each is not None]
    assert times == sorted(times)
    assert times[0] == now + timedelta(minutes=1)
    with pytest.raises(ValueError, match="no attempt"):
        next_attempt(0, now)


def test_an_audience_is_everyone_a_role_or_a_unit():
    seats = [Seat(1, "office_clerk", None), Seat(2, "unit_clerk", 7), Seat(3, "unit_head", 8), Seat(3, "unit_clerk", 7)]
    assert everyone(seats) == {1, 2, 3}
    assert holders_of(seats, ["unit_head", "office_clerk"]) == {1, 3}
    assert people_at(seats, {7}) == {2, 3}
