"""The forms of 机构编制 matters (P07–P10) in a real browser: they fit, axe finds nothing, tables follow units."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from bianzhi.matters.models import Case
from tests.browsing import sound
from tests.matters import establishing as given
from tests.matters.people import People
from tests.matters.web.conftest import DIST, form_url, page_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
MATTERS = ("P07-1", "P07-2", "P07-5", "P07-7", "P08-4", "P09", "P10")


@pytest.fixture
def desk(page: Page, live_server: Any, matters: People, console_errors: list[str]) -> Page:
    """The clerk of 财政局 at the desk."""
    if not DIST.exists():
        pytest.skip("assets are not built")
    client = Client()
    client.force_login(matters.clerk)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])  # type: ignore[list-item]
    page.set_default_timeout(15_000)
    return page


def opened(page: Page, live_server: Any, address: str) -> None:
    """A page that is sound."""
    page.goto(f"{live_server.url}{address}", wait_until="networkidle")
    sound(page, address)


def test_every_form_fits_and_pleases_axe(desk: Page, live_server: Any, matters: People) -> None:
    for code in MATTERS:
        case = matters.draft(code, given.REASONS, papers=False)
        opened(desk, live_server, form_url(case))
        expect(desk.locator("#check-panel")).to_contain_text("必填")


def test_the_sections_offered_follow_the_unit_chosen(desk: Page, live_server: Any, matters: People) -> None:
    bureau = matters.cast.bureau
    case = matters.draft("P09", given.REASONS, papers=False)
    opened(desk, live_server, form_url(case))
    first = desk.locator("#id_bodies-0-body")
    expect(first.locator("option")).to_have_text(["请先选择单位"])
    control = desk.locator("#id_unit-ts-control")
    control.click()
    control.fill("财政局")
    desk.locator("#id_unit-ts-dropdown .option", has_text="测试区财政局").first.click()
    expect(first.locator("option")).to_have_text(["请选择", "综合科", "预算科"])
    desk.select_option("#id_bodies-0-act", "change")
    desk.select_option("#id_bodies-0-body", label="预算科")
    desk.fill("#id_bodies-0-name", "预算管理科")
    expect(desk.locator("#check-panel")).to_contain_text("由区委编办审批")
    desk.get_by_role("button", name="保存草稿").click()
    expect(desk.locator(".notices")).to_be_visible()
    kept = Case.objects.get(pk=case.pk)
    assert kept.form["unit"] == bureau.pk
    assert kept.form["bodies"] == [{"act": "change", "body": matters.cast.finance_section.pk, "name": "预算管理科"}]


def test_a_provision_shows_the_old_beside_the_new(desk: Page, live_server: Any, matters: People) -> None:
    form = {
        "unit": matters.cast.bureau.pk,
        "kind": "revised",
        "justice": matters.cast.audit_office.pk,
        "duties": "主管全区财政",
        "bodies": [{"body": matters.cast.finance_section.pk, "name": "预算国库科"}],
        "quota": [{"quota_type": "A1", "amount": 12}],
        "posts": [{"post_level": "org_chief", "number": 1}],
        **given.REASONS,
    }
    case = matters.apply("P10", form)
    opened(desk, live_server, page_url(case))
    expect(desk.locator("main")).to_contain_text("预算国库科")
    expect(desk.locator("main .was").first).to_be_visible()
