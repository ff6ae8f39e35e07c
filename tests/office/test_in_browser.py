"""The office in a real browser: a notice with an audience chosen by typing, the calendar, every page with axe."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from bianzhi.accounts.models import User
from bianzhi.office.models import CalendarEvent, Mail, MessageKind, Notice
from bianzhi.office.rules.wording import Words
from bianzhi.office.services.events import plan_event
from bianzhi.office.services.messages import News, tell
from bianzhi.office.services.preferences import set_preference
from bianzhi.workflow.services.delegations import delegate
from tests.accounts.people import CONSOLE
from tests.browsing import sound
from tests.cast import TODAY
from tests.office.conftest import DIST, Staff, client_of, deliver
from tests.office.smtp_sink import Sink
from tests.office.test_calendar import NINE, meeting
from tests.office.test_notices import published
from tests.workflow.engine.flows import begin_case, publish_flow, step
from tests.workflow.engine.hands import submit

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.browser,
    pytest.mark.skipif(not DIST.exists(), reason="assets are not built"),
]
PICTURES = os.environ.get("BIANZHI_PICTURES", "")
"""A folder in which pictures of every page are left, for eyes."""


@pytest.fixture
def seat(page: Page, live_server: Any, console_errors: list[str]) -> Any:
    """Sit a user down at the browser."""

    def sit(user: User) -> Page:
        page.context.clear_cookies()
        value = client_of(user).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
        page.set_default_timeout(15_000)
        return page

    return sit


def choose(page: Page, selector: str, text: str) -> None:
    """Add one thing to a list that is searched by typing."""
    control = page.locator(f"{selector}-ts-control")
    control.click()
    with page.expect_response(lambda answer: f"q={quote(text)}" in answer.url):
        control.fill(text)
    page.locator(f"{selector}-ts-dropdown .option", has_text=text).first.click()
    expect(page.locator(f".ts-control:has({selector}-ts-control) .item", has_text=text)).to_be_visible()
    control.press("Tab")


def test_a_notice_finds_its_readers(seat, live_server, staff: Staff):
    desk = seat(staff.clerk)
    desk.goto(f"{live_server.url}{reverse('office:notice_new')}", wait_until="networkidle")
    sound(desk)
    desk.fill("#id_title", "关于召开年度用编计划会商会的通知")
    desk.fill("#id_body", "各有关单位：\n\n定于本周四上午九时召开会商会，请准时参加。\n\n区委编办")
    desk.get_by_label("按单位").check()
    choose(desk, "#id_units", "测试区财政局")
    choose(desk, "#id_units", "测试区教育局")
    choose(desk, "#id_units", "测试区审计局")
    desk.locator(".ts-wrapper .item", has_text="测试区审计局").get_by_title("移除").click()
    desk.get_by_label("必读").check()
    desk.get_by_role("button", name="保存草稿").click()
    expect(desk.locator("main")).to_contain_text("按单位：测试区财政局、测试区教育局（含下级单位）")
    desk.get_by_role("link", name="发布").click()
    desk.locator("#confirm-publish").get_by_role("button", name="发布").click()
    expect(desk.locator(".notices")).to_contain_text("应读 4 人")
    sound(desk)
    deliver()

    desk = seat(staff.bureau_clerk)
    desk.goto(f"{live_server.url}{reverse('office:notices')}", wait_until="networkidle")
    expect(desk.locator(".bell .count-badge")).to_contain_text("1")
    desk.locator(".bell").click()
    desk.get_by_role("link", name="请确认阅读：关于召开年度用编计划会商会的通知").click()
    desk.get_by_role("button", name="确认已读").click()
    expect(desk.locator("main")).to_contain_text("确认阅读")
    expect(desk.locator(".bell .count-badge")).to_have_count(0)
    assert Notice.objects.get().recipients.filter(confirmed_at__isnull=False).count() == 1


def test_a_meeting_is_put_into_the_calendar(seat, live_server, staff: Staff):
    desk = seat(staff.clerk)
    desk.goto(f"{live_server.url}{reverse('office:calendar')}?month=2026-03&day=2026-03-05", wait_until="networkidle")
    desk.get_by_role("link", name="安排日程").click()
    expect(desk.locator("#id_first")).to_have_value("2026-03-05")
    desk.fill("#id_title", "用编计划会商")
    desk.fill("#id_place", "三楼会议室")
    choose(desk, "#id_participants", "陈国平")
    choose(desk, "#id_participants", "赵敏")
    sound(desk)
    desk.get_by_role("button", name="保存").click()
    for name in ("陈国平", "赵敏"):
        expect(desk.locator("main")).to_contain_text(name)
    sound(desk)
    desk.goto(f"{live_server.url}{reverse('office:calendar')}", wait_until="networkidle")
    desk.locator(".month").get_by_role("link", name=re.compile("用编计划会商")).click()
    expect(desk).to_have_url(re.compile(r"/office/events/\d+/$"))
    assert CalendarEvent.objects.get().participants.count() == 2


def test_a_subscription_is_opened(seat, live_server, staff: Staff):
    desk = seat(staff.clerk)
    desk.goto(f"{live_server.url}{reverse('office:calendar')}", wait_until="networkidle")
    desk.get_by_role("button", name="开通订阅地址").click()
    expect(desk.locator("#feed-url")).to_have_value(re.compile(r"/office/feeds/.{40,}/calendar\.ics$"))
    sound(desk)


@pytest.fixture
def furnished(staff: Staff, mail: Sink) -> dict[str, Any]:
    """Something on every page."""
    notice = published(staff, title="关于做好 2026 年度用编计划申报工作的通知", must_confirm=True)
    published(staff, title="关于端午节值班安排的通知")
    publish_flow("limit", step("apply", submit=True), step("review", role="office_deputy", days=5))
    for number in range(1, 6):
        submit(staff.bureau_clerk, begin_case(staff.bureau_clerk, "limit", subject_id=number, unit_id=None))
    delegate(
        actor=staff.deputy,
        delegator_id=staff.deputy.pk,
        delegate_id=staff.clerk.pk,
        flows=[],
        valid_from=TODAY,
        valid_until=TODAY.replace(day=6),
        reason="参加培训",
        today=TODAY,
    )
    event = plan_event(actor=staff.deputy, facts=meeting(staff.clerk, staff.bureau_clerk, text="请带上本单位计划。"))
    plan_event(
        actor=staff.deputy,
        facts=meeting(title="下午调研", starts_at=NINE.replace(hour=14), ends_at=NINE.replace(hour=16)),
    )
    set_preference(actor=staff.deputy, mail_address="chen@example.gov.cn", mail_kinds=["ended"])
    tell(
        actor=CONSOLE,
        event="t",
        news=[News(staff.deputy.pk, MessageKind.ENDED, Words("已办结：入编 3", "最后办理人：周明远。"))],
    )
    Mail.objects.update(state="failed", attempts=6, last_error="收件地址被拒绝：550 5.1.1 no such user")
    deliver()
    return {"notice": notice, "event": event}


def picture(page: Page, name: str, width: int) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)


def test_every_page_fits_both_widths_and_pleases_axe(seat, live_server, staff: Staff, furnished):
    notice, event = furnished["notice"].pk, furnished["event"].pk
    addresses = {
        "notices": (staff.clerk, reverse("office:notices")),
        "notice": (staff.clerk, reverse("office:notice", args=[notice])),
        "notice-reader": (staff.bureau_clerk, reverse("office:notice", args=[notice])),
        "readers": (staff.clerk, reverse("office:notice_readers", args=[notice])),
        "notice-form": (staff.clerk, reverse("office:notice_new")),
        "messages": (staff.deputy, reverse("office:messages")),
        "preferences": (staff.deputy, reverse("office:preferences")),
        "calendar": (staff.deputy, reverse("office:calendar")),
        "calendar-day": (staff.deputy, f"{reverse('office:calendar')}?month=2026-03&day=2026-03-09"),
        "calendar-october": (staff.deputy, f"{reverse('office:calendar')}?month=2026-10"),
        "event": (staff.deputy, reverse("office:event", args=[event])),
        "event-form": (staff.deputy, reverse("office:event_edit", args=[event])),
        "away": (staff.director, reverse("office:away")),
        "mails": (staff.admin, reverse("office:mails")),
        "workbench": (staff.deputy, reverse("reports:workbench")),
        "workbench-clerk": (staff.bureau_clerk, reverse("reports:workbench")),
        "t16": (staff.director, reverse("reports:report", args=["t16"])),
    }
    for name, (user, address) in addresses.items():
        page = seat(user)
        for width, height in ((1366, 768), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{live_server.url}{address}", wait_until="networkidle")
            expect(page.locator("h1").first).to_be_visible()
            picture(page, name, width)
            sound(page)
