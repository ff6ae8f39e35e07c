"""Blocks of requests against the loaded district: each is drawn from its own seed and leaves nothing behind.

A block takes some pairs (role, address), reads each page, sends its forms in mutated shapes and asks for the page with
mutated questions; then it proves with the platform's own checks that the register is whole, and is rolled back. So any
block can be run again alone, and a run goes on where it was left: block numbers are all the state there is.
"""

from __future__ import annotations

import io
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import NoReverseMatch, resolve, reverse

from bianzhi.accounts.roles import ROLES
from bianzhi.common import integrity
from bianzhi.common.web.access import policy_of
from tests.proofs.submissions import Form, Request, forms_of, mutated
from tests.walk.addresses import LEFT_OUT, PUBLIC, addresses, can_be_supplied, routes
from tests.walk.district import District

STRANGER = ""
FEW, MANY = 3, 24
"""Requests for an address the role may not open, and for one it may."""
PAIRS = 24
"""Addresses of a block."""
LARGEST_SHOWN = 8
NOT_READY = (503, "/readyz")
"""What the check of readiness answers while the search index is not built: no failure."""
VOCABULARY = (
    "q",
    "page",
    "sort",
    "date",
    "unit",
    "person",
    "kind",
    "mode",
    "tab",
    "export",
    "columns",
    "view",
    "state",
    "year",
    "month",
    "day",
    "next",
    "id",
    "organization",
    "document",
    "reason",
    "csrfmiddlewaretoken",
    "direct_reason",
    "form-TOTAL_FORMS",
    "form-INITIAL_FORMS",
    "form-0-id",
    "selected",
    "ids",
    "all",
    "password",
    "code",
    "box",
    "known",
    "group",
    "size",
)


class Undone(Exception):
    """Takes back what a block did."""


@dataclass(frozen=True)
class Failure:
    """An answer 500: what raised it and where, and the smallest request that still does."""

    role: str
    where: str
    request: Request
    shown: str

    def __str__(self) -> str:
        return f"--- {self.where}\nrole={self.role!r}\n{self.request.code()}\n{self.shown}"


