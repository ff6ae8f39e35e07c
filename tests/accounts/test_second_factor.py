"""The second factor: a code once, a lock after failures, recovery, reset by another person, held at the door."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import cast

import pyotp
import pytest
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bianzhi.accounts.models import Authenticator, RecoveryCode, User
from bianzhi.accounts.policies import Denied
from bianzhi.accounts.services import second_factors, users
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import ParameterValue
from bianzhi.common.parameters import DATA_IS_SYNTHETIC
from bianzhi.kernel.objections import Refused
from tests.accounts.people import CONSOLE, PASSWORD, account

pytestmark = pytest.mark.django_db


def person(role: str) -> User:
    return account(f"of_{role}", role)


@pytest.fixture
def clerk() -> User:
    return account("clerk", "commission_secretary")


@pytest.fixture
def director() -> User:
    return person("office_director")


def code(user: User, *, later: int = 0) -> str:
    """What the user's device shows, or will show so many steps later."""
    row = second_factors.active(user) or second_factors.begun(user)
    assert row is not None
    return pyotp.TOTP(row.secret).at(timezone.now() + timedelta(seconds=30 * later))


def enrolled(user: User) -> list[str]:
    second_factors.begin(user=user)
    return second_factors.confirm(user=user, code=code(user, later=-1))


def typed_password(client: Client, user: User, to: str = "") -> HttpResponse:
    data = {"username": user.username, "password": PASSWORD, "next": to}
    return cast("HttpResponse", client.post(reverse("accounts:login"), data))


def test_a_device_is_enrolled_by_scanning_and_proving_it(client, clerk):
    client.force_login(clerk)
    url = reverse("accounts:second_factor_enrol")
    page = client.get(url).content.decode()
    assert "data:image/svg+xml" in page
    wrong = client.post(url, {"code": "000000", "password": PASSWORD})
    assert wrong.status_code == 422
    assert "验证码不正确" in wrong.content.decode()
    unproved = client.post(url, {"code": code(clerk), "password": "wrong-password"})
    assert "密码不正确" in unproved.content.decode()
    assert second_factors.active(clerk) is None
    done = client.post(url, {"code": code(clerk), "password": PASSWORD}).content.decode()
    codes = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", done)
    assert len(set(codes)) == 10
    assert client.get(url).status_code == 302
    assert second_factors.active(clerk) is not None


def test_another_browser_is_shown_another_secret_and_ends_with_the_enrolment():
    user, url = person("commission_secretary"), reverse("accounts:second_factor_enrol")
    thief, owner = Client(), Client()
    typed_password(thief, user)
    typed_password(owner, user)
    thief.get(url)
    seen = second_factors.begun(user)
    assert seen is not None
    stale = pyotp.TOTP(seen.secret).now()
    owner.get(url)
    assert second_factors.begun(user) != seen
    answer = thief.post(url, {"code": stale, "password": PASSWORD}).content.decode()
    assert "二维码已更换" in answer
    owner.get(url)
    owner.post(url, {"code": code(user), "password": PASSWORD})
    assert owner.get(reverse("accounts:profile")).status_code == 200
    assert thief.get(reverse("accounts:profile")).status_code == 302


def test_a_page_that_is_opened_again_shows_the_same_secret(client, clerk):
    client.force_login(clerk)
    url = reverse("accounts:second_factor_enrol")
    client.get(url)
    first = second_factors.begun(clerk)
    client.get(url)
    assert second_factors.begun(clerk) == first


def test_who_knew_a_password_that_was_reset_enrols_nothing_any_more(clerk):
    second_factors.begin(user=clerk)
    users.reset_password(actor=CONSOLE, user_id=clerk.pk, password="one-time-secret-5")
    with pytest.raises(Refused, match="已修改或重置"):
        second_factors.confirm(user=clerk, code=code(clerk))


def test_the_secret_and_the_recovery_codes_are_kept_nowhere_in_clear(clerk):
    codes = enrolled(clerk)
    record = " ".join(AuditEntry.objects.values_list("facts", flat=True))
    secret = Authenticator.objects.get().secret
    assert secret not in record
    assert not any(each in record for each in codes)
    assert not set(codes) & set(RecoveryCode.objects.values_list("fingerprint", flat=True))


def test_a_password_alone_lets_nobody_in_who_has_a_device(client, clerk):
    enrolled(clerk)
    answer = typed_password(client, clerk, to="/organizations/")
    assert answer["Location"] == reverse("accounts:second_factor")
    assert client.get(reverse("accounts:profile")).status_code == 302
    answer = client.post(reverse("accounts:second_factor"), {"code": code(clerk)})
    assert answer["Location"] == "/organizations/"
    assert client.get(reverse("accounts:profile")).status_code == 200


