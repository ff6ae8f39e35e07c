"""Something given back to a department, and an address it is pushed to, for the tests that open every page."""

from __future__ import annotations

import pytest

from bianzhi.audit.actors import System
from bianzhi.exchange.models import Source
from bianzhi.exchange.services.dispatches import News, give_back
from bianzhi.exchange.services.sources import register_source
from bianzhi.exchange.services.webhooks import claim_push, note_push, register_webhook
from bianzhi.kernel import clock

TESTER = System("测试")
SECRET_NAME = "BIANZHI_WEBHOOK_SECRET_WALK"


def give_something_back() -> Source:
    """A source of 人社局 with one dispatch that could not be pushed yet."""
    source = register_source(actor=TESTER, code="walk-hr", name="人社工资系统", department="hr")
    payload = {"number": "BD2026-000001", "person": {"name": "张三", "id_number": "330699199001010000"}}
    give_back(actor=TESTER, source_id=source.pk, news=News("ENLISTED", "ENLISTED:BD2026-000001", payload))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET_NAME, "correct-horse-battery-staple")
        address = "https://hr.example.gov.cn/hook"
        webhook = register_webhook(actor=TESTER, source_id=source.pk, url=address, secret_name=SECRET_NAME)
    attempt = claim_push(actor=TESTER, webhook_id=webhook.pk, now=clock.now())
    assert attempt is not None
    note_push(actor=TESTER, attempt_id=attempt.pk, status=503, error="对方应答 503", now=clock.now())
    return source
