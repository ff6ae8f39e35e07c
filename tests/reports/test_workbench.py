"""The workbench: tasks of cases before those of the register, notices beside them, at a constant price."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.office.models import Notice
from bianzhi.office.services.notices import NoticeFacts, draft_notice, publish_notice
from bianzhi.organizations.services import change_affiliation
from tests.accounts.people import account
from tests.cast import TODAY, Cast, seat
from tests.reports.conftest import signed_in
from tests.workflow.engine import flows
from tests.workflow.engine.flows import begin_case, publish_flow, step
from tests.workflow.engine.hands import submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def deputy(cast: Cast) -> User:
    return account("deputy", "office_deputy")


@pytest.fixture
def applicant(cast: Cast) -> User:
    flows.register_domain()
    flows.reset_domain()
    publish_flow("review", step("apply", submit=True), step("review", role="office_deputy", days=5))
    return account("applicant", "unit_clerk", organization_id=cast.bureau.pk)


def apply(applicant: User, cast: Cast, number: int) -> None:
    submit(applicant, begin_case(applicant, "review", unit_id=cast.bureau.pk, subject_id=number))


def publish(author: User, title: str, **facts: Any) -> Notice:
    draft = draft_notice(actor=author, facts=NoticeFacts(title=title, body="正文", **facts))
    return publish_notice(actor=author, notice_id=draft.pk, today=TODAY)


def panel(client: Client, heading: str) -> str:
    html = client.get("/").content.decode()
    found = re.search(rf"<section[^>]*>(?:(?!</section>).)*<h2>{heading}</h2>.*?</section>", html, re.DOTALL)
    return found[0] if found else ""


def test_cases_come_before_what_the_register_asks_for(cast: Cast, deputy: User, applicant: User):
    seat(cast, cast.school, "B5", cast.facts("李到龄", born=date(1965, 1, 10)))
    apply(applicant, cast, 1)
    html = panel(signed_in(deputy), "待我处理")
    assert "共 2 项" in html
    assert html.index("review 1") < html.index("李到龄")
    assert "review · 测试区财政局" in html
    assert 'href="/tests/1/"' in html
    assert "剩 5 天" in html
    assert "到期事项 1 项" in html


def test_somebody_with_nothing_to_do_is_told_so(cast: Cast):
    client = signed_in(account("head", "unit_head", organization_id=cast.bureau.pk))
    assert "没有待处理的事项" in panel(client, "待我处理")
    assert "没有未读的通知" in panel(client, "通知公告")


def test_an_administrator_sees_notices_but_no_tasks(cast: Cast, deputy: User):
    client = signed_in(account("admin", "system_admin"))
    publish(deputy, "关于系统维护的通知", must_confirm=True)
    assert panel(client, "待我处理") == ""
    html = panel(client, "通知公告")
    assert "关于系统维护的通知" in html
    assert "必读" in html
    assert "1 份未读或待确认" in html


def test_the_workbench_costs_the_same_for_many_tasks_and_notices(
    cast: Cast, deputy: User, applicant: User, django_assert_max_num_queries: Any
):
    client = signed_in(deputy)
    apply(applicant, cast, 1)
    publish(deputy, "第一份")
    client.get("/")
    with django_assert_max_num_queries(80) as few:
        client.get("/")
    for number in range(2, 7):
        apply(applicant, cast, number)
        publish(deputy, f"第 {number} 份")
    with django_assert_max_num_queries(len(few)):
        client.get("/")


@pytest.fixture
def reviewer(cast: Cast) -> User:
    """主管部门审核 of 财政局, which gave 审计局 away in February and took 第一小学 over, each with one past age."""
    for unit, above, day in (
        (cast.audit_office, cast.bureau.pk, date(2022, 1, 4)),
        (cast.audit_office, None, date(2026, 2, 2)),
        (cast.school, cast.bureau.pk, date(2026, 2, 2)),
    ):
        change_affiliation(
            actor=cast.office, organization_id=unit.pk, document=cast.upper_document, effective_on=day, parent_id=above
        )
    seat(cast, cast.audit_office, "A1", cast.facts("李交出", born=date(1965, 1, 10)))
    seat(cast, cast.school, "B5", cast.facts("王接收", born=date(1965, 1, 10)))
    user = account("reviewer")
    RoleGrant.objects.create(
        user=user, role="supervising_reviewer", organization_id=cast.bureau.pk, includes_subtree=True
    )
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("day", ["", "?date=2025-06-02"])
def test_what_is_due_is_that_of_the_units_of_today_whatever_day_is_shown(reviewer: User, day: str):
    client = signed_in(reviewer)
    page = client.get(f"/tasks/{day}").content.decode()
    assert "王接收" in page
    assert "李交出" not in page
    html = client.get(f"/{day}").content.decode()
    assert "到期事项 1 项" in html
    assert "王接收已到龄" in html
    assert "李交出" not in html
