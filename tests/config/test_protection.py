"""What every answer carries, what a log line never carries, and how long a session lives."""

from __future__ import annotations

import logging
import sys
import time

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from bianzhi.accounts.models import User
from bianzhi.config import sessions
from bianzhi.config.logs import MaskingFormatter

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.mark.django_db
def test_the_health_page_answers_strangers(client: Client):
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_the_health_page_says_when_the_database_is_gone(client: Client, monkeypatch):
    def gone():
        raise DatabaseError("gone")

    monkeypatch.setattr(connection, "cursor", gone)
    assert client.get("/healthz").status_code == 503


@pytest.mark.django_db
def test_every_answer_forbids_foreign_and_inline_scripts(client: Client):
    answer = client.get("/healthz")
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("number", ["330699198706051234", "33069919870605123X", "13800001234", "6222020200112233445"])
def test_a_personal_number_never_reaches_the_log(number):
    formatter = MaskingFormatter("%(message)s")
    try:
        raise ValueError(f"Key (id_number)=({number}) already exists")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "refused %s", (number,), sys.exc_info())
    shown = formatter.format(record)
    assert number not in shown
    assert f"{number[:3]}****" in shown


def test_figures_and_dates_stay_readable_in_the_log():
    record = logging.LogRecord("x", logging.INFO, "f", 1, "2026-11-23 imported 18500 rows in 1234 ms", (), None)
    assert MaskingFormatter("%(message)s").format(record) == "2026-11-23 imported 18500 rows in 1234 ms"


@pytest.fixture
def signed_in(client: Client) -> Client:
    client.force_login(User.objects.create(username="clerk", display_name="测试员"), backend=BACKEND)
    client.get("/healthz")
    return client


def still_signed_in(client: Client) -> bool:
    client.get("/healthz")
    return "_auth_user_id" in client.session


def shift(client: Client, key: str, seconds: float) -> None:
    session = client.session
    session[key] = time.time() - seconds
    session.save()


@pytest.mark.django_db
def test_a_session_in_use_lives_on(signed_in: Client):
    shift(signed_in, sessions.SEEN, 120)
    assert still_signed_in(signed_in)
    assert time.time() - signed_in.session[sessions.SEEN] < 60


@pytest.mark.django_db
def test_an_idle_session_ends(signed_in: Client, settings):
    shift(signed_in, sessions.SEEN, settings.SESSION_IDLE_SECONDS + 1)
    assert not still_signed_in(signed_in)


@pytest.mark.django_db
def test_a_session_ends_after_its_longest_time_however_busy(signed_in: Client, settings):
    shift(signed_in, sessions.STARTED, settings.SESSION_COOKIE_AGE + 1)
    assert not still_signed_in(signed_in)
