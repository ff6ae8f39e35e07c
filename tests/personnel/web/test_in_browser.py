"""The main job in a real browser: a slip is issued, somebody enters on it, is looked up, and leaves again."""

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as TooSlow

from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, make_id_number
from bianzhi.personnel.models import Person
from tests.browsing import sound
from tests.cast import TODAY, Cast
from tests.direct import REASON

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

NUMBER = make_id_number(UNALLOCATED_REGION, TODAY.replace(year=1998), 21).value


def choose(page: Page, selector: str, text: str) -> None:
    """Choose from a list that is searched by typing, and see that it is chosen.

    An answer of the search that comes between pressing and releasing the mouse draws the list anew: the click is then
    on no option, and nothing is chosen.
    """
    control = page.locator(f"{selector}-ts-control")
    option = page.locator(f"{selector}-ts-dropdown .option", has_text=text).first
    for _ in range(3):
        control.click()
        control.fill(text)
        try:
            option.click(timeout=3000)
            expect(page.locator(selector)).not_to_have_value("", timeout=3000)
        except (TooSlow, AssertionError):
            control.press("Escape")
        else:
            return
    raise AssertionError(f"{text} is not offered for {selector}")


def test_from_the_slip_to_the_exit(desk: Page, live_server: Any, cast: Cast) -> None:
    desk.goto(f"{live_server.url}{reverse('personnel:issue')}?unit={cast.bureau.pk}", wait_until="networkidle")
    sound(desk)
    desk.select_option("#id_slots-0-quota_type", "A1")
    choose(desk, "#id_slots-0-entry_mode", "公务员考试录用")
    desk.fill("#id_slots-0-count", "11")
    desk.press("#id_slots-0-count", "Tab")
    expect(desk.locator("#check-panel")).to_contain_text("R02")
    desk.fill("#id_slots-0-count", "1")
    desk.press("#id_slots-0-count", "Tab")
    expect(desk.locator("#check-panel")).to_contain_text("核查通过")
    choose(desk, "#id_document", "虞编")
    desk.fill("#id_direct_reason", REASON)
    desk.get_by_role("button", name="核发核准单").click()
    expect(desk).to_have_url(re.compile(r"/approvals/\d+/$"))
    sound(desk)

    desk.get_by_role("link", name="入编", exact=True).last.click()
    expect(desk.locator("#id_name")).to_be_visible()
    desk.wait_for_load_state("networkidle")  # what is typed before the scripts run asks no question about itself
    desk.fill("#id_name", "陈新来")
    desk.fill("#id_id_number", NUMBER)
    desk.press("#id_id_number", "Tab")
    expect(desk.locator("#known-person")).to_contain_text("身份证号有效")
    choose(desk, "#id_ethnicity", "汉族")
    choose(desk, "#id_politics", "群众")
    desk.fill("#id_started_work_on", "2021.7")
    desk.select_option("#id_identity", "civil_servant")
    desk.get_by_label("录用通知").check()
    choose(desk, "#id_document", "虞编")
    desk.fill("#id_direct_reason", REASON)
    desk.get_by_role("button", name="先核查").click()
    expect(desk.locator("#act-form")).to_contain_text("核查通过")
    sound(desk)
    assert not Person.objects.with_id_number(NUMBER).exists()
    desk.get_by_role("button", name="办理入编").click()
    expect(desk.locator("h1")).to_contain_text("BD2026-")
    sound(desk)

    person = Person.objects.with_id_number(NUMBER).get()
    desk.goto(f"{live_server.url}{reverse('personnel:person', args=[person.pk])}", wait_until="networkidle")
    expect(desk.locator("main")).not_to_contain_text(NUMBER)
    desk.get_by_role("link", name="显示").click()
    desk.select_option("#id_purpose", "identity")
    desk.fill("#id_note", "核对证件")
    desk.locator("#id-number").get_by_role("button", name="显示").click()
    expect(desk.locator("#id-number")).to_contain_text(NUMBER)
    sound(desk)

    desk.goto(f"{live_server.url}{reverse('personnel:exit', args=[person.pk])}?mode=O07", wait_until="networkidle")
    desk.fill("#id_event_on", "2026-01-05")
    desk.press("#id_event_on", "Tab")
    expect(desk.locator("#exit-clock")).to_contain_text("已超过办理期限")
    sound(desk)


def test_pages_fit_both_widths_and_please_axe(desk: Page, live_server: Any, cast: Cast) -> None:
    stay = cast.member(cast.bureau)
    movement = stay.person.movements.get()
    unit = reverse("organizations:detail", args=[cast.bureau.pk])
    addresses = [
        reverse("personnel:people"),
        f"{reverse('personnel:people')}?date=2025-12-31",
        reverse("personnel:approvals"),
        reverse("personnel:slots"),
        reverse("personnel:movements"),
        reverse("personnel:secondments"),
        reverse("personnel:engagements"),
        reverse("personnel:moves"),
        reverse("personnel:enlist"),
        reverse("personnel:change", args=[stay.person_id]),
        reverse("personnel:edit", args=[stay.person_id]),
        reverse("personnel:transfer", args=[stay.person_id]),
        f"{reverse('personnel:transfer', args=[stay.person_id])}?kind=body",
        reverse("personnel:exit", args=[stay.person_id]),
        reverse("personnel:appoint", args=[stay.person_id]),
        reverse("personnel:duty", args=[stay.person_id]),
        reverse("personnel:second", args=[stay.person_id]),
        reverse("personnel:new_engagement"),
        reverse("personnel:notice", args=[movement.pk]),
        reverse("personnel:reverse", args=[movement.pk]),
        f"{unit}?tab=quota",
        f"{unit}?tab=posts",
        f"{unit}?tab=movements",
    ]
    for width, height in ((1366, 768), (1920, 1080)):
        desk.set_viewport_size({"width": width, "height": height})
        for address in addresses:
            desk.goto(f"{live_server.url}{address}", wait_until="networkidle")
            expect(desk.locator("h1").first).to_be_visible()
            sound(desk, address)


def test_a_list_narrows_while_the_reader_types(desk: Page, live_server: Any, cast: Cast) -> None:
    cast.member(cast.bureau, facts=cast.facts("王小川"))
    cast.member(cast.bureau, facts=cast.facts("李大海"))
    desk.goto(f"{live_server.url}{reverse('personnel:people')}", wait_until="networkidle")
    desk.get_by_placeholder("姓名、拼音首字母、身份证号").type("ldh", delay=40)
    expect(desk.locator(".list-rows tbody tr")).to_have_count(1)
    expect(desk.locator(".list-rows")).to_contain_text("李大海")
    assert re.search(r"[?&]q=ldh", desk.url)
