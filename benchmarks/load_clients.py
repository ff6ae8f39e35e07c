"""The people of `benchmarks.load`: each signed in, on a connection of its own, asking for one page after the other."""

import http.client
import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from benchmarks.load_platform import OFFICE, PASSWORD

UNIT = "caizheng"
WARM_UP = 5.0
PAGES = {
    "workbench": "/",
    "to-do list": "/tasks/",
    "cases": "/matters/cases/",
    "roster": "/personnel/people/?page={page}",
    "person": "{person}",
    "unit": "{unit}",
    "ledger": "/ledger/",
    "statements": "/ledger/statement/",
    "search": "/search/?q={word}",
}
"""With the form of a draft, which precedes each keeping of a draft, the ten pages."""
WRITES = ("draft kept", "document registered")
WORDS = ("编制", "学校", "批复", "财政局", "设立", "核增")
WRITE_EVERY = 10


@dataclass(frozen=True)
class Sample:
    """One answer: what was asked, how long it took, whether it was what it should be."""

    name: str
    seconds: float
    status: int
    is_good: bool


class _Fields(HTMLParser):
    """What a form would send: inputs, chosen options and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._select = self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") not in ("submit", "button", "file"):
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self.found[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.found[self._select] = given.get("value", "")
        elif tag == "textarea" and name:
            self._text, self.found[name] = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.found[self._text] += data


def fields_of(page: str) -> dict[str, str]:
    """The fields of a page by name."""
    parser = _Fields()
    parser.feed(page)
    return parser.found


class Session:
    """Somebody signed in."""

    def __init__(self, address: str, username: str) -> None:
        self._address, self._cookies = address, dict[str, str]()
        self._connection = http.client.HTTPConnection(address, timeout=120)
        self.get("/accounts/login/")
        status, _, _ = self.post("/accounts/login/", {"username": username, "password": PASSWORD})
        if status != 302:
            raise SystemExit(f"{username} could not sign in: {status}")

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, address led on to, and text."""
        return self._ask("GET", path)

    def post(self, path: str, sent: dict[str, str], *, fragment: bool = False) -> tuple[int, str, str]:
        """The same of a form that was sent."""
        return self._ask("POST", path, urlencode(sent), {"HX-Request": "true"} if fragment else {})

    def _ask(
        self, method: str, path: str, body: str | None = None, more: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in self._cookies.items()), **(more or {})}
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-CSRFToken": self._cookies.get("csrftoken", ""),
            }
        for attempt in (1, 2):
            try:
                self._connection.request(method, path, body, headers)
                answer = self._connection.getresponse()
                break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # The server may close a connection that was idle; a browser then asks again.
                self._connection.close()
                if attempt == 2:
                    raise
        text = answer.read().decode(errors="replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self._cookies[key] = rest.partition(";")[0]
        return answer.status, answer.getheader("Location") or "", text


@dataclass
class Person:
    """One of the office with a unit's clerk beside, and what was measured."""

    address: str
    number: int
    samples: list[Sample] = field(default_factory=list)

    def sign_in(self) -> None:
        """Both sessions, and the places the pages lead to."""
        self._office, self._unit = Session(self.address, f"{OFFICE}{self.number}"), Session(self.address, UNIT)
        self._people = _links(self._office.get("/personnel/people/")[2], r'"(/personnel/people/\d+/)"')
        self._units = _links(self._office.get("/ledger/statement/")[2], r'"/ledger/statement/(\d+)/')
        self._draft = self._begun_draft()
        self._random = random.Random(self.number)
        self._written = 0

    def _begun_draft(self) -> str:
        hall = self._unit.get("/matters/")[2]
        for guide in _links(hall, r'"(/matters/apply/[^/"]+/)'):
            sent = fields_of(self._unit.get(guide)[2])
            status, place, _ = self._unit.post(guide, sent)
            if status == 302 and place.endswith("/edit/"):
                return place
        raise SystemExit("no application could be begun")

    def work(self, until: float, counted_from: float) -> None:
        """Page after page, every tenth act a write."""
        names = list(PAGES)
        act = self.number
        while time.monotonic() < until:
            act += 1
            if act % WRITE_EVERY == 0:
                self._write(counted_from)
            else:
                self._page(names[act % len(names)], counted_from)

    def _page(self, name: str, counted_from: float) -> None:
        chosen = self._random
        path = PAGES[name].format(
            page=chosen.randint(1, 300),
            person=chosen.choice(self._people),
            unit=f"/organizations/{chosen.choice(self._units)}/",
            word=urlencode({"": chosen.choice(WORDS)})[1:],
        )
        self._timed(name, counted_from, lambda: self._office.get(path), lambda status, place, text: status == 200)

    def _write(self, counted_from: float) -> None:
        self._written += 1
        if self._written % 2:
            self._register(counted_from)
        else:
            self._keep_draft(counted_from)

    def _register(self, counted_from: float) -> None:
        sent = {
            "doc_no": f"云编办〔2026〕{self._random.randint(100_000, 99_999_999)}号",
            "issued_on": "2026-11-02",
            "title": "关于核增编制的批复",
            "issuer": "云江区委机构编制委员会办公室",
            "issuer_level": "office",
            "kind": "reply",
            "note": "",
        }
        self._timed(
            "document registered",
            counted_from,
            lambda: self._office.post("/documents/new/", sent),
            lambda status, place, text: status == 302,
        )

    def _keep_draft(self, counted_from: float) -> None:
        form = self._timed(
            "form of a draft",
            counted_from,
            lambda: self._unit.get(self._draft),
            lambda status, place, text: status == 200 and 'name="token"' in text,
        )
        sent = {**fields_of(form), "intent": "autosave"}
        text = next((name for name in sent if name.endswith(("reason", "note", "basis"))), "")
        if text:
            sent[text] = f"第 {self._written} 次填写"
        self._timed(
            "draft kept",
            counted_from,
            lambda: self._unit.post(self._draft, sent, fragment=True),
            lambda status, place, text: status == 200 and "没有保存" not in text,
        )

    def _timed(
        self,
        name: str,
        counted_from: float,
        ask: Callable[[], tuple[int, str, str]],
        is_good: Callable[[int, str, str], bool],
    ) -> str:
        begun = time.monotonic()
        status, place, text = ask()
        if begun >= counted_from:
            self.samples.append(Sample(name, time.monotonic() - begun, status, is_good(status, place, text)))
        return text


def _links(page: str, pattern: str) -> list[str]:
    found = sorted(set(re.findall(pattern, page)))
    if not found:
        raise SystemExit(f"no link like {pattern} on the page")
    return found


def run_office(address: str, *, clients: int, seconds: float) -> list[Sample]:
    """Everybody signs in, then all work at once; what the warm-up measured is left out."""
    people = [Person(address, number) for number in range(clients)]
    for person in people:
        person.sign_in()
    begun = time.monotonic() + WARM_UP
    _together([lambda person=person: person.work(begun + seconds, begun) for person in people])  # type: ignore[misc]
    return [sample for person in people for sample in person.samples]


def run_peer(address: str, *, clients: int, seconds: float) -> list[Sample]:
    """The peer's page alone, by as many clients."""
    samples: list[Sample] = []
    until = time.monotonic() + seconds

    def ask() -> None:
        connection = http.client.HTTPConnection(address, timeout=60)
        while time.monotonic() < until:
            begun = time.monotonic()
            connection.request("GET", "/rows/")
            answer = connection.getresponse()
            answer.read()
            samples.append(Sample("peer", time.monotonic() - begun, answer.status, answer.status == 200))

    _together([ask] * clients)
    return samples


def _together(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
