"""The hub in a real browser: a queue of pairs by keyboard, a finding by two persons, every page at both widths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from bianzhi.accounts.models import User
from bianzhi.exchange.models import Finding, LinkDecision, LinkReview
from tests.accounts.people import signed_in
from tests.browsing import sound
from tests.exchange.hub import Hub
from tests.exchange.shown import Shown, show_hub

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

DIST = Path(__file__).parents[2] / "src/bianzhi/common/static/dist/app.css"
MATTERS = ("P03",)


@pytest.fixture(autouse=True)
def ready() -> None:
    cache.clear()
    if not DIST.exists():
        pytest.skip("assets are not built")


@pytest.fixture
def shown(matters: Any, hub: Hub) -> Shown:
    return show_hub(hub)


def at_desk(page: Page, site: str, user: User) -> Page:
    session = signed_in(user).cookies["sessionid"].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page.set_default_timeout(15_000)
    return page


def test_pairs_are_judged_with_the_keyboard_alone(
    page: Page, live_server: Any, console_errors: list[str], shown: Shown
):
    desk = at_desk(page, live_server.url, shown.hub.people.office_clerk)
    first, last = LinkReview.objects.order_by("-score")
    desk.goto(live_server.url + reverse("exchange:reviews"))
    desk.get_by_role("link", name="逐对判断").click()
    expect(desk).to_have_url(live_server.url + reverse("exchange:review", args=[first.pk]))
    desk.keyboard.press("j")
    expect(desk).to_have_url(live_server.url + reverse("exchange:review", args=[last.pk]))
    desk.keyboard.press("k")
    expect(desk).to_have_url(live_server.url + reverse("exchange:review", args=[first.pk]))
    desk.locator("#basis").fill("12 号同日入职")  # a digit that is typed is no answer
    assert not LinkDecision.objects.exists()
    desk.locator("h1").click()
    desk.keyboard.press("1")
    expect(desk).to_have_url(live_server.url + reverse("exchange:review", args=[last.pk]))
    desk.keyboard.press("2")
    expect(desk).to_have_url(live_server.url + reverse("exchange:reviews"))
    assert list(LinkDecision.objects.order_by("pk").values_list("kind", flat=True)) == ["must", "never"]


def test_a_finding_is_proposed_and_confirmed_at_two_desks(
    page: Page, live_server: Any, console_errors: list[str], shown: Shown
):
    url = live_server.url + reverse("exchange:finding", args=[shown.finding.pk])
    desk = at_desk(page, live_server.url, shown.hub.people.office_clerk)
    desk.goto(url)
    expect(desk.locator("mark.differs").first).to_be_visible()
    desk.get_by_role("link", name="提出意见").click()
    desk.get_by_label("认定差异属实").check()
    desk.fill("#id_text", "已核对工资册原件")
    sound(desk, "propose")
    desk.get_by_role("button", name="提出处理意见").click()
    expect(desk.locator("main")).to_contain_text("须由另一位有复核权限的人员复核")
    desk = at_desk(page, live_server.url, shown.hub.people.other_clerk)
    desk.goto(url)
    desk.get_by_role("link", name="复核").click()
    desk.get_by_label("同意", exact=True).check()
    desk.get_by_role("button", name="复核处理意见").click()
    expect(desk.locator("main")).to_contain_text("已认定")
    assert Finding.objects.get(pk=shown.finding.pk).state == "confirmed"


def test_the_list_is_narrowed_and_chosen_rows_are_handled_together(
    page: Page, live_server: Any, console_errors: list[str], shown: Shown
):
    desk = at_desk(page, live_server.url, shown.hub.people.office_clerk)
    desk.goto(live_server.url + reverse("exchange:findings"))
    desk.select_option("select[name=owner]", "finance")
    expect(desk.locator(".list-count")).to_contain_text("1")
    desk.locator("input[name=selected]").check()
    desk.get_by_role("button", name="批量办理").click()
    desk.select_option("#id_act", "dismiss")
    desk.fill("#id_text", "同名不同人，已查户籍")
    sound(desk, "batch")
    desk.get_by_role("button", name="办理 1 项").click()
    expect(desk.locator("main")).to_contain_text("已办理 1 项")
    assert Finding.objects.get(pk=shown.finding.pk).state == "proposed"


def test_every_page_fits_both_widths_and_pleases_axe(
    page: Page, live_server: Any, console_errors: list[str], shown: Shown
):
    finding = [shown.finding.pk]
    unit = reverse("organizations:detail", args=[shown.hub.cast.bureau.pk])
    addresses = {
        "overview": reverse("exchange:overview"),
        "findings": reverse("exchange:findings"),
        "finding": reverse("exchange:finding", args=finding),
        "assign": reverse("exchange:finding_act", args=[*finding, "assign"]),
        "report": reverse("exchange:finding_report", args=finding),
        "settle": reverse("exchange:finding_settle", args=finding),
        "problem": reverse("exchange:finding_problem", args=finding),
        "numbers": reverse("exchange:finding_reveal", args=finding),
        "batch-all": reverse("exchange:findings_batch"),
        "changes": reverse("exchange:changes"),
        "change": reverse("exchange:change", args=[shown.change.pk]),
        "reviews": reverse("exchange:reviews"),
        "review": reverse("exchange:review", args=[shown.pair.pk]),
        "decisions": reverse("exchange:decisions"),
        "aliases": reverse("exchange:aliases"),
        "alias": reverse("exchange:alias_unit", args=[shown.alias.pk]),
        "runs": reverse("exchange:runs"),
        "new-run": reverse("exchange:new_run"),
        "run": reverse("exchange:run", args=[shown.run.pk]),
        "unit": f"{unit}?tab=exchange",
        "person": reverse("personnel:person", args=[shown.occupancy.person_id]),
    }
    desk = at_desk(page, live_server.url, shown.hub.people.director)
    for width, height in ((1366, 768), (1920, 1080)):
        desk.set_viewport_size({"width": width, "height": height})
        for name, address in addresses.items():
            answer = desk.goto(live_server.url + address, wait_until="networkidle")
            assert answer is not None
            assert answer.status == 200, name
            sound(desk, name)


def test_without_scripts_a_finding_is_read_and_a_pair_is_judged(browser: Any, live_server: Any, shown: Shown):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    desk = at_desk(context.new_page(), live_server.url, shown.hub.people.office_clerk)
    desk.goto(live_server.url + reverse("exchange:finding", args=[shown.finding.pk]))
    expect(desk.locator("mark.differs").first).to_have_text("玮")
    desk.goto(live_server.url + reverse("exchange:review", args=[shown.pair.pk]))
    desk.get_by_role("button", name="不是同一人").click()
    assert LinkDecision.objects.get().kind == "never"
    context.close()
