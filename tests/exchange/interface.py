"""What the tests of the interface share: sources of departments, keys of their systems, calls with a key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.test import Client

from bianzhi.audit.actors import System
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.exchange.models import AccessToken, Source
from bianzhi.exchange.rules.scopes import SCOPES
from bianzhi.exchange.services.tokens import issue_token
from bianzhi.kernel import clock
from bianzhi.kernel.digests import canonical_json

BUILDER = System("测试")


@unit_of_work
def make_source(*, actor: System = BUILDER, code: str, department: str, **facts: Any) -> Source:
    """A sealed source."""
    source = Source.objects.create(code=code, name=facts.pop("name", f"来源{code}"), department=department, **facts)
    record("tests.built", actor=actor, subject=source, facts={}, wrote=[source])
    return source


def make_key(
    source: Source, *scopes: str, label: str = "测试系统", today: date | None = None
) -> tuple[AccessToken, str]:
    """A key for a source, with all scopes unless some are named."""
    day = today or clock.today()
    return issue_token(
        actor=BUILDER,
        today=day,
        source_id=source.pk,
        label=label,
        scopes=scopes or tuple(SCOPES),
        expires_on=day + timedelta(days=30),
    )


class Caller:
    """A department's system that calls the interface with its key, and with nothing else."""

    def __init__(self, secret: str = "") -> None:
        self.client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, body: Any) -> Any:
        data = body if isinstance(body, str | bytes) else json.dumps(body, ensure_ascii=False)
        return self.client.post(f"/api/v1/{path}", data, content_type="application/json", headers=self.headers)

    def send(self, path: str, fields: Mapping[str, Any]) -> Any:
        """As a form with files."""
        return self.client.post(f"/api/v1/{path}", dict(fields), headers=self.headers)


def message(kind: str, message_id: str, payload: Mapping[str, Any], *, seq: int = 1) -> dict[str, Any]:
    """A message with the digest its sender computes."""
    body = {"kind": kind, "message_id": message_id, "seq": seq, "payload": dict(payload)}
    return {**body, "sha256": hashlib.sha256(canonical_json(body).encode()).hexdigest()}
