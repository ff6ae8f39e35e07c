"""News reaches its subscribers at least once, and a failing one holds up nobody else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bianzhi.common import outbox
from bianzhi.common.jobs import delivery
from bianzhi.common.models import OutboxMessage, SavedView

pytestmark = pytest.mark.django_db
heard: list[str] = []


def hear(message: OutboxMessage) -> None:
    heard.append(message.key)


def fail(message: OutboxMessage) -> None:
    SavedView.objects.filter(pk=0).delete()
    raise RuntimeError("对方系统没有应答")


@pytest.fixture(autouse=True)
def subscriptions(settings, monkeypatch):
    heard.clear()
    monkeypatch.setattr(delivery, "_not_before", {})
    here = "tests.common.jobs.test_delivery"
    settings.SUBSCRIPTIONS = {"news": (f"{here}.hear",), "bad": (f"{here}.hear", f"{here}.fail")}


def test_a_message_reaches_its_subscribers_in_order_and_once():
    for key in ("1", "2"):
        outbox.put("news", key=key, payload={})
    assert delivery.deliver_waiting() == 2
    assert delivery.deliver_waiting() == 0
    assert heard == ["1", "2"]


def test_news_nobody_subscribes_to_is_done_with_at_once():
    outbox.put("unheard", key="1", payload={})
    assert delivery.deliver_waiting() == 0
    assert OutboxMessage.objects.get().delivered_at is not None


def test_a_failing_subscriber_is_noted_and_waited_for_while_others_go_on():
    outbox.put("bad", key="1", payload={})
    outbox.put("news", key="2", payload={})
    assert delivery.deliver_waiting() == 1
    bad = OutboxMessage.objects.get(topic="bad")
    assert (bad.delivered_at, bad.attempts) == (None, 1)
    assert "没有应答" in bad.last_error
    assert delivery.deliver_waiting() == 0


def test_more_failing_messages_than_a_round_takes_hold_up_nobody_either(monkeypatch):
    monkeypatch.setattr(delivery, "BATCH", 2)
    monkeypatch.setattr(delivery, "time", SimpleNamespace(monotonic=lambda: 100.0))
    for key in ("1", "2", "3"):
        outbox.put("bad", key=key, payload={})
    outbox.put("news", key="4", payload={})
    assert [delivery.deliver_waiting() for _ in range(3)] == [0, 1, 0]
    assert set(OutboxMessage.objects.filter(topic="bad").values_list("attempts", flat=True)) == {1}


def test_a_pause_that_is_over_is_forgotten(monkeypatch):
    outbox.put("bad", key="1", payload={})
    delivery.deliver_waiting()
    assert len(delivery._not_before) == 1
    OutboxMessage.objects.update(attempts=delivery.MAX_ATTEMPTS)
    monkeypatch.setattr(delivery, "_not_before", dict.fromkeys(delivery._not_before, 0.0))
    delivery.deliver_waiting()
    assert delivery._not_before == {}


def test_after_many_failures_a_message_is_left_for_the_administrator(monkeypatch):
    outbox.put("bad", key="1", payload={})
    for _ in range(delivery.MAX_ATTEMPTS + 3):
        delivery._not_before.clear()
        delivery.deliver_waiting()
    assert OutboxMessage.objects.get().attempts == delivery.MAX_ATTEMPTS
