"""What every answer carries, and how long a session lives."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from bianzhi.accounts.models import User
from bianzhi.config import sessions

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


@pytest.mark.django_db
def test_every_answer_closes_what_no_page_needs(client: Client):
    answer = client.get("/healthz")
    allowed = dict(part.strip().split("=", 1) for part in answer["Permissions-Policy"].split(","))
    assert {"camera", "microphone", "geolocation", "payment", "usb"} <= set(allowed)
    assert set(allowed.values()) == {"()"}
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.django_db
def test_behind_https_answers_bind_browsers_to_it_for_a_year(client: Client, settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    answer = Client().get("/healthz", headers={"X-Forwarded-Proto": "https"})
    assert answer["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in client.get("/healthz")


def test_cookies_are_for_this_site_for_https_and_not_for_scripts():
    program = (
        "import django; django.setup(); from django.conf import settings as s; "
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, "
        "s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE, s.SECURE_HSTS_SECONDS)"
    )
    told = {**os.environ, "DJANGO_SETTINGS_MODULE": "bianzhi.config.settings", "BIANZHI_HTTPS": "1"}
    told["PYTHONPATH"] = os.pathsep.join(sys.path)
    done = subprocess.run([sys.executable, "-c", program], env=told, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True", "Lax", "Lax", "31536000"]


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
