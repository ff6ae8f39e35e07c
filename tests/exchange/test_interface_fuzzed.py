"""Whatever is sent by its own description, and against it, the interface answers as it says, and never with a 500."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import negative_data_rejection
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.modes import GenerationMode

from bianzhi.archives.services.fonds import set_up
from bianzhi.common.models import ParameterValue
from bianzhi.config.wsgi import application
from bianzhi.exchange import files
from bianzhi.exchange.models import Source
from bianzhi.exchange.services.dispatches import News, give_back
from bianzhi.exchange.services.sources import register_source
from bianzhi.kernel.digests import canonical_json
from bianzhi.office.web.limits import Limit
from tests.cast import TODAY
from tests.exchange.interface import BUILDER, make_key

pytestmark = pytest.mark.django_db

DOCUMENT = "/api/v1/openapi.json"
DIGEST = re.compile(r"[0-9a-f]{64}")
MONTH = re.compile(r"20\d{2}-(0[1-9]|1[0-2])")
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
SMALL = settings(max_examples=20, deadline=None, database=None, derandomize=True, suppress_health_check=QUIET)
LARGE = settings(max_examples=150, deadline=None, database=None, suppress_health_check=QUIET)


@pytest.fixture
def open_connection() -> Iterator[None]:
    """A request would end the connection, and with it the transaction of the test, as Django's own client knows."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def hr(db: None, open_connection: None, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())
    cache.clear()
    monkeypatch.setattr("bianzhi.exchange.api.access.GUESSES", Limit("test", most=10**9, seconds=600))
    ParameterValue.objects.create(key="exchange.calls_per_minute", value=10**9)
    source = register_source(actor=BUILDER, code="hr", name="人社系统", department="hr")
    set_up(actor=BUILDER, number="330699", name="测试区委编办")
    kept = {name: files.keep(text).sha256 for name, text in {"json": b"{}", "csv": b"x", "xlsx": b"PK"}.items()}
    give_back(actor=BUILDER, source_id=source.pk, news=News("DIFFERENCES", "DIFFERENCES:1", {}, kept))
    for number in range(3):
        give_back(actor=BUILDER, source_id=source.pk, news=News("ENLISTED", f"ENLISTED:{number}", {}))
    return source


@pytest.fixture
def headers(hr: Source) -> dict[str, str]:
    return {"Authorization": f"Bearer {make_key(hr)[1]}"}


@pytest.fixture
def described(hr: Source) -> Any:
    return schemathesis.openapi.from_wsgi(DOCUMENT, application)


@pytest.mark.parametrize("mode", GenerationMode)
def test_the_interface_keeps_its_description(described: Any, headers: dict[str, str], mode: GenerationMode):
    for operation in operations(described):
        fuzz(operation, mode, headers, SMALL)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mode", GenerationMode)
def test_the_interface_keeps_its_description_for_long(described: Any, headers: dict[str, str], mode: GenerationMode):
    for operation in operations(described):
        fuzz(operation, mode, headers, LARGE)


def operations(described: Any) -> list[Any]:
    found = [result.ok() for result in described.get_all_operations()]
    assert len(found) > 10
    return found


def fuzz(operation: Any, mode: GenerationMode, headers: dict[str, str], much: settings) -> None:
    """Requests that fit the description, or that do not, each answered as the description says."""

    @much
    @given(case=operation.as_strategy(generation_mode=mode))
    def keeps(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            seal(case)
        excluded = [] if mode is GenerationMode.NEGATIVE and stays_wrong(case) else [negative_data_rejection]
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    try:
        keeps()
    except Unsatisfiable:  # nothing about it can be made wrong
        assert mode is GenerationMode.NEGATIVE


def stays_wrong(case: Any) -> bool:
    """Whether it is still wrong when it is sent: the key is put right, and in a form a number is a text."""
    header = case.meta.components.get(ParameterLocation.HEADER)
    is_form = case.media_type == "multipart/form-data"
    return not is_form and (header is None or header.mode is GenerationMode.POSITIVE)


def seal(case: Any) -> None:
    """What the description cannot say: the digest is of the message, the month is over, the file not empty."""
    body = case.body
    if not isinstance(body, dict):
        return
    if case.operation.path.endswith("/messages") and DIGEST.fullmatch(str(body.get("sha256"))):
        told = {name: body.get(name) for name in ("kind", "message_id", "payload", "seq")}
        seq = told["seq"]
        told["seq"] = int(seq) if isinstance(seq, float) and seq.is_integer() else seq
        with suppress(TypeError, UnicodeEncodeError):
            body["sha256"] = hashlib.sha256(canonical_json(told).encode()).hexdigest()
    if case.operation.path.endswith("/deliveries") and MONTH.fullmatch(str(body.get("period"))):
        body.update(period="2026-02", part=1, parts=1, sha256="", file=body.get("file") or b"name")
    if case.operation.path.endswith("/archive/files"):
        body.update(sha256="", file=body.get("file") or b"name")
