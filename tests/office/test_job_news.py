"""The system administrator hears of jobs that failed by no fault of whoever asked for them."""

from __future__ import annotations

import pytest

from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.common.jobs import delivery, handlers
from bianzhi.office.models import Message
from tests.accounts.people import account

pytestmark = pytest.mark.django_db


def test_the_system_administrators_are_told_which_job_failed_and_why(monkeypatch):
    monkeypatch.setattr(handlers, "_handlers", {})
    administrator = account("admin", "system_admin")
    account("clerk", "office_director")

    @jobs.job("test.work")
    def work(context):
        raise ValueError("330699198706051234")

    job = jobs.enqueue("test.work", title="计算预警", params={}, actor=System("测试"))
    jobs.run_waiting()
    delivery.deliver_waiting()
    delivery.deliver_waiting()
    message = Message.objects.get()
    assert message.recipient_id == administrator.pk
    assert "计算预警" in message.title
    assert str(job.pk) in message.text
    assert message.link == f"/jobs/{job.pk}/"
    assert "330699" not in message.title + message.text
