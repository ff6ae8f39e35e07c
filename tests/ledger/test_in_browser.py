"""The ledger in a real browser: an act from the form to the entry, and every page sound for screen readers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.services import allot
from tests.browsing import accessible, sound
from tests.direct import REASON
from tests.ledger.conftest import Books
from tests.ledger.test_decisions import staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

DIST = Path(__file__).parents[2] / "src/bianzhi/common/static/dist/app.css"


@pytest.fixture(autouse=True)
def assets():
    if not DIST.exists():
        pytest.skip("assets are not built")


def log_in(page: Page, site: str, role: str) -> None:
    client = Client()
    client.force_login(staff(role, role))
    page.context.add_cookies(
        [{"name": key, "value": cookie.value, "url": site} for key, cookie in client.cookies.items()]
    )


def choose(page: Page, field: str, text: str, offered: str) -> None:
    """Type into a searched choice and take the first offer with these words."""
    box = page.locator(f"[name={field}] + .ts-wrapper input")
    box.click()
    box.press_sequentially(text)
    page.locator(".ts-dropdown:visible .option", has_text=offered).first.click()


def test_every_page_of_the_ledger_is_sound(live_server, page: Page, console_errors, books: Books):
    entry = allot(
        actor=books.actor, basis=books.basis(date(2021, 5, 1)), organization_id=books.school.pk, amounts={"B1": 49}
    )
    log_in(page, live_server.url, "office_clerk")
    for name, path in (
        ("entries", "/ledger/"),
        ("entries-known", "/ledger/?known=2021-01-01"),
        ("entry", f"/ledger/entries/{entry.pk}/"),
        ("overview", "/ledger/statement/"),
        ("statement", f"/ledger/statement/{books.school.pk}/?date=2021-12-31"),
        ("sheet", f"/ledger/statement/{books.school.pk}/sheet/"),
        ("totals", "/ledger/totals/"),
        ("figure", f"/ledger/figure/{books.school.pk}/B1/"),
        ("acts", "/ledger/post/"),
        ("reverse", f"/ledger/entries/{entry.pk}/reverse/"),
        ("tab", f"/organizations/{books.school.pk}/?tab=ledger"),
    ):
        page.goto(f"{live_server.url}{path}")
        (accessible if name == "sheet" else sound)(page, name)


def test_an_increase_is_refused_put_right_checked_and_posted(live_server, page: Page, books: Books):
    log_in(page, live_server.url, "office_clerk")
    page.goto(f"{live_server.url}/ledger/post/increase/?unit={books.bureau.pk}")
    choose(page, "measure_1", "xzbz", "行政编制")
    page.get_by_label("数额 1（名）").fill("101")
    choose(page, "document", "虞编", "关于核定编制的批复")
    page.locator("[name=direct_reason]").fill(REASON)
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_text("可调出 100 名，本次要调出 101 名")).to_be_visible()
    sound(page, "act-refused")
    page.get_by_label("数额 1（名）").fill("12")
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_text("请核对变动前后的数字")).to_be_visible()
    sound(page, "act-preview")
    assert LedgerEntry.objects.count() == 3
    page.get_by_role("button", name="确认登记").click()
    expect(page.get_by_text("已登记台账")).to_be_visible()
    assert LedgerEntry.objects.latest("pk").summary == "核增行政编制 12 名"
