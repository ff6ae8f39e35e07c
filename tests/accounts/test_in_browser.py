"""Login and the administrators' pages in a real browser: sound for screen readers, quiet under the CSP."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bianzhi.accounts.services.parameters import set_parameter
from bianzhi.common import jobs
from bianzhi.common.parameters import SLOT_VALIDITY_MONTHS
from tests.accounts.people import CONSOLE, PASSWORD, account
from tests.browsing import sound

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

DIST = Path(__file__).parents[2] / "src/bianzhi/common/static/dist/app.css"


@pytest.fixture(autouse=True)
def assets():
    if not DIST.exists():
        pytest.skip("assets are not built")


def log_in(page: Page, site: str, username: str, password: str = PASSWORD) -> None:
    """Type account and password, and wait for the page that answers."""
    page.goto(f"{site}/accounts/login/")
    page.get_by_role("textbox", name="账号").fill(username)
    page.get_by_role("textbox", name="密码").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="登录").click()


def test_a_first_login_from_the_one_time_password_to_the_own_account(live_server, page: Page, console_errors):
    account("newcomer", "office_clerk", must_change=True)
    page.goto(f"{live_server.url}/accounts/profile/")
    sound(page, "login")
    page.get_by_role("textbox", name="账号").fill("newcomer")
    page.get_by_role("textbox", name="密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("请先修改密码")).to_be_visible()
    sound(page, "password-change")
    page.get_by_label("原密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=False).first.fill("brand-new-secret-8")
    page.get_by_label("再次输入新密码").fill("brand-new-secret-8")
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码已修改")).to_be_visible()
    page.goto(f"{live_server.url}/accounts/profile/")
    expect(page.get_by_role("cell", name="编办经办")).to_be_visible()
    sound(page, "profile")


def test_a_failed_login_and_a_locked_one_are_told_accessibly(live_server, page: Page):
    account("clerk", "office_clerk")
    for _ in range(7):
        log_in(page, live_server.url, "clerk", "wrong-password")
    expect(page.get_by_text("账号或密码不正确")).to_be_visible()
    sound(page, "login-failed")
    log_in(page, live_server.url, "clerk", "wrong-password")
    log_in(page, live_server.url, "clerk")
    expect(page.get_by_text("登录失败次数过多")).to_be_visible()
    sound(page, "login-locked")


def test_the_security_administrators_pages(live_server, page: Page, console_errors):
    account("admin", "security_admin")
    subject = account("subject", "office_clerk")
    log_in(page, live_server.url, "admin")
    for name, path in (
        ("users", "/accounts/users/"),
        ("user-new", "/accounts/users/new/"),
        ("user", f"/accounts/users/{subject.pk}/"),
        ("user-edit", f"/accounts/users/{subject.pk}/edit/"),
    ):
        page.goto(f"{live_server.url}{path}")
        sound(page, name)
    page.goto(f"{live_server.url}/accounts/users/new/")
    page.get_by_role("textbox", name="账号").fill("new.clerk")
    page.get_by_role("textbox", name="姓名").fill("新人")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("只显示这一次")).to_be_visible()
    sound(page, "one-time-password")


def test_the_system_administrators_pages(live_server, page: Page, console_errors):
    admin = account("sysadmin", "system_admin")
    set_parameter(actor=CONSOLE, key=SLOT_VALIDITY_MONTHS.key, text="18", basis="虞编〔2026〕9号")
    job = jobs.enqueue("test.none", title="导入花名册", params={}, actor=admin)
    log_in(page, live_server.url, "sysadmin")
    for name, path in (
        ("parameters", "/accounts/parameters/"),
        ("parameter", f"/accounts/parameters/{SLOT_VALIDITY_MONTHS.key}/"),
        ("calendar", "/accounts/calendar/"),
        ("jobs", "/jobs/"),
        ("job", f"/jobs/{job.pk}/"),
    ):
        page.goto(f"{live_server.url}{path}")
        sound(page, name)


def test_the_auditors_pages(live_server, page: Page, console_errors):
    account("auditor", "audit_admin")
    log_in(page, live_server.url, "auditor")
    for name, path in (("audit", "/audit/"), ("audit-entry", "/audit/1/"), ("audit-none", "/audit/?actor=没有")):
        page.goto(f"{live_server.url}{path}")
        sound(page, name)
