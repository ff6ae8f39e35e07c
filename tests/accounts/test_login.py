"""Logging in: politely, on record, without telling who exists."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.accounts.services import users
from bianzhi.audit.models import AuditEntry
from tests.accounts.people import CONSOLE, PASSWORD, account, change_password, signed_in

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
LIMIT = 8


def attempt(client: Client, username: str, password: str = "wrong-password", **more):
    return client.post(LOGIN, {"username": username, "password": password, **more})


def newest_act() -> str:
    return AuditEntry.objects.values_list("action", flat=True)[0]


def words(response) -> str:
    """What the page says, without what differs by request."""
    text = re.sub(r'(value|content)="\w{64}"', "", response.content.decode())
    return re.sub(r'value="(clerk|ghost)"', "", text)


def test_a_user_logs_in_and_goes_on_to_where_they_were_headed():
    account("clerk", "office_clerk")
    response = attempt(Client(), "clerk", PASSWORD, next="/accounts/profile/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/profile/")
    assert newest_act() == "accounts.logged_in"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_login_never_leads_to_another_site(target):
    account("clerk")
    assert attempt(Client(), "clerk", PASSWORD, next=target)["Location"] == "/"


def test_a_wrong_password_an_unknown_and_a_closed_account_read_alike():
    account("clerk")
    closed = account("closed")
    users.deactivate(actor=CONSOLE, user_id=closed.pk)
    known = attempt(Client(REMOTE_ADDR="10.0.0.1"), "clerk")
    unknown = attempt(Client(REMOTE_ADDR="10.0.0.2"), "ghost")
    shut = attempt(Client(REMOTE_ADDR="10.0.0.3"), "closed", PASSWORD)
    assert known.status_code == unknown.status_code == shut.status_code == 422
    assert words(known) == words(unknown)
    assert "账号或密码不正确" in words(shut)


@pytest.mark.parametrize("username", ["clerk", "ghost"])
def test_after_too_many_failures_even_the_right_password_is_refused_whoever_it_is(username):
    account("clerk")
    for number in range(LIMIT):
        attempt(Client(REMOTE_ADDR=f"10.0.1.{number}"), username)
    locked = attempt(Client(REMOTE_ADDR="10.0.2.1"), username, PASSWORD)
    assert locked.status_code == 429
    assert "登录失败次数过多" in locked.content.decode()
    assert "_auth_user_id" not in locked.client.session


def test_an_address_is_locked_too():
    account("clerk")
    client = Client(REMOTE_ADDR="10.9.9.9")
    for number in range(LIMIT):
        attempt(client, f"guess{number}")
    assert attempt(client, "clerk", PASSWORD).status_code == 429


def test_an_own_login_does_not_begin_the_guessing_at_another_account_anew():
    account("clerk")
    account("director")
    client = Client(REMOTE_ADDR="10.9.9.9")
    for _ in range(LIMIT - 1):
        attempt(client, "director")
    assert attempt(client, "clerk", PASSWORD).status_code == 302
    client.post("/accounts/logout/")
    assert attempt(client, "director").status_code == 429
    assert attempt(Client(REMOTE_ADDR="10.9.9.8"), "director", PASSWORD).status_code == 429


def test_who_remembers_the_password_in_the_end_begins_anew():
    account("clerk")
    for _ in range(3):
        client = Client(REMOTE_ADDR="10.9.9.9")
        for _ in range(LIMIT - 1):
            attempt(client, "clerk")
        assert attempt(client, "clerk", PASSWORD).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_failures_and_the_lock_are_on_record_and_attempts_during_the_lock_do_not_grow_it():
    account("clerk")
    before = AuditEntry.objects.count()
    for number in range(LIMIT + 5):
        attempt(Client(REMOTE_ADDR=f"10.0.1.{number}"), "clerk")
    acts = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True)[before:])
    assert acts == ["accounts.login_failed"] * (LIMIT - 1) + ["accounts.login_locked"]


def test_a_name_nobody_has_is_not_kept_in_the_record():
    attempt(Client(), "MyPassword123")
    entry = AuditEntry.objects.get()
    assert "MyPassword123" not in f"{entry.facts}{entry.subject_label}{entry.subject_id}"


def test_a_name_nobody_has_is_counted_and_locked_under_a_fingerprint():
    for number in range(LIMIT):
        attempt(Client(REMOTE_ADDR=f"10.0.2.{number}"), "330699198706050011")
    names = set(AccessAttempt.objects.values_list("username", flat=True))
    assert len(names) == 1
    assert "330699" not in names.pop()
    assert AuditEntry.objects.filter(action="accounts.login_locked").count() == 1


def test_resetting_a_password_lifts_the_lock():
    user = account("clerk")
    for number in range(LIMIT):
        attempt(Client(REMOTE_ADDR=f"10.0.1.{number}"), "clerk")
    users.reset_password(actor=CONSOLE, user_id=user.pk, password="one-time-secret-5")
    assert attempt(Client(REMOTE_ADDR="10.0.3.1"), "clerk", "one-time-secret-5").status_code == 302


def test_a_one_time_password_opens_nothing_but_the_page_that_changes_it():
    account("clerk", "office_clerk", must_change=True)
    client = Client()
    attempt(client, "clerk", PASSWORD)
    for path in ("/accounts/profile/", "/search/", "/"):
        assert client.get(path)["Location"] == reverse("accounts:password_change")
    response = client.post(
        "/accounts/password/", {"old": PASSWORD, "new": "brand-new-secret-8", "repeated": "brand-new-secret-8"}
    )
    assert response.status_code == 302
    assert client.get("/accounts/profile/").status_code == 200


def test_a_changed_password_ends_the_sessions_elsewhere_but_not_this_one():
    user = account("clerk")
    here, elsewhere = signed_in(user), signed_in(user)
    here.post("/accounts/password/", {"old": PASSWORD, "new": "brand-new-secret-8", "repeated": "brand-new-secret-8"})
    assert here.get("/accounts/profile/").status_code == 200
    assert elsewhere.get("/accounts/profile/").status_code == 302


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"old": "no", "new": "brand-new-secret-8", "repeated": "brand-new-secret-8"}, "原密码不正确"),
        ({"old": PASSWORD, "new": "brand-new-secret-8", "repeated": "another"}, "两次输入的新密码不一致"),
        ({"old": PASSWORD, "new": "short", "repeated": "short"}, "密码太短"),
    ],
)
def test_a_password_change_that_fails_says_why(data, words):
    response = signed_in(account("clerk")).post("/accounts/password/", data)
    assert response.status_code == 422
    assert words in response.content.decode()


def test_guessing_at_the_old_password_is_counted_recorded_and_ended_like_a_login():
    account("clerk")
    client = Client(REMOTE_ADDR="10.9.9.9")
    attempt(client, "clerk", PASSWORD)
    data = {"new": "brand-new-secret-8", "repeated": "brand-new-secret-8"}
    for number in range(LIMIT):
        answer = client.post("/accounts/password/", {"old": f"guess-{number}", **data})
    assert answer.status_code == 429
    assert AuditEntry.objects.filter(action="accounts.login_failed").count() == LIMIT - 1
    assert newest_act() == "accounts.login_locked"
    client.post("/accounts/password/", {"old": PASSWORD, **data})
    assert User.objects.get().check_password(PASSWORD)


def test_no_password_is_computed_while_the_database_is_held(monkeypatch):
    user = change_password(account("clerk"), PASSWORD, "amber-river-58")
    client, held, outside = signed_in(user), [], len(connection.savepoint_ids)
    encode = MD5PasswordHasher.encode

    def noting(*given: Any) -> str:
        held.append(len(connection.savepoint_ids) > outside)
        return encode(*given)

    monkeypatch.setattr(MD5PasswordHasher, "encode", noting)
    data = {"old": "amber-river-58", "new": "brand-new-secret-8", "repeated": "brand-new-secret-8"}
    assert client.post("/accounts/password/", data).status_code == 302
    assert len(held) == 3, "the old one, that before it, the new one"
    assert not any(held)


def test_logging_out_ends_the_session_and_only_by_post():
    client = signed_in(account("clerk"))
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/")["Location"] == LOGIN
    assert client.get("/accounts/profile/").status_code == 302
    assert newest_act() == "accounts.logged_out"


def test_a_closed_account_is_out_with_its_next_request():
    user = account("clerk")
    client = signed_in(user)
    users.deactivate(actor=CONSOLE, user_id=user.pk)
    assert client.get("/accounts/profile/").status_code == 302


def test_the_login_page_is_kept_in_no_cache():
    assert "no-store" in Client().get(LOGIN)["Cache-Control"]
