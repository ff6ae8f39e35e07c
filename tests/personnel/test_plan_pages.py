"""The pages of staffing plans: size, posts, what was approved of each, and who sees which."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bianzhi.accounts.models import User
from bianzhi.audit.models import AuditEntry
from bianzhi.personnel.models import PlanItem, StaffingPlan
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest, issue_approval
from bianzhi.personnel.services.plans import PlanFacts, PlanItemFacts, create_plan_with_items, withdraw_plan
from tests.cast import TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(cast: Cast) -> StaffingPlan:
    items = [
        PlanItemFacts(
            organization_id=cast.bureau.pk, unit_name="财政局", headcount=3, post_name="科员", post_code="01"
        ),
        PlanItemFacts(
            organization_id=cast.school.pk, unit_name="一小", headcount=2, post_name="数学教师", post_code="02"
        ),
    ]
    facts = PlanFacts(title="2026年度用编计划", year=2026, source_digest="d" * 64)
    return create_plan_with_items(actor=cast.office, today=TODAY, plan=facts, items=items)


def logged_in(client: Client, role: str, **scope) -> Client:
    user = User.objects.create(username=role, display_name="某人")
    user.role_grants.create(role=role, **scope)
    client.force_login(user)
    return client


def test_a_plan_shows_its_totals_and_its_posts(client, plan):
    office = logged_in(client, "office_clerk")
    assert "2026年度用编计划" in office.get("/personnel/plans/").content.decode()
    page = office.get(f"/personnel/plans/{plan.pk}/").content.decode()
    assert "测试区财政局" in page
    assert "数学教师" in page
    assert "计划人数" in page


def test_a_plan_taken_back_says_so_and_is_taken_back_once(client, cast, plan):
    for _ in range(2):
        withdraw_plan(actor=cast.office, today=TODAY, plan_id=plan.pk, reason="重新下达")
    assert AuditEntry.objects.filter(action="personnel.plan_withdrawn").count() == 1
    office = logged_in(client, "office_clerk")
    assert "已撤销" in office.get("/personnel/plans/").content.decode()
    assert "计划项不能再引用" in office.get(f"/personnel/plans/{plan.pk}/").content.decode()


def test_what_was_approved_of_a_post_is_counted(client, cast, plan):
    item = PlanItem.objects.get(post_code="01")
    order = ApprovalOrder(
        organization_id=cast.bureau.pk,
        requests=[SlotRequest(quota_type="A1", entry_mode="I01", count=2)],
        document=cast.document,
        plan_item=item,
    )
    issue_approval(actor=cast.office, today=TODAY, order=order)
    answer = logged_in(client, "office_clerk").get(f"/personnel/plans/{plan.pk}/", {"export": "csv"})
    text = answer.getvalue().decode("utf-8-sig")
    assert "科员,01,3,2,0" in text


def test_a_unit_sees_only_its_own_posts(client, cast, plan):
    page = logged_in(client, "unit_clerk", organization_id=cast.school.pk).get(f"/personnel/plans/{plan.pk}/")
    text = page.content.decode()
    assert "数学教师" in text
    assert "测试区财政局" not in text


def test_who_may_not_see_approvals_sees_no_plan(client, plan):
    assert logged_in(client, "liaison_hr").get("/personnel/plans/").status_code == 403


def test_the_number_of_queries_does_not_grow_with_the_posts(client, cast, plan):
    office = logged_in(client, "office_clerk")
    address = f"/personnel/plans/{plan.pk}/"
    with CaptureQueriesContext(
        connection,
    ) as few:
        office.get(address)
    items = [PlanItemFacts(organization_id=cast.township.pk, unit_name="镇", headcount=1) for _ in range(30)]
    facts = PlanFacts(title="另一份", year=2026, source_digest="e" * 64)
    other = create_plan_with_items(actor=cast.office, today=TODAY, plan=facts, items=items)
    with CaptureQueriesContext(connection) as many:
        office.get(f"/personnel/plans/{other.pk}/")
    assert len(many) <= len(few)


def sizes(client: Client) -> str:
    answer = client.get("/personnel/plans/", {"export": "csv"})
    return answer.getvalue().decode("utf-8-sig")


def test_the_list_counts_what_the_user_may_see(client, cast, plan):
    assert "2026年度用编计划,2026,2,2,5" in sizes(logged_in(client, "office_clerk"))
    pupil = logged_in(Client(), "unit_clerk", organization_id=cast.school.pk)
    page = " ".join(pupil.get("/personnel/plans/").content.decode().split())
    figures = [part.split("</td>")[0].split(">")[-1].strip() for part in page.split('<td class="num')[1:]]
    assert figures[-3:] == ["1", "1", "2"]


@pytest.mark.parametrize(("year", "found"), [("2026", True), ("2026年", True), ("2025", False)])
def test_plans_are_found_by_their_year(client, plan, year, found):
    page = logged_in(client, "office_clerk").get("/personnel/plans/", {"year": year}).content.decode()
    assert ("2026年度用编计划" in page) is found


@pytest.mark.parametrize("year", ["去年", "26", "99999999999999999999", "２０２６"])
def test_what_is_no_year_finds_nothing_and_says_so(client, plan, year):
    page = logged_in(client, "office_clerk").get("/personnel/plans/", {"year": year}).content.decode()
    assert "不是年份" in page
    assert "2026年度用编计划" not in page
