"""The second factor in a real browser: codes of a device, the lock, passkeys with a virtual device, single sign-on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from bianzhi.accounts.models import Passkey
from bianzhi.accounts.services import linked_identities
from bianzhi.accounts.web import provider
from bianzhi.common.models import ParameterValue
from bianzhi.common.parameters import DATA_IS_SYNTHETIC
from tests.accounts.identity_provider import CLIENT, PACKAGE, SECRET, IdentityProvider, running
from tests.accounts.people import PASSWORD, account
from tests.accounts.test_in_browser import DIST, log_in
from tests.browsing import sound

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

UNLOCKED_PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
NAME = ".topbar-tools .menu > summary"
"""The own name at the right of the top bar: somebody is signed in."""


@pytest.fixture(autouse=True)
def assets():
    if not (DIST.parent / "passkey.js").exists():
        pytest.skip("assets are not built")


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    """A machine that is busy is slow, not wrong."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


class Device:
    """A device the browser takes for a real one, with a finger on it (WebAuthn of the DevTools protocol)."""

    def __init__(self, page: Page) -> None:
        self._tools = page.context.new_cdp_session(page)
        self._tools.send("WebAuthn.enable", {"enableUI": False})
        self._id = self._plug({})

    def change(self, **traits: Any) -> None:
        """Take this device away and another one into the hand."""
        self._tools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})
        self._id = self._plug(traits)

    def take_the_finger_away(self) -> None:
        """Its owner does not unlock it any more."""
        self._tools.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": False})

    def _plug(self, traits: dict[str, Any]) -> str:
        options = {"options": {**UNLOCKED_PHONE, **traits}}
        return str(self._tools.send("WebAuthn.addVirtualAuthenticator", options)["authenticatorId"])


@pytest.fixture
def device(page: Page) -> Device:
    return Device(page)


def sign_out(page: Page) -> None:
    """Out by the menu of the own name."""
    page.locator(NAME).click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_text("您已退出登录")).to_be_visible()


def at_work(page: Page, site: str) -> None:
    """The page for signed-in users opens."""
    page.goto(f"{site}/accounts/profile/")
    expect(page.get_by_role("heading", name="我的账号")).to_be_visible()


# --- codes --------------------------------------------------------------------------------------------------------


def shown(secret: str, *, later: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(timezone.now().timestamp()) + 30 * later)


def test_a_device_is_enrolled_its_code_opens_and_five_wrong_ones_lock(
    live_server, page: Page, console_errors, settings
):
    settings.SECOND_FACTOR = "required"
    account("director", "office_director")
    log_in(page, live_server.url, "director")
    expect(page.get_by_text("请先启用动态验证码")).to_be_visible()
    sound(page, "factor-enrol")
    secret = page.locator("code.num").inner_text().replace(" ", "")
    page.get_by_label("验证码").fill(shown(secret, later=-1))
    page.get_by_role("textbox", name="当前密码").fill(PASSWORD)
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_role("heading", name="动态验证码已启用")).to_be_visible()
    expect(page.get_by_label("备用码").get_by_role("listitem")).to_have_count(10)
    sound(page, "recovery-codes")
    page.get_by_role("link", name="已保存，继续").click()
    sign_out(page)

    log_in(page, live_server.url, "director")
    expect(page.get_by_role("heading", name="输入动态验证码")).to_be_visible()
    sound(page, "factor-code")
    page.get_by_label("验证码").fill(shown(secret))
    page.get_by_role("button", name="登录").click()
    expect(page.locator(NAME)).to_be_visible()
    sign_out(page)
    console_errors.clear()

    log_in(page, live_server.url, "director")
    for _ in range(5):
        page.get_by_label("验证码").fill("000000")
        with page.expect_navigation():
            page.get_by_role("button", name="登录").click()
    page.get_by_label("验证码").fill(shown(secret, later=1))
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("已暂停验证").first).to_be_visible()
    sound(page, "factor-locked")
    page.goto(f"{live_server.url}/accounts/profile/")
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()
    console_errors.clear()  # the browser notes each refused form (422) there


def test_over_invented_data_nobody_is_told_to_enrol_first(live_server, page: Page, settings):
    settings.SECOND_FACTOR = "required"
    ParameterValue.objects.update_or_create(key=DATA_IS_SYNTHETIC.key, defaults={"value": 1})
    account("director", "office_director")
    log_in(page, live_server.url, "director")
    expect(page.locator(NAME)).to_be_visible()
    for path, heading in (("code/enrol", "启用动态验证码"), ("passkeys", "通行密钥")):
        page.goto(f"{live_server.url}/accounts/{path}/")
        expect(page.get_by_role("heading", name=heading).first).to_be_visible()
        expect(page.get_by_text("请先")).to_have_count(0)


