"""The pages of giving back and of the interface in a real browser: quiet, accessible, within the window."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from bianzhi.exchange.models import AccessToken, Dispatch, DispatchState, Webhook
from bianzhi.exchange.services.tokens import find_token
from bianzhi.kernel import clock
from tests.accounts.people import account
from tests.browsing import sound
from tests.exchange.interface import make_key
from tests.exchange.test_hub_in_browser import DIST, at_desk
from tests.walk.given_back import give_something_back

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture(autouse=True)
def ready() -> None:
    cache.clear()
    if not DIST.exists():
        pytest.skip("assets are not built")


def test_whoever_connects_a_system_reads_the_description_without_a_login(
    page: Page, live_server: Any, console_errors: list[str]
):
    page.goto(live_server.url + reverse("exchange_api:reference"))
    expect(page.get_by_role("heading", name="数据共享接口", exact=False).first).to_be_visible()
    expect(page.get_by_text("POST /api/v1/messages")).to_be_visible()
    sound(page, "reference")


def test_a_key_is_issued_and_shown_once(page: Page, live_server: Any, console_errors: list[str]):
    source = give_something_back()
    desk = at_desk(page, live_server.url, account("xitong", "system_admin"))
    desk.goto(live_server.url + reverse("exchange:token_new"))
    desk.get_by_label("数据来源").select_option(label=source.name)
    desk.get_by_label("用途").fill("人社工资系统")
    desk.get_by_label("取回回送和差异清单").check()
    sound(desk, "token-form")
    desk.get_by_role("button", name="签发").click()
    secret = desk.get_by_label("随请求头", exact=False).input_value()
    sound(desk, "token-issued")
    assert find_token(secret, clock.today()) == AccessToken.objects.get()
    desk.get_by_role("link", name="我已保存").click()
    expect(desk.get_by_role("cell", name="人社工资系统").first).to_be_visible()
    assert secret not in desk.content()
    sound(desk, "tokens")


def test_the_addresses_show_how_pushing_went(page: Page, live_server: Any, console_errors: list[str]):
    make_key(give_something_back())
    desk = at_desk(page, live_server.url, account("xitong", "system_admin"))
    desk.goto(live_server.url + reverse("exchange:webhooks"))
    sound(desk, "webhooks")
    desk.goto(live_server.url + reverse("exchange:webhook_new"))
    sound(desk, "webhook-form")
    desk.goto(live_server.url + reverse("exchange:webhook", args=[Webhook.objects.get().pk]))
    expect(desk.get_by_text("对方应答 503")).to_be_visible()
    sound(desk, "webhook")


def test_a_liaison_sends_a_dispatch_back_with_a_reason(page: Page, live_server: Any, console_errors: list[str]):
    give_something_back()
    desk = at_desk(page, live_server.url, account("renshe", "liaison_hr"))
    desk.goto(live_server.url + reverse("exchange:dispatches"))
    sound(desk, "dispatches")
    desk.get_by_role("link", name="ENLISTED:BD2026-000001").click()
    expect(desk).to_have_url(re.compile(r"/dispatches/\d+/$"))
    sound(desk, "dispatch")
    with desk.expect_download() as download:
        desk.get_by_role("button", name="签名文本（json）").click()
    assert download.value.suggested_filename.endswith("_manifest.json")
    desk.get_by_label("退回").check()
    desk.get_by_label("说明").fill("单位名称不符")
    desk.get_by_role("button", name="登记回执").click()
    expect(desk.get_by_text("部门已退回")).to_be_visible()
    assert Dispatch.objects.get().state == DispatchState.REJECTED
