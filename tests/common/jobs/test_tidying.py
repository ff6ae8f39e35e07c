"""Old news and finished tasks go, what is young or undelivered stays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bianzhi.audit.actors import System
from bianzhi.common import jobs, outbox
from bianzhi.common.jobs.tidying import KEPT_DAYS, tidy
from bianzhi.common.models import OutboxMessage

pytestmark = pytest.mark.django_db
OLD = timedelta(days=KEPT_DAYS + 1)
TODAY = date(2026, 11, 23)


def test_only_old_news_that_was_delivered_goes():
    now = timezone.now()
    for key, delivered in (("old", now - OLD), ("young", now), ("waiting", None)):
        message = outbox.put("news", key=key, payload={})
        OutboxMessage.objects.filter(pk=message.pk).update(delivered_at=delivered, created_at=now - OLD)
    assert tidy(TODAY)["messages"] == 1
    assert sorted(OutboxMessage.objects.values_list("key", flat=True)) == ["waiting", "young"]


def test_old_finished_tasks_and_ended_sessions_go():
    jobs.job("test.work")(lambda context: None)
    for _ in range(2):
        jobs.enqueue("test.work", title="试办", params={}, actor=System("测试"))
    jobs.run_waiting()
    first = DBTaskResult.objects.order_by("enqueued_at")[0]
    DBTaskResult.objects.filter(pk=first.pk).update(finished_at=timezone.now() - OLD)
    Session.objects.create(session_key="ended", session_data="", expire_date=timezone.now() - OLD)
    assert tidy(TODAY)["tasks"] == 1
    assert DBTaskResult.objects.count() == 1
    assert not Session.objects.exists()