# --- passkeys -----------------------------------------------------------------------------------------------------


def register(page: Page, site: str, label: str) -> None:
    """Register the device at hand under a name."""
    page.goto(f"{site}/accounts/passkeys/")
    page.get_by_role("textbox", name="名称").fill(label)
    page.get_by_role("textbox", name="当前密码").fill(PASSWORD)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("cell", name=label, exact=True)).to_be_visible()


def test_a_passkey_is_registered_and_signs_in_alone(live_server, page: Page, device: Device, console_errors):
    account("clerk", "office_clerk")
    log_in(page, live_server.url, "clerk")
    register(page, live_server.url, "办公室电脑")
    sound(page, "passkeys")
    sign_out(page)

    sound(page, "login-passkey")
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page.locator(NAME)).to_be_visible()
    at_work(page, live_server.url)
    assert Passkey.objects.get().sign_count > 1
    sign_out(page)

    device.take_the_finger_away()
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page.locator("[data-passkey-note]")).to_contain_text("没有完成")
    page.goto(f"{live_server.url}/accounts/profile/")
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()


def test_a_passkey_is_the_second_factor_after_the_password(
    live_server, page: Page, device: Device, console_errors, settings
):
    settings.SECOND_FACTOR = "required"
    account("director", "office_director")
    log_in(page, live_server.url, "director")
    expect(page.get_by_text("请先启用动态验证码")).to_be_visible()
    page.get_by_role("link", name="登记通行密钥").click()
    expect(page.get_by_text("请先登记通行密钥")).to_be_visible()
    register(page, live_server.url, "手机")
    at_work(page, live_server.url)
    sign_out(page)

    log_in(page, live_server.url, "director")
    expect(page.get_by_role("heading", name="使用通行密钥")).to_be_visible()
    sound(page, "factor-passkey")
    page.get_by_role("button", name="使用通行密钥").click()
    expect(page.locator(NAME)).to_be_visible()

    page.goto(f"{live_server.url}/accounts/passkeys/")
    page.get_by_role("link", name="移除").click()
    page.get_by_role("textbox", name="当前密码").fill(PASSWORD)
    page.get_by_role("button", name="移除").click()
    expect(page.get_by_text("这是您唯一的第二重验证")).to_be_visible()
    sound(page, "passkey-last")
    console_errors.clear()  # the browser notes the refused form (422) there


def test_a_passkey_is_renamed_and_removed_and_another_device_registered(
    live_server, page: Page, device: Device, console_errors
):
    account("clerk", "office_clerk")
    log_in(page, live_server.url, "clerk")
    register(page, live_server.url, "旧手机")
    page.get_by_role("textbox", name="名称").fill("又是它")
    page.get_by_role("textbox", name="当前密码").fill(PASSWORD)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("[data-passkey-note]")).to_contain_text("已经登记过")
    page.get_by_role("link", name="改名").click()
    page.get_by_label("新名称").fill("新手机")
    page.get_by_role("button", name="改名").click()
    expect(page.get_by_role("cell", name="新手机", exact=True)).to_be_visible()
    device.change(transport="usb")
    register(page, live_server.url, "安全密钥")
    page.get_by_role("link", name=re.compile("移除.*新手机")).click()
    sound(page, "passkey-remove")
    page.get_by_role("textbox", name="当前密码").fill(PASSWORD)
    page.get_by_role("button", name="移除").click()
    expect(page.get_by_text("已移除通行密钥“新手机”")).to_be_visible()
    expect(page.get_by_role("cell", name="安全密钥", exact=True)).to_be_visible()


def test_a_browser_that_knows_no_passkeys_is_told_so_in_plain_words(live_server, page: Page, console_errors):
    account("clerk", "office_clerk")
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(f"{live_server.url}/accounts/login/")
    expect(page.get_by_text("此浏览器不支持通行密钥")).to_be_visible()
    expect(page.get_by_role("button", name="使用通行密钥")).to_be_hidden()
    log_in(page, live_server.url, "clerk")
    page.goto(f"{live_server.url}/accounts/passkeys/")
    expect(page.get_by_text("此浏览器不支持通行密钥")).to_be_visible()
    sound(page, "passkeys-unsupported")


def test_without_scripts_the_pages_say_what_passkeys_need(live_server, browser: Browser, browser_context_args):
    account("clerk", "office_clerk")
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    expect(page.get_by_text("须允许浏览器运行脚本")).to_be_visible()
    log_in(page, live_server.url, "clerk")
    page.goto(f"{live_server.url}/accounts/passkeys/")
    expect(page.get_by_text("登记通行密钥，须允许浏览器运行脚本")).to_be_visible()
    expect(page.get_by_role("button", name="登记", exact=True)).to_be_hidden()
    context.close()


