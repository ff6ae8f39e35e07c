"""Many logins at once: few passwords are computed at a time, pages stay open; a name nobody has costs no less time."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from typing import Any

import pytest
import requests
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.wsgi import get_wsgi_application
from django.test import Client
from waitress.server import create_server  # type: ignore[import-untyped]

from bianzhi.accounts.services import users
from bianzhi.accounts.web.proof import AT_THE_DOOR
from tests.accounts.people import CONSOLE, PASSWORD, account

LOGIN = "/accounts/login/"
THREADS = 8
COMPUTED_AT_ONCE = 2


class Held:
    """Stands in the computing of a password hash: holds everybody until let go, and counts who is there at once."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self._lock = threading.Lock()
        self.inside = self.most = 0
        self.full = threading.Event()

    def verify(self, _password: str, _encoded: str) -> bool:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            if self.inside == COMPUTED_AT_ONCE:
                self.full.set()
        self.let_go.wait(timeout=60)
        with self._lock:
            self.inside -= 1
        return False


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[Held]:
    settings.PASSWORD_HASHERS = ["bianzhi.config.passwords.BoundedArgon2PasswordHasher"]
    made = Held()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon2PasswordHasher, "verify", made.verify)
        yield made
    made.let_go.set()


@pytest.fixture
def server(transactional_db) -> Iterator[str]:
    """The web server of the product, with its eight threads."""
    made = create_server(get_wsgi_application(), host="127.0.0.1", port=0, threads=THREADS)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.effective_port}"
    made.close()
    made.task_dispatcher.shutdown()
    thread.join(timeout=20)


def log_in(site: str, number: int) -> int:
    """Try to log in by HTTP; the status of the answer."""
    with requests.Session() as browser:
        page = browser.get(site + LOGIN, timeout=60)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token is not None
        data = {"csrfmiddlewaretoken": token[1], "username": f"clerk{number}", "password": "wrong-password"}
        return browser.post(site + LOGIN, data=data, timeout=60).status_code


@pytest.mark.django_db(transaction=True)
def test_while_passwords_are_computed_pages_are_answered_and_only_two_are_computed(server, held, settings):
    settings.AXES_ENABLED = False
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    many = 2 * AT_THE_DOOR
    for number in range(many):
        account(f"clerk{number}")
    with ThreadPoolExecutor(many) as people:
        answers = [people.submit(log_in, server, number) for number in range(many)]
        assert held.full.wait(timeout=60)
        refused = [answer.result() for answer in islice(as_completed(answers, 60), many - AT_THE_DOOR)]
        assert requests.get(server + "/healthz", timeout=60).status_code == 200
        assert requests.get(server + LOGIN, timeout=60).status_code == 200
        assert not held.let_go.is_set()
        held.let_go.set()
        statuses = sorted(answer.result(timeout=60) for answer in answers)
    assert refused == [503] * (many - AT_THE_DOOR)
    assert statuses == [422] * AT_THE_DOOR + [503] * (many - AT_THE_DOOR)
    assert held.most == COMPUTED_AT_ONCE


@pytest.mark.django_db
def test_who_is_turned_away_for_want_of_room_is_told_when_to_come_back(monkeypatch):
    monkeypatch.setattr("bianzhi.accounts.web.proof._door", threading.BoundedSemaphore(1))
    account("clerk")

    def another_comes(*_: object, **__: object) -> None:
        answer = Client().post(LOGIN, {"username": "clerk", "password": PASSWORD})
        assert (answer.status_code, answer["Retry-After"]) == (503, "3")
        assert "现在登录的人较多" in answer.content.decode()

    with monkeypatch.context() as patch:
        patch.setattr("bianzhi.accounts.web.proof.authenticate", another_comes)
        assert Client().post(LOGIN, {"username": "clerk", "password": "x"}).status_code == 422
    assert Client().post(LOGIN, {"username": "clerk", "password": PASSWORD}).status_code == 302


def counted(real: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    """The same, leaving a note of each call."""

    def noted(*called: Any) -> Any:
        calls.append(real.__name__)
        return real(*called)

    return noted


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("username", "password"),
    [("clerk", "wrong-password"), ("ghost", "wrong-password"), ("closed", PASSWORD), ("closed", "wrong-password")],
)
def test_one_password_is_computed_whether_or_not_the_account_exists(monkeypatch, settings, username, password):
    settings.PASSWORD_HASHERS = ["bianzhi.config.passwords.BoundedArgon2PasswordHasher"]
    account("clerk")
    users.deactivate(actor=CONSOLE, user_id=account("closed").pk)
    computed: list[str] = []
    for name in ("encode", "verify"):
        monkeypatch.setattr(Argon2PasswordHasher, name, counted(getattr(Argon2PasswordHasher, name), computed))
    assert Client().post(LOGIN, {"username": username, "password": password}).status_code == 422
    assert len(computed) == 1
