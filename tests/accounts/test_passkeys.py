"""Passkeys: registered with the password, asked once, counted, ended; alone only from a device its owner unlocked."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

import pyotp
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse
from fido2 import cbor
from fido2.utils import websafe_encode

from bianzhi.accounts.models import Passkey, User
from bianzhi.accounts.policies import Denied
from bianzhi.accounts.rules.relying_party import RelyingParty, relying_party
from bianzhi.accounts.services import passkeys, second_factors, users
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import ParameterValue
from bianzhi.common.parameters import DATA_IS_SYNTHETIC
from bianzhi.kernel.objections import Refused
from tests.accounts.device import ORIGIN, Device
from tests.accounts.people import CONSOLE, PASSWORD, account, signed_in

pytestmark = pytest.mark.django_db
PARTY = RelyingParty("localhost", ORIGIN)
LOGIN = "/accounts/login/"
PROFILE = "/accounts/profile/"


@pytest.fixture
def clerk() -> User:
    return account("clerk", "commission_secretary")


@pytest.fixture
def browser() -> Client:
    """A browser nobody is signed in with, at the address the device knows."""
    return Client(HTTP_HOST="localhost")


def at_home(user: User) -> Client:
    client = signed_in(user)
    client.defaults["HTTP_HOST"] = "localhost"
    return client


def registered(user: User, device: Device | None = None, label: str = "办公室电脑") -> Device:
    """A device whose key the account has."""
    device = device or Device()
    options, asked = passkeys.ask_to_register(user, PARTY)
    passkeys.register(user=user, party=PARTY, asked=asked, answer=device.make(options), label=label)
    return device


def question(browser: Client, purpose: str) -> dict[str, Any]:
    answer = browser.post(reverse("accounts:passkey_sign_question"), {"purpose": purpose})
    assert answer.status_code == 200, answer.content
    options: dict[str, Any] = answer.json()["options"]
    return options


def give(browser: Client, answer: dict[str, Any], **more: str) -> Any:
    return browser.post(reverse("accounts:passkey_sign_in"), {"answer": json.dumps(answer), **more})


def is_in(browser: Client) -> bool:
    return bool(browser.get(PROFILE).status_code == 200)


def add(client: Client, device: Device, **data: str) -> Any:
    options = client.post(reverse("accounts:passkey_question")).json()["options"]
    form = {"label": "手机", "password": PASSWORD, "answer": json.dumps(device.make(options)), **data}
    return client.post(reverse("accounts:passkey_add"), form)


# --- registering -------------------------------------------------------------------------------------------------


def test_a_key_is_registered_with_a_name_and_the_password(clerk):
    client, device = at_home(clerk), Device(synced=True)
    assert add(client, device)["Location"] == reverse("accounts:passkeys")
    row = Passkey.objects.get()
    assert (row.label, row.can_be_synced, row.backed_up, row.sign_count) == ("手机", True, True, 1)
    assert row.transports == "hybrid,internal"
    page = client.get(reverse("accounts:passkeys")).content.decode()
    assert "手机" in page
    assert "已同步到云端账户" in page
    assert AuditEntry.objects.values_list("action", flat=True)[0] == "accounts.passkey_added"


def test_without_the_password_no_key_is_registered(clerk):
    answer = add(at_home(clerk), Device(), password="wrong-password")
    assert answer.status_code == 422
    assert "密码不正确" in answer.content.decode()
    assert not Passkey.objects.exists()


def test_logins_elsewhere_end_when_a_key_is_registered(clerk):
    there = Client()
    there.post(LOGIN, {"username": "clerk", "password": PASSWORD})
    here = Client(HTTP_HOST="localhost")
    here.post(LOGIN, {"username": "clerk", "password": PASSWORD})
    assert is_in(there)
    add(here, Device())
    assert is_in(here)
    assert not is_in(there)


def test_who_knew_a_password_that_was_reset_registers_nothing_any_more(clerk):
    users.reset_password(actor=CONSOLE, user_id=clerk.pk, password="one-time-secret-5")
    with pytest.raises(Refused, match="已修改或重置"):
        registered(clerk)


def test_an_answer_registers_once(clerk):
    client, device = at_home(clerk), Device()
    options = client.post(reverse("accounts:passkey_question")).json()["options"]
    form = {"label": "甲", "password": PASSWORD, "answer": json.dumps(device.make(options))}
    assert client.post(reverse("accounts:passkey_add"), form).status_code == 302
    again = client.post(reverse("accounts:passkey_add"), {**form, "label": "乙"})
    assert again.status_code == 422
    assert Passkey.objects.count() == 1


def test_a_page_without_script_says_what_it_needs(clerk):
    page = at_home(clerk).get(reverse("accounts:passkeys")).content.decode()
    assert "须允许浏览器运行脚本" in page
    answer = at_home(clerk).post(reverse("accounts:passkey_add"), {"label": "手机", "password": PASSWORD})
    assert "没有收到设备的答复" in answer.content.decode()


@pytest.mark.parametrize(
    "origin", ["https://localhost", "http://localhost:8000", "http://evil.example", ORIGIN + ".cn"]
)
def test_a_key_made_for_another_site_is_not_taken(clerk, origin):
    answer = add(at_home(clerk), Device(origin=origin))
    assert "无法核实" in answer.content.decode()
    assert not Passkey.objects.exists()


def test_the_same_key_is_registered_once_for_all_accounts(clerk):
    device = registered(clerk)
    with pytest.raises(Refused, match="已经登记过"):
        registered(account("other"), device)


def test_names_differ_and_are_not_blank(clerk):
    registered(clerk, label="电脑")
    for label in ("", " ", "电脑", "长" * 41):
        with pytest.raises(Refused):
            registered(clerk, label=label)


def test_an_account_has_no_more_than_ten(clerk):
    for number in range(passkeys.MOST):
        registered(clerk, label=f"设备{number}")
    with pytest.raises(Refused, match="最多 10 个"):
        registered(clerk, label="再一个")


def test_the_device_learns_no_more_than_account_and_name(clerk):
    options, _ = passkeys.ask_to_register(clerk, PARTY)
    assert options["user"]["name"] == "clerk"
    assert options["rp"] == {"id": "localhost", "name": "编制通"}
    first = registered(clerk)
    options, _ = passkeys.ask_to_register(clerk, PARTY)
    assert options["user"]["id"] == first.user_handle
    assert len(options["excludeCredentials"]) == 1


def test_a_key_is_renamed_and_only_by_its_owner(clerk):
    registered(clerk)
    key = Passkey.objects.get().pk
    passkeys.rename(user=clerk, passkey_id=key, label="家里电脑")
    assert Passkey.objects.get().label == "家里电脑"
    with pytest.raises(Refused, match="没有这个通行密钥"):
        passkeys.rename(user=account("other"), passkey_id=key, label="我的")
    at_home(clerk).post(reverse("accounts:passkey_rename", args=[key]), {"label": "手机"})
    assert Passkey.objects.get().label == "手机"


# --- signing in with a key alone ----------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [True, False])
def test_a_key_alone_signs_in_and_goes_on_to_where_one_was_headed(clerk, browser, counts):
    device = registered(clerk, Device(counts=counts))
    answer = give(browser, device.use(question(browser, "alone")), next=PROFILE)
    assert answer["Location"] == PROFILE
    assert is_in(browser)
    assert browser.session["second_factor_passed"] is True
    assert AuditEntry.objects.values_list("action", flat=True)[0] == "accounts.logged_in"
    assert Passkey.objects.get().last_used_at is not None


def test_a_device_that_was_not_unlocked_does_not_sign_in_alone(clerk, browser):
    device = registered(clerk)
    device.unlocked = False
    give(browser, device.use(question(browser, "alone")))
    assert not is_in(browser)


def test_an_answer_signs_in_once(clerk, browser):
    device = registered(clerk, Device(counts=False))
    answer = device.use(question(browser, "alone"))
    give(browser, answer)
    assert is_in(browser)
    browser.post(reverse("accounts:logout"))
    give(browser, answer)
    assert not is_in(browser)


def test_the_answer_to_another_browsers_question_does_not_sign_in(clerk, browser):
    device, elsewhere = registered(clerk), Client(HTTP_HOST="localhost")
    answer = device.use(question(elsewhere, "alone"))
    question(browser, "alone")
    give(browser, answer)
    assert not is_in(browser)


def test_a_question_is_answered_within_five_minutes(clerk, browser):
    device = registered(clerk)
    options = question(browser, "alone")
    session = browser.session
    session["passkey_asked"] |= {"since": session["passkey_asked"]["since"] - 301}
    session.save()
    give(browser, device.use(options))
    assert not is_in(browser)


@pytest.mark.parametrize("origin", ["https://localhost", "http://localhost:8000", "http://evil.example"])
def test_an_answer_given_to_another_site_does_not_sign_in(clerk, browser, origin):
    device = registered(clerk)
    device.origin = origin
    give(browser, device.use(question(browser, "alone")))
    assert not is_in(browser)
    assert AuditEntry.objects.values_list("action", flat=True)[0] == "accounts.passkey_failed"


def test_an_answer_for_another_domain_does_not_sign_in(clerk, browser):
    device = registered(clerk)
    give(browser, device.use({**question(browser, "alone"), "rpId": "evil.example"}))
    assert not is_in(browser)


def test_a_count_that_goes_back_is_the_count_of_a_copy(clerk, browser):
    device = registered(clerk)
    device.count = 20
    give(browser, device.use(question(browser, "alone")))
    assert is_in(browser)
    browser.post(reverse("accounts:logout"))
    device.count = 7
    give(browser, device.use(question(browser, "alone")))
    assert not is_in(browser)
    assert "设备计数" in AuditEntry.objects.filter(action="accounts.passkey_failed").values_list("facts", flat=True)[0]


def test_a_key_that_begins_to_be_synced_is_another_key(clerk, browser):
    device = registered(clerk)
    device.synced = True
    give(browser, device.use(question(browser, "alone")))
    assert not is_in(browser)


def test_another_devices_signature_does_not_sign_in(clerk, browser):
    device = registered(clerk)
    thief = Device(credential_id=device.credential_id, count=50)
    give(browser, thief.use(question(browser, "alone")))
    assert not is_in(browser)


def test_an_answer_that_names_another_owner_does_not_sign_in(clerk, browser):
    device = registered(clerk)
    device.user_handle = "AAAA"
    give(browser, device.use(question(browser, "alone")))
    assert not is_in(browser)


def test_a_key_of_a_closed_account_opens_nothing_and_says_no_more_than_others(clerk, browser):
    device = registered(clerk)
    users.deactivate(actor=CONSOLE, user_id=clerk.pk)
    give(browser, device.use(question(browser, "alone")))
    closed = browser.get(LOGIN).content.decode()
    give(browser, Device().use(question(browser, "alone")))
    unknown = browser.get(LOGIN).content.decode()
    assert not is_in(browser)
    assert "通行密钥没有通过核实" in closed
    assert "通行密钥没有通过核实" in unknown


def test_a_locked_account_is_not_entered_by_key_either(clerk, browser):
    device = registered(clerk)
    for number in range(8):
        Client(REMOTE_ADDR=f"10.0.1.{number}").post(LOGIN, {"username": "clerk", "password": "wrong-password"})
    give(browser, device.use(question(browser, "alone")))
    assert not is_in(browser)


def test_keys_nobody_has_lock_the_address_they_come_from(clerk, browser):
    device = registered(clerk)
    for _ in range(8):
        answer = give(browser, Device().use(question(browser, "alone")))
    assert answer.status_code == 429
    give(browser, device.use(question(browser, "alone")))
    assert not is_in(browser)


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "[]",
        "null",
        "{}",
        "not json",
        '{"rawId": 7}',
        '{"rawId": "AAAA", "response": {}}',
        '{"rawId": null}',
        r'{"rawId": "\ud800"}',
        r'{"rawId": "\u0000"}',
        json.dumps({"rawId": "A" * 5000}),
        "[" * 9000,
    ],
)
def test_what_is_no_answer_is_refused_politely(clerk, browser, junk):
    registered(clerk)
    question(browser, "alone")
    answer = browser.post(reverse("accounts:passkey_sign_in"), {"answer": junk})
    assert answer["Location"] == LOGIN
    client = at_home(clerk)
    client.post(reverse("accounts:passkey_question"))
    form = {"label": "手机", "password": PASSWORD, "answer": junk}
    assert client.post(reverse("accounts:passkey_add"), form).status_code == 422


def attestation(shown: bytes) -> bytes:
    return cbor.encode({"fmt": "none", "authData": hashlib.sha256(b"localhost").digest() + shown, "attStmt": {}})


@pytest.mark.parametrize(
    "attested",
    [
        pytest.param(b"\x81" * 9000, id="nested"),
        pytest.param(attestation(b"\x01" + bytes(4)), id="without a key"),
        pytest.param(attestation(b"\x41" + bytes(20) + b"\x00\x01A\xa1\x03\x19"), id="cut short"),
    ],
)
def test_a_key_that_cannot_be_read_is_refused_politely(clerk, attested):
    client = at_home(clerk)
    answer = Device().make(client.post(reverse("accounts:passkey_question")).json()["options"])
    answer["response"]["attestationObject"] = websafe_encode(attested)
    form = {"label": "手机", "password": PASSWORD, "answer": json.dumps(answer)}
    refused = client.post(reverse("accounts:passkey_add"), form)
    assert refused.status_code == 422
    assert "无法核实" in refused.content.decode()


def test_a_key_whose_id_is_too_long_is_not_taken(clerk):
    assert "无法核实" in add(at_home(clerk), Device(credential_id=secrets.token_bytes(1100))).content.decode()
    assert not Passkey.objects.exists()


def test_ways_of_connecting_that_are_no_list_are_left_out(clerk):
    options, asked = passkeys.ask_to_register(clerk, PARTY)
    answer = Device().make(options)
    answer["response"]["transports"] = 5
    assert passkeys.register(user=clerk, party=PARTY, asked=asked, answer=answer, label="手机").transports == ""


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_a_broken_part_of_an_answer_is_refused_politely(clerk, browser, part):
    device = registered(clerk)
    for broken in ("", "AA", "%%", None, 5):
        answer = device.use(question(browser, "alone"))
        answer["response"][part] = broken
        assert give(browser, answer)["Location"] == LOGIN
    assert not is_in(browser)


# --- as second factor ---------------------------------------------------------------------------------------------


def test_after_the_password_a_key_of_the_account_is_asked_for(clerk, browser):
    device = registered(clerk)
    answer = browser.post(LOGIN, {"username": "clerk", "password": PASSWORD, "next": PROFILE})
    assert answer["Location"] == reverse("accounts:second_factor")
    assert not is_in(browser)
    assert "使用通行密钥" in browser.get(reverse("accounts:second_factor")).content.decode()
    device.unlocked = False
    options = question(browser, "second")
    assert [key["id"] for key in options["allowCredentials"]] == [Passkey.objects.get().credential_id]
    assert give(browser, device.use(options))["Location"] == PROFILE
    assert is_in(browser)
    assert browser.session["second_factor_passed"] is True


def test_the_key_of_another_account_is_no_second_factor_for_this_one(clerk, browser):
    registered(clerk)
    others = registered(account("other"))
    browser.post(LOGIN, {"username": "clerk", "password": PASSWORD})
    answer = give(browser, others.use(question(browser, "second")))
    assert answer["Location"] == reverse("accounts:second_factor")
    assert not is_in(browser)


def test_without_a_password_no_question_of_a_second_factor_is_asked(clerk, browser):
    registered(clerk)
    answer = browser.post(reverse("accounts:passkey_sign_question"), {"purpose": "second"})
    assert answer.status_code == 422


def test_the_answer_to_the_second_factor_is_not_one_for_signing_in_alone(clerk, browser):
    device = registered(clerk)
    browser.post(LOGIN, {"username": "clerk", "password": PASSWORD})
    answer = device.use(question(browser, "second"))
    session = browser.session
    del session["awaiting_second_factor"]
    session.save()
    give(browser, answer)
    assert not is_in(browser)


def test_codes_and_keys_serve_side_by_side(clerk, browser):
    registered(clerk)
    second_factors.begin(user=clerk)
    row = second_factors.begun(clerk)
    assert row is not None
    second_factors.confirm(user=clerk, code=pyotp.TOTP(row.secret).now())
    browser.post(LOGIN, {"username": "clerk", "password": PASSWORD})
    page = browser.get(reverse("accounts:second_factor")).content.decode()
    assert "输入动态验证码" in page
    assert "使用通行密钥" in page


# --- ending keys --------------------------------------------------------------------------------------------------


def test_a_key_is_removed_with_the_password_and_opens_nothing_any_more(clerk, browser):
    device = registered(clerk)
    client, url = at_home(clerk), reverse("accounts:passkey_remove", args=[Passkey.objects.get().pk])
    assert client.post(url, {"password": "wrong-password"}).status_code == 422
    assert client.post(url, {"password": PASSWORD})["Location"] == reverse("accounts:passkeys")
    give(browser, device.use(question(browser, "alone")))
    assert not is_in(browser)
    assert Passkey.objects.get().revoked_at is not None


def test_nobody_removes_the_key_of_another(clerk):
    registered(clerk)
    key = Passkey.objects.get().pk
    client = at_home(account("other"))
    assert client.post(reverse("accounts:passkey_remove", args=[key]), {"password": PASSWORD}).status_code == 404
    assert client.post(reverse("accounts:passkey_rename", args=[key]), {"label": "我的"}).status_code == 404
    assert Passkey.objects.get().revoked_at is None


def test_an_administrator_keeps_the_last_second_factor(settings):
    settings.SECOND_FACTOR = "required"
    keeper = account("keeper", "security_admin")
    registered(keeper, label="甲")
    registered(keeper, label="乙")
    first, second = passkeys.live(keeper)
    passkeys.remove(user=keeper, passkey_id=first.pk)
    with pytest.raises(Refused, match="唯一的第二重验证"):
        passkeys.remove(user=keeper, passkey_id=second.pk)
    second_factors.begin(user=keeper)
    row = second_factors.begun(keeper)
    assert row is not None
    code = pyotp.TOTP(row.secret)
    second_factors.confirm(user=keeper, code=code.now())
    passkeys.remove(user=keeper, passkey_id=second.pk)
    with pytest.raises(Refused, match="唯一的第二重验证"):
        second_factors.drop_own(user=keeper)
    assert second_factors.active(keeper) is not None


def test_over_invented_data_the_last_key_may_be_removed(settings):
    settings.SECOND_FACTOR = "required"
    ParameterValue.objects.update_or_create(key=DATA_IS_SYNTHETIC.key, defaults={"value": 1})
    keeper = account("keeper", "security_admin")
    registered(keeper)
    passkeys.remove(user=keeper, passkey_id=Passkey.objects.get().pk)
    assert not passkeys.live(keeper)


def test_a_reset_by_the_security_administrator_ends_the_keys(clerk):
    registered(clerk)
    second_factors.reset(actor=account("keeper", "security_admin"), user_id=clerk.pk, reason="本人到场核实")
    assert not passkeys.live(clerk)
    with pytest.raises(Denied):
        passkeys.end_passkeys(actor=clerk, user_id=clerk.pk, reason="本人到场核实")


def test_what_a_key_is_can_not_be_changed_nor_the_key_deleted(clerk):
    registered(clerk)
    for statement in ("UPDATE accounts_passkey SET credential = 'x'", "DELETE FROM accounts_passkey"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# --- where keys can be used ---------------------------------------------------------------------------------------


def test_who_is_held_for_want_of_a_second_factor_may_register_a_key(settings):
    settings.SECOND_FACTOR = "required"
    director = account("director", "office_director")
    client = at_home(director)
    assert client.get(PROFILE)["Location"] == reverse("accounts:second_factor_enrol")
    assert "请先登记通行密钥" in client.get(reverse("accounts:passkeys")).content.decode()
    add(client, Device())
    assert client.get(PROFILE).status_code == 200


@pytest.mark.parametrize(
    ("address", "party"),
    [
        ("https://bz.example.gov.cn", RelyingParty("bz.example.gov.cn", "https://bz.example.gov.cn")),
        ("https://BZ.example.gov.cn:8443/", RelyingParty("bz.example.gov.cn", "https://bz.example.gov.cn:8443")),
        ("https://bz.example.gov.cn:443", RelyingParty("bz.example.gov.cn", "https://bz.example.gov.cn")),
        ("http://localhost:8000", RelyingParty("localhost", "http://localhost:8000")),
        ("http://bz.example.gov.cn", None),
        ("https://10.0.0.5", None),
        ("https://[::1]:8000", None),
        ("http://127.0.0.1:8000", None),
        ("", None),
    ],
)
def test_keys_are_bound_to_a_domain_reached_by_encryption(address, party):
    assert relying_party(address) == party


def test_where_browsers_offer_no_keys_the_page_says_so(clerk, settings):
    settings.ALLOWED_HOSTS = ["10.0.0.5"]
    client = signed_in(clerk)
    client.defaults["HTTP_HOST"] = "10.0.0.5"
    page = client.get(reverse("accounts:passkeys")).content.decode()
    assert "不能用 IP 地址" in page
    answer = client.post(reverse("accounts:passkey_question"))
    assert answer.status_code == 422
    assert "域名" in answer.json()["reason"]
    assert "使用通行密钥" not in Client(HTTP_HOST="10.0.0.5").get(LOGIN).content.decode()


def test_the_configured_address_of_the_site_decides_not_the_requests_host(clerk, browser, settings):
    settings.SITE_URL = "https://bz.example.gov.cn"
    assert question(browser, "alone")["rpId"] == "bz.example.gov.cn"
