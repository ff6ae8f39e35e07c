"""The search box in a real browser: it offers, leads on with the keyboard, and its page reads without JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browsing import accessible, sound
from tests.search.conftest import World, at_desk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

DIST = Path(__file__).parents[2] / "src/bianzhi/common/static/dist/app.css"


@pytest.fixture
def session(world: World, live_server: Any) -> dict[str, str]:
    if not DIST.exists():
        pytest.skip("assets are not built")
    client = at_desk(world.users["clerk"])
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}


def test_the_box_offers_titles_and_the_keyboard_leads_to_one(
    page: Any, live_server: Any, session: Any, console_errors: list[str]
) -> None:
    page.context.add_cookies([session])
    page.goto(f"{live_server.url}/search/", wait_until="networkidle")
    box = page.get_by_role("combobox", name="全局搜索")
    box.type("测试区财")
    offer = page.get_by_role("option").first
    offer.wait_for()
    assert "测试区财政局" in offer.inner_text()
    accessible(page, "search-offers")
    box.press("ArrowDown")
    assert offer.get_attribute("aria-selected") == "true"
    box.press("Enter")
    page.wait_for_url("**/organizations/*/")


def test_the_page_of_results_is_accessible_and_fits_the_window(
    page: Any, live_server: Any, session: Any, console_errors: list[str]
) -> None:
    page.context.add_cookies([session])
    page.goto(f"{live_server.url}/search/?q=渔业许可证", wait_until="networkidle")
    assert page.locator("mark").first.inner_text() == "渔业许可证"
    sound(page, "search-results")


def test_the_page_reads_without_javascript(browser: Any, live_server: Any, session: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([session])
    page = context.new_page()
    page.goto(f"{live_server.url}/search/")
    page.fill("#search-q", "渔业许可证")
    page.get_by_role("button", name="检索", exact=True).click()
    assert "共找到 3 项" in page.inner_text("main")
    page.get_by_role("link", name="档案 3").click()
    assert "kind=archives.item" in page.url
    context.close()