@dataclass
class Outcome:
    """What came of some blocks."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, Failure] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        self.requests += other.requests
        self.statuses += other.statuses
        self.failures = {**other.failures, **self.failures}
        self.findings += other.findings


@dataclass(frozen=True)
class Target:
    """An address for one role."""

    role: str
    path: str
    is_open: bool
    is_read: bool


def targets(district: District) -> list[Target]:
    """Every address of the site for every role and for a stranger, mixed: what a role may open and what it may not."""
    found = []
    paths = dict(_paths(district))
    for role in (STRANGER, *sorted(ROLES)):
        for path, is_read in paths.items():
            found.append(Target(role, path, _may_open(district, role, path), is_read))
    Random(6).shuffle(found)
    return found


def _paths(district: District) -> Iterator[tuple[str, bool]]:
    """Each path with whether it is read; an address that only acts gets keys that may or may not be there."""
    for address in addresses():
        if (path := address.path(district.whose)) is not None:
            yield path, True
    for name, parameters in routes():
        if name.startswith("exchange_api:") and name not in PUBLIC:
            continue
        if not can_be_supplied(name, parameters) or name in LEFT_OUT:
            for key in (1, 2):
                try:
                    yield reverse(name, kwargs=dict.fromkeys(parameters, key)), False
                except NoReverseMatch:
                    break


def _may_open(district: District, role: str, path: str) -> bool:
    policy = policy_of(resolve(path.partition("?")[0]).func)
    if policy is None or policy.kind == "public":
        return True
    if role == STRANGER:
        return False
    return all(district.users[role].can(asked) for asked in (policy.permission, policy.also) if asked)


# --- a block -----------------------------------------------------------------------------------------------------


def known_findings() -> frozenset[str]:
    """What the checks say of the district as it was loaded: some of its files were never there."""
    return frozenset(_findings())


def _findings() -> set[str]:
    return {str(finding) for finding in integrity.findings()}


def targets_of(among: list[Target], number: int) -> list[Target]:
    """Those of one block; blocks follow each other through all of them, and begin anew at the end."""
    return [among[(number * PAIRS + step) % len(among)] for step in range(PAIRS)]


def requests_of(among: list[Target], number: int) -> int:
    """How many requests one block sends."""
    return sum(MANY if target.is_open else FEW for target in targets_of(among, number))


def run_block(district: District, among: list[Target], number: int, known: frozenset[str]) -> Outcome:
    """The block of that number, from a clean district to one that is proven to be whole."""
    chance = Random(number)
    outcome = Outcome()
    with _undone():
        cache.clear()
        block = Block(district, chance, outcome)
        for target in targets_of(among, number):
            block.work_on(target)
        outcome.findings += [f"block {number}: {finding}" for finding in _findings() - known]
    return outcome


@contextmanager
def _undone() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
            connection.check_constraints()
            raise Undone
    except Undone:
        pass


@dataclass
class Block:
    """The browsers of a block, one for each role, and what was answered."""

    district: District
    chance: Random
    outcome: Outcome
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, role: str) -> Client:
        if role not in self.clients:
            self.clients[role] = self.district.client(role) if role else Client(raise_request_exception=False)
        return self.clients[role]

    def work_on(self, target: Target) -> None:
        plain = Form("GET" if target.is_read else "POST", *_parts(target.path))
        content = self.send(target.role, plain.request())
        forms = [form for form in forms_of(content, target.path) if self._is_its_own(form)] if target.is_open else []
        vocabulary = sorted({*VOCABULARY, *(name for form in forms for name, _ in (*form.query, *form.fields))})
        for _ in range((MANY if target.is_open else FEW) - 1):
            form = self.chance.choice(forms) if forms and self.chance.random() < 0.8 else plain
            if not target.is_open and self.chance.random() < 0.5:
                form = Form("POST", plain.path)
            self.send(target.role, mutated(self.chance, form, vocabulary))

    def _is_its_own(self, form: Form) -> bool:
        """Not one of those that stand on every page; of them one in ten."""
        return form.path not in ("/search/", "/accounts/logout/") or self.chance.random() < 0.1

    def send(self, role: str, request: Request) -> bytes:
        status, content, failure = self._asked(role, request)
        self.outcome.requests += 1
        self.outcome.statuses[status] += 1
        if failure is not None and failure[0] not in self.outcome.failures:
            where, shown = failure
            self.outcome.failures[where] = Failure(role, where, self._smallest(role, request, where), shown)
        if status == 302 and content == b"" and role:
            self.clients.pop(role, None)  # perhaps it was logged out
        return content

    def _asked(self, role: str, request: Request) -> tuple[int, bytes, tuple[str, str] | None]:
        """Status and content, and for a failure where it was and its trace; a failed request leaves nothing behind."""
        failed: tuple[str, str] | None = None
        status, content = 500, b""
        address, body, kind, more = request.address(), request.body(), request.content_type(), dict(request.headers)
        try:
            with transaction.atomic():
                client: Any = self.client(role)
                answer = client.generic(request.method, address, body, content_type=kind, **more)
                status = answer.status_code
                content = b"".join(answer.streaming_content) if answer.streaming else answer.content
                if status >= 500 and (status, request.path) != NOT_READY:
                    failed = _trace(answer.exc_info) if answer.exc_info else (f"{status} {request.path}", "")
                    raise Undone
        except Undone:
            pass
        except Exception as error:  # noqa: BLE001 - whatever the site lets through is a failure of the site
            failed, status = _trace((type(error), error, error.__traceback__)), 500
        return status, content, failed

    def _smallest(self, role: str, request: Request, where: str) -> Request:
        """Leave away what can be left away while it still fails at the same place; at most some hundred attempts."""
        left = 150
        improved = True
        while improved and left > 0:
            improved = False
            for simpler in request.simpler():
                left -= 1
                _, _, failed = self._asked(role, simpler)
                if failed is not None and failed[0] == where:
                    request, improved = simpler, True
                    break
                if left <= 0:
                    break
        return request


def _parts(path: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    from urllib.parse import parse_qsl

    bare, _, query = path.partition("?")
    return bare, tuple(parse_qsl(query, keep_blank_values=True))


def _trace(caught: Any) -> tuple[str, str]:
    kind, error, trace = caught
    frames = traceback.extract_tb(trace)
    own = [frame for frame in frames if "/bianzhi/" in frame.filename and "/site-packages/" not in frame.filename]
    last = (own or frames)[-1]
    out = io.StringIO()
    for frame in [*own[-LARGEST_SHOWN:], frames[-1]]:
        out.write(f"  {frame.filename.rpartition('/src/')[2]}:{frame.lineno} {frame.name}: {frame.line}\n")
    place = f"{last.filename.rpartition('/bianzhi/')[2]}:{last.name}"
    return f"{kind.__name__} in {place}", f"{out.getvalue()}  {kind.__name__}: {str(error)[:400]}"
