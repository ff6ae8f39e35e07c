"""A role on its way from who proposes it to who confirms it, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bianzhi.accounts.models import AccountChange, User
from tests.accounts.people import account
from tests.accounts.test_in_browser import assets, log_in
from tests.browsing import sound

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
__all__ = ["assets"]


def test_two_persons_give_take_and_close(live_server, page: Page, context: BrowserContext, console_errors):
    site = live_server.url
    account("security", "security_admin")
    account("director", "office_director")
    subject = account("subject", "archivist")
    log_in(page, site, "security")
    page.goto(f"{site}/accounts/users/{subject.pk}/")
    page.locator("#id_role").select_option(label="编委会议秘书")
    page.locator("#id_reason").fill("主任办公会确定协助会务")
    page.get_by_role("button", name="提出授予").click()
    expect(page.get_by_text("待复核，尚未生效")).to_be_visible()
    sound(page, "user-pending")
    page.get_by_role("link", name="紧急收回").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    sound(page, "user-urgent")
    page.get_by_role("dialog").get_by_label("理由").fill("疑似泄密，先行收回")
    page.get_by_role("button", name="立即收回").click()
    expect(page.get_by_text("已生效，待事后复核")).to_be_visible()
    assert User.objects.get(pk=subject.pk).grants == []
    page.goto(f"{site}/accounts/changes/")
    sound(page, "changes")
    page.get_by_role("link", name="人员subject").first.click()
    expect(page.get_by_role("link", name="同意", exact=True)).to_have_count(0)
    sound(page, "change-own")

    page.context.clear_cookies()
    log_in(page, site, "director")
    page.goto(f"{site}/")
    expect(page.get_by_role("main").get_by_text("授予角色 编委会议秘书").first).to_be_visible()
    sound(page, "workbench-second")
    grant = AccountChange.objects.get(kind="grant")
    page.goto(f"{site}/accounts/changes/{grant.pk}/")
    sound(page, "change")
    page.get_by_role("link", name="同意", exact=True).click()
    sound(page, "change-agree")
    page.get_by_role("button", name="同意").click()
    expect(page.get_by_text("变更立即生效")).to_be_visible()
    assert [each.role for each in User.objects.get(pk=subject.pk).grants] == ["commission_secretary"]
    urgent = AccountChange.objects.get(is_urgent=True)
    page.goto(f"{site}/accounts/changes/{urgent.pk}/")
    page.get_by_role("link", name="不同意").click()
    page.get_by_role("dialog").get_by_label("理由").fill("已查明与本人无关")
    page.get_by_role("button", name="恢复原状").click()
    expect(page.get_by_text("已恢复原状")).to_be_visible()
    assert {each.role for each in User.objects.get(pk=subject.pk).grants} == {"commission_secretary", "archivist"}
    sound(page, "change-ended")
