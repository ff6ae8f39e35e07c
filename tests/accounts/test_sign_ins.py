"""The devices one is logged in on: seen, ended elsewhere, ended by the security administrator; passwords remembered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bianzhi.accounts.models import SignIn, User
from bianzhi.accounts.policies import Denied
from bianzhi.accounts.services import changes, sign_ins, users
from bianzhi.audit.models import AuditEntry
from bianzhi.kernel.objections import Refused
from tests.accounts.people import PASSWORD, account, change_password

pytestmark = pytest.mark.django_db
PROFILE = reverse("accounts:profile")
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/86.0.4240.198 Safari/537.36"


@pytest.fixture
def clerk() -> User:
    return account("clerk", "commission_secretary")


def logged_in(user: User, agent: str = CHROME) -> Client:
    client = Client(headers={"user-agent": agent})
    client.post(reverse("accounts:login"), {"username": user.username, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get(PROFILE).status_code == 200


def test_the_own_devices_are_told_apart(clerk):
    here, _ = logged_in(clerk), logged_in(clerk, "Mozilla/5.0 (X11; Linux) Firefox/115.0")
    page = here.get(PROFILE).content.decode()
    assert "Chrome（Windows）" in page
    assert "Firefox（Linux）" in page
    assert page.count("退出此设备") == 1
    assert "本机" in page


def test_a_login_elsewhere_is_ended_and_stays_ended(clerk):
    here, there = logged_in(clerk), logged_in(clerk)
    row = SignIn.objects.order_by("pk").last()
    assert row is not None
    here.post(reverse("accounts:end_session", args=[row.pk]))
    assert is_in(here)
    assert not is_in(there)
    assert "已经结束" in here.post(reverse("accounts:end_session", args=[row.pk]), follow=True).content.decode()


def test_nobody_ends_the_login_of_another(clerk):
    other = account("other", "commission_secretary")
    mine, theirs = logged_in(clerk), logged_in(other)
    row = SignIn.objects.get(user=other)
    mine.post(reverse("accounts:end_session", args=[row.pk]))
    assert is_in(theirs)
    with pytest.raises(Refused):
        sign_ins.end(user=clerk, sign_in_id=row.pk)


def test_logging_out_ends_the_device(clerk):
    here = logged_in(clerk)
    here.post(reverse("accounts:logout"))
    assert SignIn.objects.get().ended_at is not None


def test_a_changed_password_keeps_this_device_and_loses_the_others(clerk):
    here, there = logged_in(clerk), logged_in(clerk)
    new = "amber-river-58"
    here.post(reverse("accounts:password_change"), {"old": PASSWORD, "new": new, "repeated": new})
    assert is_in(here)
    assert not is_in(there)
    assert "本机" in here.get(PROFILE).content.decode()
    assert SignIn.objects.filter(ended_at=None).count() == 1


def test_only_this_device_is_kept_after_a_changed_password(clerk):
    here, there = logged_in(clerk), logged_in(clerk)
    key = here.session.session_key or ""
    sign_ins.keep_this_one(user=clerk, old_key=key, new_key=key)
    assert is_in(here)
    assert not is_in(there)


def test_the_security_administrator_ends_every_login_with_a_reason(clerk):
    keeper = account("keeper", "security_admin")
    clients = [logged_in(clerk), logged_in(clerk)]
    with pytest.raises(Denied):
        sign_ins.end_all(actor=clerk, user_id=clerk.pk, reason="电脑遗失")
    with pytest.raises(Refused, match="原因"):
        sign_ins.end_all(actor=keeper, user_id=clerk.pk, reason="")
    assert sign_ins.end_all(actor=keeper, user_id=clerk.pk, reason="电脑遗失") == 2
    assert not any(is_in(client) for client in clients)


@pytest.mark.parametrize("act", ["close", "reset"])
def test_with_a_closed_account_or_a_reset_password_every_login_is_over(clerk, act):
    client, keeper = logged_in(clerk), account("keeper", "security_admin")
    if act == "close":
        changes.close(actor=keeper, user_id=clerk.pk, reason="离岗，先行停用")
    else:
        users.reset_password(actor=keeper, user_id=clerk.pk, password="amber-river-58")
    assert not Session.objects.filter(session_key=client.session.session_key or "").exists()
    assert not SignIn.objects.filter(ended_at=None).exists()
    assert AuditEntry.objects.filter(action="accounts.session_ended").count() == 1


def test_the_logins_another_act_makes_void_end_but_the_one_it_was_done_in(clerk):
    here, there = logged_in(clerk), logged_in(clerk)
    sign_ins.end_others(actor=clerk, user=clerk, reason="启用动态验证码", here=here.session.session_key)
    assert is_in(here)
    assert not is_in(there)
    sign_ins.end_others(actor=clerk, user=clerk, reason="启用动态验证码", here=here.session.session_key)
    assert AuditEntry.objects.filter(action="accounts.session_ended").count() == 1, "nothing ended, nothing to record"


def test_the_last_passwords_are_not_taken_again(clerk, settings):
    settings.PASSWORD_HISTORY = 2
    old = PASSWORD
    for new in ("amber-river-58", "copper-field-41"):
        change_password(clerk, old, new)
        old = new
    with pytest.raises(Refused, match="最近 2 个"):
        change_password(clerk, old, "amber-river-58")
    with pytest.raises(Refused, match="最近 2 个"):
        change_password(clerk, old, PASSWORD)
    change_password(clerk, old, "silver-stone-27")
    change_password(clerk, "silver-stone-27", PASSWORD)


def test_an_expired_password_leads_to_the_page_that_changes_it(clerk, settings):
    settings.PASSWORD_DAYS = 90
    here = logged_in(clerk)
    assert is_in(here)
    User.objects.update(password_set_at=timezone.now() - timedelta(days=91))
    assert here.get(PROFILE)["Location"] == reverse("accounts:password_change")
    assert "密码已到期" in here.get(reverse("accounts:password_change")).content.decode()
    new = "amber-river-58"
    here.post(reverse("accounts:password_change"), {"old": PASSWORD, "new": new, "repeated": new})
    assert is_in(here)
