"""Until when a unit has to put things right: in the calendar, and told to its people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bianzhi.accounts.models import User
from bianzhi.common import agenda
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.common.web.tones import Tone
from bianzhi.office.models import Message
from bianzhi.supervision.models import Problem
from bianzhi.supervision.services.rectifying import issue_order, report_rectification
from tests.accounts.people import account
from tests.cast import TODAY, Cast

pytestmark = pytest.mark.django_db
SPAN = (TODAY, TODAY + timedelta(days=90))


def titles(user: User) -> list[str]:
    return [entry.title for entry in agenda.entries(user, *SPAN) if entry.label == "整改期限"]


def test_an_order_is_in_the_calendars_of_the_office_and_of_its_unit(
    cast: Cast, inspector: User, of_bureau: User, of_audit_office: User, find_problem: Callable[..., Problem]
):
    problem = find_problem(cast.bureau)
    order = issue_order(actor=inspector, today=TODAY, problem_ids=[problem.pk], measures="请逐人核对并更正").order
    line = f"测试区财政局 {order.number}"
    assert titles(inspector) == titles(of_bureau) == [line]
    assert titles(of_audit_office) == titles(account("admin", "system_admin")) == []
    (entry,) = (entry for entry in agenda.entries(of_bureau, *SPAN) if entry.label == "整改期限")
    assert (entry.starts, entry.tone, entry.url) == (order.due_on, Tone.WARN, f"/supervision/orders/{order.pk}/")
    report_rectification(actor=of_bureau, today=TODAY, order_id=order.pk, text="已更正 3 人")
    assert titles(of_bureau) == [], "what was reported waits for the office"


def test_the_people_of_the_unit_are_told_of_an_order(
    cast: Cast, inspector: User, of_bureau: User, of_audit_office: User, find_problem: Callable[..., Problem]
):
    head = account("head", "unit_head", organization_id=cast.bureau.pk)
    problem = find_problem(cast.bureau)
    order = issue_order(actor=inspector, today=TODAY, problem_ids=[problem.pk], measures="请逐人核对并更正").order
    deliver_waiting()
    told = Message.objects.filter(kind="order").values_list("recipient_id", "title", "link")
    line = (f"请按期整改：{order.number}", f"/supervision/orders/{order.pk}/")
    assert set(told) == {(of_bureau.pk, *line), (head.pk, *line)}
