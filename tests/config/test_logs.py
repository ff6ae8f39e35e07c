"""What is logged: one object a line, enough to find an error by, and nothing about a person."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.common import jobs, outbox
from bianzhi.common.jobs import delivery, handlers
from bianzhi.common.tracing import on_behalf_of
from bianzhi.common.web.access import public_page
from bianzhi.config import logs, urls
from bianzhi.config.masking import masked
from bianzhi.kernel.objections import Objection, Refused

NAMES = ["欧阳测试甲", "买买提·测试乙", "𠮷测试丙"]
NUMBERS = ["330699198706051234", "33069919870605123X"]
PHONES = ["13800001234", "138-0000-1234", "0571-88001234", "88001234"]
MAIL = "canary@example.gov.cn"
CANARIES = [*NAMES, *NUMBERS, *PHONES, MAIL]
PIECES = ["欧阳", "测试", "买买提", "\U00020bb7", "19870605", "00001234", "0000-1234", "88001234", "canary@"]
"""What must not be left of them either."""


@public_page
def breaks(request: HttpRequest) -> HttpResponse:
    """Fails with whatever was typed in, as a careless page might."""
    given = request.POST.get("value") or request.GET.get("value") or "nothing"
    if "refused" in request.GET:
        raise Refused([Objection("R01", f"{given} 已经在编")])
    if "sql" in request.GET:
        User.objects.create(username=given, display_name=given)
        User.objects.create(username=given, display_name=given)
    try:
        int(given)
    except ValueError as error:
        raise KeyError(given) from error
    raise RuntimeError(f"no such person: {given}, born {given[6:14]}")


urlpatterns = [*urls.urlpatterns, path("breaks/", breaks), path("breaks/<str:word>/", breaks)]
handler403, handler404, handler500 = urls.handler403, urls.handler404, urls.handler500


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the handlers of the product would write."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def assert_nothing_personal(text: str) -> None:
    found = [each for each in [*CANARIES, *PIECES] if each in text or each in text.encode().decode("unicode_escape")]
    assert found == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls("tests.config.test_logs")
@pytest.mark.parametrize("canary", CANARIES)
def test_nothing_personal_is_logged_of_forms_addresses_errors_and_refused_statements(canary, written):
    client = Client(raise_request_exception=False)
    answers = [
        client.post("/breaks/", {"value": canary}),
        client.get("/breaks/", {"value": canary}),
        client.get(f"/breaks/{canary}/", {"value": canary}),
        client.get("/breaks/", {"value": canary, "sql": "1"}),
        client.get("/breaks/", {"value": canary, "refused": "1"}),
    ]
    client.get(f"/nothing/{canary}/", {"name": canary}, headers={"X-Request-ID": canary.replace("·", "-")[:64]})
    client.get("/", headers={"Host": f"{canary}.example"})
    assert [answer.status_code for answer in answers] == [500] * 5
    text = written.getvalue()
    assert text.count('"ERROR"') >= 5
    assert_nothing_personal(text)


@pytest.mark.django_db
def test_a_database_error_is_logged_with_its_constraint_and_without_the_row(written):
    User.objects.create(username=NUMBERS[0], display_name=NAMES[0])
    try:
        with transaction.atomic():
            User.objects.create(username=NUMBERS[0], display_name=NAMES[0])
    except IntegrityError:
        logging.getLogger("x").exception("refused %s of %s", NUMBERS[0], NAMES[1])
    text = written.getvalue()
    assert "accounts_user" in text
    assert "username" in text
    assert_nothing_personal(text)


@pytest.mark.django_db
def test_a_failing_job_and_a_failing_subscriber_log_their_number_and_nothing_personal(written, monkeypatch, settings):
    monkeypatch.setattr(handlers, "_handlers", {})
    settings.SUBSCRIPTIONS = {"test.news": ("tests.config.test_logs.fails",)}

    @jobs.job("test.leaky")
    def leaky(context: jobs.JobContext) -> None:
        raise ValueError(f"{NAMES[0]} {NUMBERS[1]} {PHONES[0]}")

    job = jobs.enqueue("test.leaky", title="试", params={"name": NAMES[0]}, actor=System("测试"))
    jobs.run_waiting()
    message = outbox.put("test.news", key=NUMBERS[0], payload={"name": NAMES[2], "phone": PHONES[1]})
    delivery.deliver_waiting()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert {f"job-{job.pk}", f"message-{message.pk}"} <= {line.get("request") for line in lines}
    assert_nothing_personal(written.getvalue())


def fails(message: Any) -> None:
    raise RuntimeError(f"{message.payload} {message.key}")


def test_an_error_nobody_caught_is_logged_and_not_printed(written, capsys, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.log_what_nobody_caught()

    def of_thread() -> None:
        raise ValueError(NAMES[0])

    thread = threading.Thread(target=of_thread)
    thread.start()
    thread.join()
    try:
        raise ValueError(NUMBERS[0])
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert written.getvalue().count("CRITICAL") == 2
    assert_nothing_personal(written.getvalue() + capsys.readouterr().err)


def test_a_line_says_when_where_and_on_whose_behalf(written):
    with on_behalf_of("abc123def456"):
        try:
            raise OSError(28, "No space left on device")
        except OSError:
            logging.getLogger("bianzhi.test").exception("file %s could not be written", "page-7")
    line = json.loads(written.getvalue())
    assert (line["level"], line["logger"], line["request"]) == ("ERROR", "bianzhi.test", "abc123def456")
    assert line["message"] == "file page-7 could not be written"
    assert line["error"][0]["type"] == "builtins.OSError"
    assert "No space left" in line["error"][0]["text"]
    assert "test_logs.py" in line["error"][0]["at"][0]
    assert line["time"].endswith("+08:00")


def test_an_error_that_is_the_cause_of_another_is_told_after_it(written):
    try:
        try:
            raise KeyError("kind")
        except KeyError as error:
            raise RuntimeError("not readable") from error
    except RuntimeError:
        logging.getLogger("x").exception("stopped")
    assert [each["type"] for each in json.loads(written.getvalue())["error"]] == [
        "builtins.RuntimeError",
        "builtins.KeyError",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-23 imported 18500 rows in 1234 ms",
        "job 17 (import.commit): its worker is gone after attempt 3",
        "UNIQUE constraint failed: personnel_person.id_number",
        "slow request: GET personnel:people took 6.1 s, 2.0 s of it in 37 statements",
        "No module named 'opensearchpy'",
    ],
)
def test_figures_dates_and_names_of_the_program_stay_readable(line):
    assert masked(line) == line


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL repeats rows in its errors")
def test_what_postgresql_repeats_of_a_row_is_left_out(written):
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO accounts_user (username, display_name) VALUES ('Zhang San', 'Li Si')")
    logging.getLogger("x").error("refused", exc_info=caught.value)
    assert "Zhang" not in written.getvalue()
