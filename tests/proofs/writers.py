"""People who write through the pages, each in a thread with a session; every write that was acknowledged is noted here.

A write counts as acknowledged when its answer has arrived: from then on it may not be lost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import requests
from lxml import html

from tests.proofs.installation import Installation
from tests.proofs.submissions import forms_of
from tests.small_papers import small_pdf

ENOUGH = 12
PATIENCE = 300
"""Seconds an answer may take on a busy machine; a killed server ends the wait at once."""


@dataclass(frozen=True)
class Ack:
    """What was acknowledged: where to find it, and the place the answer led to."""

    kind: str
    mark: str
    location: str


@dataclass
class Notebook:
    """What all writers were told was done; lives outside the platform."""

    acks: list[Ack] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, ack: Ack) -> None:
        with self.lock:
            self.acks.append(ack)


@dataclass
class Browser:
    """One person's session with the site."""

    installation: Installation
    session_key: str
    own: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.own.trust_env = False
        self.own.cookies.set("sessionid", self.session_key)

    def get(self, path: str) -> bytes:
        answer = self.own.get(self.installation.site + path, timeout=PATIENCE, allow_redirects=False)
        assert answer.status_code == 200, f"{answer.status_code} {path}"
        return answer.content

    def post(self, path: str, data: Any, files: Any = None) -> requests.Response:
        if "csrftoken" not in self.own.cookies:
            self.get("/accounts/profile/")
        sent = [*data, ("csrfmiddlewaretoken", self.own.cookies["csrftoken"])]
        address = self.installation.site + path
        return self.own.post(address, data=sent, files=files, timeout=PATIENCE, allow_redirects=False)

    def fill(self, content: bytes, path: str, values: dict[str, str]) -> list[tuple[str, str]]:
        """What the page's own form would send, with these fields filled in."""
        form = max(
            (form for form in forms_of(content, path) if form.method == "POST" and form.path.partition("?")[0] == path),
            key=lambda form: len(form.fields),
        )
        left_out = {*values, "csrfmiddlewaretoken"}
        kept = [(name, text) for name, text in form.fields if isinstance(text, str) and name not in left_out]
        return [*kept, *values.items()]


Turn = Callable[[Browser, str], tuple[requests.Response, str]]


def notice(browser: Browser, mark: str) -> tuple[requests.Response, str]:
    """A draft of a notice with a file."""
    path = "/office/notices/new/"
    sent = browser.fill(browser.get(path), path, {"title": mark, "body": "请知悉。", "audience": "all"})
    sent = [(name, text) for name, text in sent if name not in ("roles", "attached", "must_confirm")]
    return browser.post(path, sent, {"attached": (f"{mark}.pdf", small_pdf(mark))}), mark


def document(browser: Browser, mark: str) -> tuple[requests.Response, str]:
    """An approval document, registered."""
    path = "/documents/new/"
    number = int("".join(filter(str.isdigit, mark)))
    facts = {"doc_no": f"测编〔2026〕{number}号", "issued_on": "2026-01-05", "title": mark, "issuer": "测试区委编委"}
    return browser.post(path, browser.fill(browser.get(path), path, facts)), mark


def entry(browser: Browser, mark: str) -> tuple[requests.Response, str]:
    """A ledger entry: shown first, then confirmed; shown again where somebody else posted in between."""
    path = "/ledger/post/issue/"
    number = int("".join(filter(str.isdigit, mark)))
    facts = {
        "measure": "A1",
        "tier": "district",
        "amount": "1",
        "summary": mark,
        "direct_reason": "补录系统启用前的事项",
        "new_doc_no": f"测编台〔2026〕{number}号",
        "new_issued_on": "2026-01-05",
        "new_title": mark,
        "effective_on": "2026-01-05",
        "new_issuer": "上级编委",
        "new_issuer_level": "upper",
    }
    sent = browser.fill(browser.get(path), path, facts)
    answer = browser.post(path, sent)
    while answer.status_code in (200, 422):
        consent = html.fromstring(answer.content).xpath("//input[@name='confirm' or @name='shown']")
        if not consent:
            break
        answer = browser.post(path, [*sent, *((each.name, each.value) for each in consent)])
    return answer, mark


def application(browser: Browser, mark: str) -> tuple[requests.Response, str]:
    """The draft of a case."""
    path = "/matters/apply/P13/"
    return browser.post(path, [("unit", UNIT[0]), ("token", mark)]), mark


UNIT: list[str] = []
CASE: list[str] = []
READER: list[str] = []
BATCH: list[str] = []
"""Keys of the rows they write about, told by the test."""


def opinion(browser: Browser, mark: str) -> tuple[requests.Response, str]:
    """Words on a case: it is copied to a colleague."""
    return browser.post(
        f"/flows/instances/{CASE[0]}/copy/", [("text", mark), ("copies", READER[0]), ("token", mark)]
    ), mark


def upload(browser: Browser, mark: str) -> tuple[requests.Response, str]:
    """A file for the archive."""
    return browser.post(f"/archives/batches/{BATCH[0]}/files/", [], {"files": (f"{mark}.txt", mark.encode())}), mark


TURNS: dict[str, tuple[str, Turn]] = {
    "notice": ("director", notice),
    "document": ("director", document),
    "entry": ("director", entry),
    "application": ("supervision", application),
    "opinion": ("director", opinion),
    "upload": ("archivist", upload),
}
"""What is written, and who writes it."""


@dataclass
class Crowd:
    """All of them at once, until the site is gone."""

    installation: Installation
    sessions: dict[str, str]
    notebook: Notebook
    round: int
    threads: list[threading.Thread] = field(default_factory=list)
    begun: int = 0

    def __enter__(self) -> Crowd:
        self.begun = len(self.notebook.acks)
        for number, kind in enumerate(TURNS):
            self.threads.append(threading.Thread(target=self._write, args=(kind, number), daemon=True))
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *caught: object) -> None:
        for thread in self.threads:
            thread.join(timeout=PATIENCE)

    def wait_for_acks(self, most: float = 600) -> None:
        """Until every writer was answered and there are enough answers, or the time is over."""
        deadline = time.monotonic() + most
        while time.monotonic() < deadline and not self._is_enough():
            time.sleep(0.02)

    def _is_enough(self) -> bool:
        new = self.notebook.acks[self.begun :]
        return bool(self.notebook.refusals) or (len(new) >= ENOUGH and {ack.kind for ack in new} == set(TURNS))

    def _write(self, kind: str, number: int) -> None:
        who, turn = TURNS[kind]
        browser = Browser(self.installation, self.sessions[who])
        try:
            for mark in self._marks(number):
                answer, what = turn(browser, mark)
                if answer.status_code == 302:
                    self.notebook.add(Ack(kind, what, answer.headers["Location"]))
                else:
                    words = answer.text[:100] + " ".join(html.fromstring(answer.text or "-").text_content().split())
                    self.notebook.refusals.append(f"{kind} {answer.status_code}: {words[:600]}")
                    return
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return  # the site is gone
        except Exception as error:  # noqa: BLE001 - the test shows it
            self.notebook.refusals.append(f"{kind}: {error!r}")

    def _marks(self, number: int) -> Iterator[str]:
        return (f"K{self.round:03}{number}{turn:04}" for turn in count(1))
