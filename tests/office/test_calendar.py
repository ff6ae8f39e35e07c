"""Events, the month page, and iCalendar as file and as secret address, read back by a reader of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.accounts.services.users import deactivate
from bianzhi.common import agenda
from bianzhi.kernel import clock
from bianzhi.kernel.clock import CHINA
from bianzhi.kernel.objections import Refused
from bianzhi.office.models import CalendarEvent, CalendarFeed, Message
from bianzhi.office.rules.months import Month
from bianzhi.office.selectors.calendar import clashing, month_page
from bianzhi.office.services.events import EventFacts, cancel_event, change_event, plan_event
from bianzhi.office.services.feeds import digest_of, note_feed_read, open_feed, revoke_feed
from bianzhi.office.web import feeds
from tests.accounts.people import CONSOLE, account
from tests.cast import TODAY
from tests.office import ics_reader
from tests.office.conftest import client_of, deliver
from tests.workflow.engine.flows import begin_case, publish_flow, step
from tests.workflow.engine.hands import submit

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 3, 5, 9, 0, tzinfo=CHINA)


def meeting(*people: User, **other: Any) -> EventFacts:
    facts: dict[str, Any] = {
        "title": "用编计划会商",
        "starts_at": NINE,
        "ends_at": NINE + timedelta(hours=2),
        "place": "三楼会议室",
        "participants": frozenset(user.pk for user in people),
    }
    return EventFacts(**{**facts, **other})


def titles(user: User, first: date = TODAY, last: date = date(2026, 4, 30)) -> list[str]:
    return sorted(entry.title for entry in agenda.entries(user, first, last))


# --- events ------------------------------------------------------------------------------------------------------


def test_a_meeting_is_in_the_calendars_of_those_it_concerns_and_of_nobody_else(staff):
    plan_event(actor=staff.clerk, facts=meeting(staff.deputy, staff.bureau_clerk))
    deliver()
    for user in (staff.clerk, staff.deputy, staff.bureau_clerk):
        assert titles(user) == ["用编计划会商"]
    assert titles(staff.audit_clerk) == []
    message = Message.objects.get(recipient=staff.deputy)
    assert message.title == "邀您参加：用编计划会商"
    assert message.text == "2026-03-05（周四）09:00—11:00，三楼会议室。发起人：李文静。"
    assert not Message.objects.filter(recipient=staff.clerk).exists()


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"title": " "}, "N40"),
        ({"ends_at": NINE}, "N41"),
        ({"ends_at": NINE - timedelta(days=1), "all_day": True}, "N41"),
        ({"ends_at": NINE + timedelta(days=61)}, "N42"),
        ({"participants": frozenset({10**9})}, "N43"),
    ],
)
def test_an_event_that_makes_no_sense_is_refused(staff, other, code):
    with pytest.raises(Refused) as refused:
        plan_event(actor=staff.clerk, facts=meeting(**other))
    assert refused.value.codes == [code]
    assert not CalendarEvent.objects.exists()


def test_somebody_without_any_role_plans_nothing(staff):
    with pytest.raises(PermissionDenied):
        plan_event(actor=account("roleless"), facts=meeting())


def test_only_whoever_arranged_an_event_changes_it_and_everybody_hears_of_it(staff):
    event = plan_event(actor=staff.clerk, facts=meeting(staff.deputy, staff.other_deputy))
    with pytest.raises(Refused) as refused:
        change_event(actor=staff.deputy, event_id=event.pk, facts=meeting())
    assert refused.value.codes == ["N44"]
    deliver()
    facts = meeting(staff.deputy, staff.director, starts_at=NINE + timedelta(hours=1))
    changed = change_event(actor=staff.clerk, event_id=event.pk, facts=facts)
    deliver()
    assert changed.revision == 1
    latest = {message.recipient: message.title for message in Message.objects.order_by("pk")}
    assert latest == {
        staff.deputy: "日程有变：用编计划会商",
        staff.director: "日程有变：用编计划会商",
        staff.other_deputy: "不再需要您参加：用编计划会商",
    }
    assert titles(staff.other_deputy) == []
    change_event(actor=staff.clerk, event_id=event.pk, facts=meeting(staff.other_deputy))
    assert titles(staff.other_deputy) == ["用编计划会商"], "invited again on the same row"


def test_a_cancelled_event_leaves_the_page_and_stays_struck_out_in_the_file(staff):
    event = plan_event(actor=staff.clerk, facts=meeting(staff.deputy))
    with pytest.raises(Refused) as refused:
        cancel_event(actor=staff.clerk, event_id=event.pk, reason="")
    assert refused.value.codes == ["N45"]
    cancel_event(actor=staff.clerk, event_id=event.pk, reason="改为书面征求意见")
    deliver()
    assert titles(staff.deputy) == []
    assert Message.objects.filter(recipient=staff.deputy, title__startswith="日程取消").exists()
    found = read(client_of(staff.deputy))
    assert [(item["SUMMARY"], item["STATUS"], item["SEQUENCE"]) for item in found] == [
        ("会议：用编计划会商", "CANCELLED", "1")
    ]
    with pytest.raises(Refused) as refused:
        change_event(actor=staff.clerk, event_id=event.pk, facts=meeting())
    assert refused.value.codes == ["N44"]


def test_people_with_something_else_at_that_time_are_named(staff):
    event = plan_event(actor=staff.clerk, facts=meeting(staff.deputy))
    people = {staff.deputy.pk, staff.director.pk, staff.clerk.pk}
    ends = NINE + timedelta(hours=2)
    assert clashing(people, NINE, ends) == ["李文静", "陈国平"]
    assert clashing(people, NINE, ends, without=event.pk) == []
    assert clashing(people, ends, ends + timedelta(hours=1)) == []


# --- the month ---------------------------------------------------------------------------------------------------


def test_the_month_shows_limits_meetings_and_days_off(staff):
    publish_flow("limit", step("apply", submit=True), step("review", role="office_deputy", days=5))
    case = begin_case(staff.bureau_clerk, "limit", unit_id=None)
    submit(staff.bureau_clerk, case)
    plan_event(actor=staff.deputy, facts=meeting())
    plan_event(
        actor=staff.deputy,
        facts=meeting(
            title="调研",
            all_day=True,
            starts_at=datetime(2026, 3, 30, tzinfo=CHINA),
            ends_at=datetime(2026, 4, 1, tzinfo=CHINA),
        ),
    )
    days = {each.day: each for week in month_page(staff.deputy, Month(2026, 3), TODAY) for each in week}
    assert [entry.title for entry in days[date(2026, 3, 9)].entries] == ["limit 1"]
    assert [entry.title for entry in days[date(2026, 3, 5)].entries] == ["用编计划会商"]
    assert [day.day for day in days.values() if any(entry.title == "调研" for entry in day.entries)] == [
        date(2026, 3, 30),
        date(2026, 3, 31),
        date(2026, 4, 1),
    ]
    assert not days[date(2026, 3, 7)].is_working
    assert days[date(2026, 3, 9)].is_working
    october = {each.day: each for week in month_page(staff.deputy, Month(2026, 10), TODAY) for each in week}
    assert (october[date(2026, 10, 1)].is_working, october[date(2026, 10, 1)].name) == (False, "国庆节")


def test_a_month_costs_the_same_for_many_entries(staff, django_assert_max_num_queries):
    publish_flow("limit", step("apply", submit=True), step("review", role="office_deputy", days=5))
    client = client_of(staff.deputy)
    address = f"{reverse('office:calendar')}?month=2026-03"
    client.get(address)
    with django_assert_max_num_queries(60) as few:
        client.get(address)
    for number in range(6):
        submit(staff.bureau_clerk, begin_case(staff.bureau_clerk, "limit", subject_id=number, unit_id=None))
        plan_event(actor=staff.deputy, facts=meeting(staff.clerk))
    with django_assert_max_num_queries(len(few)):
        page = client.get(address)
    assert "另 " in page.content.decode()


# --- iCalendar ---------------------------------------------------------------------------------------------------


def read(client: Client, address: str = "") -> list[dict[str, str]]:
    """The events of a calendar file."""
    answer = client.get(address or reverse("office:calendar_file"))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return ics_reader.events(answer.content)


def test_the_file_holds_what_the_page_shows_in_words_a_program_reads(staff):
    long_text = "编制，事项；“会商”\\" * 12
    plan_event(actor=staff.clerk, facts=meeting(title=long_text[:120], place="三楼,东;厅"))
    publish_flow("limit", step("apply", submit=True, days=3))
    begin_case(staff.clerk, "limit")
    items = {item["CATEGORIES"]: item for item in read(client_of(staff.clerk))}
    met, limit = items["会议"], items["办理期限"]
    assert met["SUMMARY"] == f"会议：{long_text[:120]}"
    assert met["LOCATION"] == "三楼,东;厅"
    assert (met["DTSTART"], met["DTEND"]) == ("20260305T010000Z", "20260305T030000Z")
    assert (limit["DTSTART;VALUE=DATE"], limit["DTEND;VALUE=DATE"]) == ("20260305", "20260306")
    assert limit["URL"] == "http://testserver/tests/1/"
    assert len({item["UID"] for item in items.values()}) == 2


def test_an_entry_keeps_its_name_however_the_site_is_reached_and_counts_its_changes(staff, settings):
    event = plan_event(actor=staff.clerk, facts=meeting())
    first = read(client_of(staff.clerk))[0]
    settings.SITE_URL = "https://bianzhi.example.gov.cn"
    facts = replace(meeting(), title="改期的会商")
    change_event(actor=staff.clerk, event_id=event.pk, facts=facts)
    second = read(client_of(staff.clerk))[0]
    assert first["UID"] == second["UID"]
    assert (first["SEQUENCE"], second["SEQUENCE"]) == ("0", "1")
    assert second["URL"].startswith("https://bianzhi.example.gov.cn/office/events/")


def feed_address(token: str) -> str:
    return reverse("office:feed", args=[token])


def test_the_secret_address_needs_no_login_and_shows_one_persons_calendar(staff):
    plan_event(actor=staff.clerk, facts=meeting())
    plan_event(actor=staff.director, facts=meeting(title="主任的会"))
    feed, token = open_feed(actor=staff.clerk)
    assert feed.token_digest == digest_of(token)
    assert token not in str(list(CalendarFeed.objects.values()))
    assert [item["SUMMARY"] for item in read(Client(), feed_address(token))] == ["会议：用编计划会商"]
    feed.refresh_from_db()
    assert feed.last_used_at is not None
    assert "no-store" in Client().get(feed_address(token))["Cache-Control"]


def test_a_revoked_or_replaced_address_and_a_closed_account_show_nothing(staff):
    _, first = open_feed(actor=staff.clerk)
    _, second = open_feed(actor=staff.clerk)
    assert Client().get(feed_address(first)).status_code == 404
    assert Client().get(feed_address(second)).status_code == 200
    deactivate(actor=CONSOLE, user_id=staff.clerk.pk)
    assert Client().get(feed_address(second)).status_code == 404
    _, other = open_feed(actor=staff.director)
    revoke_feed(actor=staff.director)
    assert Client().get(feed_address(other)).status_code == 404
    with pytest.raises(Refused) as refused:
        revoke_feed(actor=staff.director)
    assert refused.value.codes == ["N30"]


def test_an_address_is_read_and_guessed_only_so_often(staff, monkeypatch):
    _, token = open_feed(actor=staff.clerk)
    monkeypatch.setattr(feeds, "READS", replace(feeds.READS, most=2))
    monkeypatch.setattr(feeds, "GUESSES", replace(feeds.GUESSES, most=3))
    assert [Client().get(feed_address(token)).status_code for _ in range(3)] == [200, 200, 429]
    assert [Client().get(feed_address(f"wrong{at}")).status_code for at in range(4)] == [404, 404, 404, 429]
    assert int(Client().get(feed_address("wrong"))["Retry-After"]) > 0


def test_the_last_reading_of_a_feed_is_noted(staff):
    feed, _ = open_feed(actor=staff.clerk)
    now = clock.now().astimezone(UTC)
    note_feed_read(actor=CONSOLE, feed_id=feed.pk, now=now)
    feed.refresh_from_db()
    assert feed.last_used_at == now