# --- single sign-on -----------------------------------------------------------------------------------------------


@pytest.fixture
def there(live_server, settings) -> Iterator[IdentityProvider]:
    """A provider process that knows the site under test."""
    if not PACKAGE.exists():
        pytest.skip("the provider of the tests (npm oidc-provider) is not installed")
    with running() as process:
        site = f"{live_server.url}/accounts"
        process.shall(
            redirects=[f"{site}/sso/back/"], after=[f"{site}/login/"], backchannel=f"{site}/sso/ended/", lie="", amr=[]
        )
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = process.issuer, CLIENT, SECRET
        settings.OIDC_LABEL, settings.OIDC_STRONG = "区统一身份认证", ()
        provider.forget()
        yield process


def through_the_provider(page: Page, subject: str) -> None:
    """On the provider's own page, sign in as a subject."""
    page.wait_for_url(re.compile(r"127\.0\.0\.1:\d+/interaction/"))
    page.get_by_label("身份编号").fill(subject)
    page.get_by_role("button", name="登录").click()


def test_an_account_is_linked_and_entered_by_the_identity_provider_and_both_are_left(
    live_server, page: Page, there, console_errors
):
    account("clerk", "office_clerk")
    log_in(page, live_server.url, "clerk")
    page.goto(f"{live_server.url}/accounts/profile/")
    page.get_by_role("link", name="区统一身份认证").click()
    sound(page, "sso-link")
    page.get_by_role("textbox", name="当前密码").fill(PASSWORD)
    page.get_by_role("button", name="下一步").click()
    sound(page, "sso-link-go")
    page.get_by_role("link", name="前往区统一身份认证").click()
    through_the_provider(page, "3101")
    expect(page.get_by_text("已关联区统一身份认证")).to_be_visible()
    sound(page, "sso-linked")
    sign_out(page)

    sound(page, "login-sso")
    page.get_by_role("link", name="用区统一身份认证登录").click()
    expect(page.locator(NAME)).to_be_visible()  # the provider's own session still goes on
    at_work(page, live_server.url)
    page.locator(NAME).click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(re.compile(r"127\.0\.0\.1:\d+/session/end"))
    # Pictures and fonts the provider's own pages lack are no fault of ours.
    console_errors[:] = [error for error in console_errors if "Failed to load resource" not in error]


def test_a_logout_at_the_provider_ends_the_login_here(live_server, page: Page, there):
    user = account("clerk", "office_clerk")
    linked_identities.link_own(user=user, issuer=there.issuer, subject="3101")
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("link", name="用区统一身份认证登录").click()
    through_the_provider(page, "3101")
    expect(page.locator(NAME)).to_be_visible()
    page.goto(f"{there.issuer}/session/end")
    page.get_by_role("button", name=re.compile("Yes|sign me out", re.IGNORECASE)).click()
    expect(page.get_by_text(re.compile("Sign-out Success", re.IGNORECASE))).to_be_visible()
    page.goto(f"{live_server.url}/accounts/profile/")
    expect(page.get_by_role("textbox", name="密码")).to_be_visible()


def test_the_security_administrator_links_an_account(live_server, page: Page, there, console_errors):
    account("keeper", "security_admin")
    clerk = account("clerk", "commission_secretary")
    log_in(page, live_server.url, "keeper")
    page.goto(f"{live_server.url}/accounts/users/{clerk.pk}/")
    page.get_by_role("link", name="区统一身份认证").click()
    sound(page, "user-identity")
    page.get_by_role("textbox", name="统一身份编号").fill("3101")
    page.get_by_role("button", name="关联").click()
    expect(page.get_by_text("已关联，本人可以用统一身份认证登录")).to_be_visible()
    sound(page, "user-identity-linked")
    assert linked_identities.account_of(there.issuer, "3101") == clerk


def test_a_provider_that_is_down_is_told_and_the_password_opens(live_server, page: Page, settings):
    account("clerk", "office_clerk")
    settings.OIDC_ISSUER, settings.OIDC_LABEL = "http://127.0.0.1:9", "区统一身份认证"
    provider.forget()
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("link", name="用区统一身份认证登录").click()
    expect(page.get_by_text("暂时无法连接。请用账号和密码登录")).to_be_visible()
    sound(page, "login-sso-down")
    log_in(page, live_server.url, "clerk")
    expect(page.locator(NAME)).to_be_visible()