def test_without_a_password_there_is_no_page_for_the_code(client, clerk):
    enrolled(clerk)
    answer = client.post(reverse("accounts:second_factor"), {"code": code(clerk)})
    assert answer["Location"].startswith(reverse("accounts:login"))


def test_the_code_must_follow_the_password_within_minutes(client, clerk, monkeypatch):
    enrolled(clerk)
    typed_password(client, clerk)
    session = client.session
    session["awaiting_second_factor"] |= {"since": 0}
    session.save()
    assert client.post(reverse("accounts:second_factor"), {"code": code(clerk)})["Location"].startswith(
        "/accounts/login"
    )


def test_an_account_closed_meanwhile_is_not_let_in(client, clerk):
    enrolled(clerk)
    typed_password(client, clerk)
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    client.post(reverse("accounts:second_factor"), {"code": code(clerk)})
    assert client.get(reverse("accounts:profile")).status_code == 302


def test_a_code_opens_once(clerk):
    enrolled(clerk)
    shown = code(clerk)
    assert second_factors.verify(user_id=clerk.pk, code=shown)
    assert not second_factors.verify(user_id=clerk.pk, code=shown)
    assert second_factors.verify(user_id=clerk.pk, code=code(clerk, later=1))
    assert not second_factors.verify(user_id=clerk.pk, code=shown)


@pytest.mark.parametrize("typed", ["", "12345", "甲乙丙丁戊己", "abcdef", "0" * 20])
def test_what_is_no_code_is_wrong(clerk, typed):
    enrolled(clerk)
    assert not second_factors.verify(user_id=clerk.pk, code=typed)


def test_a_code_typed_full_width_or_with_blanks_is_right(clerk):
    enrolled(clerk)
    shown = code(clerk)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in shown)
    assert second_factors.verify(user_id=clerk.pk, code=f"{wide[:3]}　{wide[3:]} ")


def test_a_code_two_minutes_old_is_wrong(clerk):
    enrolled(clerk)
    Authenticator.objects.update(last_step=0)
    assert not second_factors.verify(user_id=clerk.pk, code=code(clerk, later=-4))


def test_five_wrong_codes_lock_even_the_right_one_out(clerk):
    enrolled(clerk)
    for _ in range(5):
        assert not second_factors.verify(user_id=clerk.pk, code="000000")
    with pytest.raises(Refused, match="暂停验证"):
        second_factors.verify(user_id=clerk.pk, code=code(clerk))
    Authenticator.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert second_factors.verify(user_id=clerk.pk, code=code(clerk))


def test_the_lock_is_told_at_the_door(client, clerk):
    enrolled(clerk)
    typed_password(client, clerk)
    for _ in range(5):
        answer = client.post(reverse("accounts:second_factor"), {"code": "000000"})
    assert answer.status_code == 422
    page = client.post(reverse("accounts:second_factor"), {"code": code(clerk)}).content.decode()
    assert "15 分钟后再试" in page


def test_a_recovery_code_stands_in_once(clerk):
    codes = enrolled(clerk)
    assert second_factors.verify(user_id=clerk.pk, code=f" {codes[0].upper()} ")
    assert not second_factors.verify(user_id=clerk.pk, code=codes[0])
    assert second_factors.verify(user_id=clerk.pk, code=codes[1])


def test_the_recovery_code_of_another_account_is_wrong(clerk, director):
    enrolled(clerk)
    assert not second_factors.verify(user_id=clerk.pk, code=enrolled(director)[0])


def test_a_second_device_needs_the_first_one_dropped(clerk):
    enrolled(clerk)
    with pytest.raises(Refused, match="已启用"):
        second_factors.begin(user=clerk)
    second_factors.drop_own(user=clerk)
    assert second_factors.active(clerk) is None
    enrolled(clerk)


def test_the_own_device_is_dropped_with_the_password_and_a_code(client, clerk):
    enrolled(clerk)
    client.force_login(clerk)
    url = reverse("accounts:second_factor_drop")
    for data, words in (
        ({"code": code(clerk), "password": "wrong-password"}, "密码不正确"),
        ({"code": "000000", "password": PASSWORD}, "验证码不正确"),
    ):
        answer = client.post(url, data)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert second_factors.active(clerk) is not None
    client.post(url, {"code": code(clerk), "password": PASSWORD})
    assert second_factors.active(clerk) is None
    assert "没有启用" in client.post(url, {"code": "000000", "password": PASSWORD}).content.decode()


