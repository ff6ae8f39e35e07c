"""A merger and a split in a real browser: filled in, checked, confirmed, told; axe looks at every step."""

import re
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from tests.browsing import sound
from tests.cast import TODAY, Cast
from tests.direct import REASON
from tests.personnel.web.test_in_browser import choose

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

EARLIER = date(2024, 5, 6)


def test_a_merger_from_the_menu_to_its_event(
    desk: Page, live_server: Any, cast: Cast, console_errors: list[str]
) -> None:
    cast.fill(cast.audit_office, "A1", 2, on=EARLIER)
    unit = reverse("organizations:detail", args=[cast.audit_office.pk])
    desk.goto(f"{live_server.url}{unit}", wait_until="networkidle")
    desk.locator("summary", has_text="机构变更").click()
    desk.get_by_role("link", name="合并", exact=True).click()
    expect(desk.locator("h1")).to_have_text("并入其他单位")
    sound(desk)

    desk.get_by_role("button", name="核对").click()
    expect(desk.locator(".error-summary")).to_contain_text("并入单位")
    assert all("422" in error for error in console_errors)
    console_errors.clear()
    sound(desk)
    choose(desk, "#id_target", "测试区财政局")
    choose(desk, "#id_document", "绍市编")
    desk.fill("#id_direct_reason", REASON)
    desk.get_by_role("button", name="核对").click()
    expect(desk.locator(".preview")).to_contain_text("请核对办理前后的情况")
    expect(desk.locator(".preview")).to_contain_text("人员变动 2 人")
    sound(desk)

    desk.get_by_role("button", name="确认办理").click()
    expect(desk).to_have_url(re.compile(r"/organizations/events/\d+/$"))
    expect(desk.locator("h1")).to_have_text("沿革事项：合并")
    sound(desk)
    assert quota_use([cast.bureau.pk], TODAY)[cast.bureau.pk, "A1"] == QuotaUse(14, 2, 0)

    desk.goto(f"{live_server.url}{unit}?tab=history", wait_until="networkidle")
    desk.get_by_role("link", name="合并", exact=True).first.click()
    expect(desk.locator("h1")).to_have_text("沿革事项：合并")


@pytest.mark.parametrize("kind", ["merge-new", "split", "hand-over", "abolish"])
def test_every_form_is_sound_at_both_widths(desk: Page, live_server: Any, cast: Cast, kind: str) -> None:
    cast.member(cast.bureau, on=EARLIER, internal_body_id=cast.finance_section.pk)
    cast.member(cast.bureau, on=EARLIER)
    address = reverse("personnel:reorganize", args=[cast.bureau.pk, kind])
    for width, height in ((1366, 768), (1920, 1080)):
        desk.set_viewport_size({"width": width, "height": height})
        desk.goto(f"{live_server.url}{address}", wait_until="networkidle")
        sound(desk)