def test_guessing_at_the_code_to_drop_the_device_is_counted_and_locked(client, clerk):
    enrolled(clerk)
    client.force_login(clerk)
    url = reverse("accounts:second_factor_drop")
    for _ in range(5):
        client.post(url, {"code": "000000", "password": PASSWORD})
    answer = client.post(url, {"code": code(clerk), "password": PASSWORD})
    assert "暂停验证" in answer.content.decode()
    assert second_factors.active(clerk) is not None
    assert AuditEntry.objects.filter(action="accounts.factor_failed").count() == 5


def test_an_unproved_device_gives_way_to_the_next_one(clerk):
    first = second_factors.begin(user=clerk)
    second = second_factors.begin(user=clerk)
    assert second_factors.begun(clerk) == second != first


def test_a_lost_device_is_reset_by_the_security_administrator_with_a_reason(clerk, director):
    keeper = person("security_admin")
    enrolled(clerk)
    with pytest.raises(Denied):
        second_factors.reset(actor=director, user_id=clerk.pk, reason="本人到场核实")
    with pytest.raises(Refused, match="原因"):
        second_factors.reset(actor=keeper, user_id=clerk.pk, reason=" ")
    second_factors.reset(actor=keeper, user_id=clerk.pk, reason="本人到场核实")
    assert second_factors.active(clerk) is None
    with pytest.raises(Denied):
        second_factors.end_devices(actor=director, user_id=clerk.pk, reason="本人到场核实")
    with pytest.raises(Refused, match="无需重置"):
        second_factors.reset(actor=keeper, user_id=clerk.pk, reason="本人到场核实")


def test_nobody_resets_the_own_device_over_the_counter(client):
    keeper = person("security_admin")
    enrolled(keeper)
    with pytest.raises(Refused, match="另一名"):
        second_factors.reset(actor=keeper, user_id=keeper.pk, reason="手机丢了")
    client.force_login(keeper)
    client.post(reverse("accounts:reset_second_factor", args=[keeper.pk]), {"reason": "手机丢了"})
    assert second_factors.active(keeper) is not None


def test_the_console_drops_a_device_with_the_password(clerk):
    output = StringIO()
    with pytest.raises(SystemExit):
        call_command("account", "reset", "clerk", "--factor", stderr=output)
    assert "无需重置" in output.getvalue()
    assert clerk.check_password(PASSWORD)
    enrolled(clerk)
    call_command("account", "reset", "clerk", "--factor", stdout=output)
    assert second_factors.active(clerk) is None


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin", "office_director", "office_clerk"])
def test_who_administers_or_approves_is_held_until_a_device_is_enrolled(client, settings, role):
    settings.SECOND_FACTOR = "required"
    user = person(role)
    client.force_login(user)
    enrol = reverse("accounts:second_factor_enrol")
    assert client.get(reverse("accounts:profile"))["Location"] == enrol
    assert "请先启用动态验证码" in client.get(enrol).content.decode()
    client.post(enrol, {"code": code(user), "password": PASSWORD})
    assert client.get(reverse("accounts:profile")).status_code == 200


@pytest.mark.parametrize("page", ["profile", "second_factor_enrol", "passkeys"])
def test_a_session_held_for_want_of_a_device_ends_when_one_is_enrolled_elsewhere(client, settings, director, page):
    settings.SECOND_FACTOR = "required"
    client.force_login(director)
    enrolled(director)
    assert client.get(reverse(f"accounts:{page}"))["Location"].startswith(reverse("accounts:login"))
    assert "_auth_user_id" not in client.session
    assert AuditEntry.objects.values_list("action", flat=True)[0] == "accounts.logged_out"


def test_invented_data_may_be_tried_with_a_password_alone(client, settings, director):
    settings.SECOND_FACTOR = "required"
    ParameterValue.objects.update_or_create(key=DATA_IS_SYNTHETIC.key, defaults={"value": 1})
    client.force_login(director)
    assert client.get(reverse("accounts:profile")).status_code == 200


def test_who_has_shown_a_code_is_not_asked_again_in_this_session(client, settings, director):
    settings.SECOND_FACTOR = "required"
    enrolled(director)
    typed_password(client, director)
    client.post(reverse("accounts:second_factor"), {"code": code(director)})
    assert client.session["second_factor_passed"] is True
    assert client.get(reverse("accounts:profile")).status_code == 200


def test_who_neither_administers_nor_approves_is_not_held(client, settings, clerk):
    settings.SECOND_FACTOR = "required"
    client.force_login(clerk)
    assert client.get(reverse("accounts:profile")).status_code == 200
