"""The pages of supervision: what each person finds on them and does with them, and what others may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.accounts.services.grants import grant_role
from bianzhi.audit.actors import System
from bianzhi.common.db.row_scope import acting
from bianzhi.config.row_scope import scope_of
from bianzhi.supervision.models import (
    Colour,
    Inspection,
    InspectionPlan,
    OrderState,
    Problem,
    ProblemState,
    RectificationOrder,
    SupervisionItem,
)
from bianzhi.supervision.services.cards import raise_card
from bianzhi.supervision.services.inspecting import draw_plan, record_inspection
from bianzhi.supervision.services.rectifying import close_order, issue_order, report_rectification, verify_order
from bianzhi.supervision.web.cards import waiting_count
from bianzhi.supervision.web.plans import counted_plans
from tests.accounts.people import CONSOLE, account, signed_in
from tests.cast import TODAY, Cast, seat
from tests.supervision.test_inspecting import UNITS, WRONG

pytestmark = pytest.mark.django_db

Find = Callable[..., Problem]


@pytest.fixture(autouse=True)
def no_act_in_progress() -> None:
    cache.clear()


def get(client: Client, name: str, *args: Any, **query: Any) -> Any:
    return client.get(reverse(f"supervision:{name}", args=args), query)


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def desk(inspector: User) -> Client:
    return signed_in(inspector)


@pytest.fixture
def order(inspector: User, find_problem: Find, cast: Cast) -> RectificationOrder:
    problems = [find_problem(cast.bureau).pk, find_problem(cast.bureau, "Q03", "超编 1 人").pk]
    return issue_order(actor=inspector, today=TODAY, problem_ids=problems, measures="逐人核对并更正").order


# --- 督查 --------------------------------------------------------------------------------------------------------


def test_a_plan_is_written_drawn_and_worked_off(desk: Client, cast: Cast):
    form = {
        "title": "2026 年度核查", "basis": "监督检查工作办法", "starts_on": "2026-03-02", "ends_on": "2026-04-30",
        "subject": "units", "scope": "sampled", "percent": "50", "seed": "88",
    }  # fmt: skip
    answer = desk.post(reverse("supervision:new_plan"), form)
    plan = InspectionPlan.objects.get()
    assert answer["Location"] == reverse("supervision:plan", args=[plan.pk])
    assert plan.seed == "88"
    page = text(get(desk, "plan", plan.pk))
    assert "抽查 50%" in page
    assert "从 4 个中抽取" in page
    assert "登记" not in text(get(desk, "plan_print", plan.pk)).split("<main")[1].split("打印人")[0]
    for check in plan.inspections.all():
        url = reverse("supervision:inspect", args=[check.pk])
        assert "登记检查结果" in text(desk.get(url))
        desk.post(url, {"text": "账实相符", "kind_1": "Q10", "severity_1": "serious", "facts_1": "1 人不一致"})
    assert Problem.objects.count() == plan.inspections.count() == 2
    assert "1 人不一致" in text(get(desk, "plan_problems", plan.pk))
    assert "有问题" in text(get(desk, "inspection", plan.inspections.all()[0].pk))
    desk.post(reverse("supervision:close_plan", args=[plan.pk]), {"text": "总体较好"})
    plan.refresh_from_db()
    assert plan.conclusion == "总体较好"
    assert plan.title in text(get(desk, "plans"))


def test_what_cannot_be_is_said_above_the_form(desk: Client, cast: Cast):
    form = {
        "title": "核查", "basis": "办法", "starts_on": "2026-03-02", "ends_on": "2026-03-01", "subject": "cases",
        "scope": "all", "percent": "",
    }  # fmt: skip
    answer = desk.post(reverse("supervision:new_plan"), form)
    assert answer.status_code == 422
    assert "检查时间的止日早于起日" in text(answer)
    assert not InspectionPlan.objects.exists()


def test_a_problem_without_facts_or_kind_is_asked_for(desk: Client, inspector: User, cast: Cast):
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    url = reverse("supervision:inspect", args=[plan.inspections.all()[0].pk])
    answer = desk.post(url, {"text": "抽查", "kind_1": "Q10", "facts_2": "只有事实"})
    assert answer.status_code == 422
    assert "请填写问题事实" in text(answer)
    assert "请选择问题类别" in text(answer)
    assert not Problem.objects.exists()


def test_a_plan_is_cancelled_with_its_reason(desk: Client, inspector: User, cast: Cast):
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    assert "取消原因" in text(get(desk, "cancel_plan", plan.pk))
    desk.post(reverse("supervision:cancel_plan", args=[plan.pk]), {"text": "与巡察重复"})
    assert "已取消" in text(get(desk, "plan", plan.pk))


def test_a_unit_learns_of_a_check_when_it_is_done_and_of_its_own_only(
    desk: Client, inspector: User, of_bureau: User, cast: Cast
):
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    clerk = signed_in(of_bureau)
    own = plan.inspections.get(organization=cast.bureau)
    other = plan.inspections.get(organization=cast.school)
    assert plan.title not in text(get(clerk, "plans"))
    assert get(clerk, "plan", plan.pk).status_code == 404
    assert get(clerk, "inspection", own.pk).status_code == 404
    for check in (own, other):
        desk.post(reverse("supervision:inspect", args=[check.pk]), {"text": "账实相符"})
    page = text(get(clerk, "plan", plan.pk))
    assert "测试区财政局" in page
    assert "测试区第一小学" not in page
    assert get(clerk, "inspection", own.pk).status_code == 200
    assert get(clerk, "inspection", other.pk).status_code == 404
    assert get(clerk, "inspect", own.pk).status_code == 403


def test_a_unit_is_told_no_figures_of_other_units_checks(inspector: User, of_bureau: User, cast: Cast):
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    for unit in (cast.bureau, cast.school):
        check = plan.inspections.get(organization=unit)
        record_inspection(actor=inspector, today=TODAY, inspection_id=check.pk, text="抽查", findings=(WRONG,))
    for user, numbers in ((inspector, (4, 2, 2)), (of_bureau, (1, 1, 1))):
        row: Any = counted_plans(user).get()
        assert (row.drawn, row.checked, row.found) == numbers
        page = text(get(signed_in(user), "plan", plan.pk))
        assert ("从 4 个中抽取" in page) is user.sees_everything()


def test_a_check_to_come_is_not_counted_for_those_it_will_reach(inspector: User, cast: Cast, behind_the_wall: object):
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    reader = account("liangchu", "unit_clerk", organization_id=cast.bureau.pk)
    grant_role(actor=CONSOLE, user_id=reader.pk, role="unit_clerk", organization_id=cast.school.pk)
    reader = User.objects.get(pk=reader.pk)
    check = plan.inspections.get(organization=cast.bureau)
    record_inspection(actor=inspector, today=TODAY, inspection_id=check.pk, text="抽查")
    with acting(scope_of(reader)):
        row: Any = counted_plans(reader).get()
    assert (row.drawn, row.checked, row.found) == (1, 1, 0)


# --- 问题与整改 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["9" * 400, "0", "某单位", "-1", "²"])
def test_an_order_for_a_unit_that_is_none_is_not_there(desk: Client, unit: str):
    assert desk.get(f"{reverse('supervision:new_order')}?unit={unit}").status_code == 404


def test_a_problem_is_registered_ordered_reported_verified_and_closed(desk: Client, of_bureau: User, cast: Cast):
    form = {
        "unit": str(cast.bureau.pk), "source": "warning", "found_on": "2026-03-02", "kind": "Q10",
        "severity": "serious", "locks_unit": "on", "facts": "3 人信息不一致",
    }  # fmt: skip
    desk.post(reverse("supervision:new_problem"), form)
    problem = Problem.objects.get()
    page = text(get(desk, "problem", problem.pk))
    assert "销号前不受理（R13）" in page
    assert "签发整改通知书" in page
    assert "测试区财政局" in text(get(desk, "new_order"))
    url = f"{reverse('supervision:new_order')}?unit={cast.bureau.pk}"
    assert problem.number in text(desk.get(url))
    desk.post(url, {"problems": [problem.pk], "measures": "更正", "due_on": ""})
    order = RectificationOrder.objects.get()
    clerk = signed_in(of_bureau)
    assert "报送整改情况" in text(get(clerk, "order", order.pk))
    assert get(clerk, "handle", order.pk, "verify").status_code == 403
    assert "3 人信息不一致" in text(get(clerk, "report", order.pk))
    clerk.post(reverse("supervision:report", args=[order.pk]), {"text": "已更正"})
    assert "已更正" in text(get(clerk, "report_paper", order.pk))
    desk.post(reverse("supervision:handle", args=[order.pk, "verify"]), {"passed": "yes", "text": "属实"})
    desk.post(reverse("supervision:handle", args=[order.pk, "close"]), {"text": "同意销号"})
    order.refresh_from_db()
    assert order.state == OrderState.CLOSED
    assert "销号〔2026〕0001号" in text(get(clerk, "closing_paper", order.pk))
    assert "整改通知书" in text(get(clerk, "notice", order.pk))
    assert "已销号" in text(get(desk, "problem", problem.pk))
    desk.post(reverse("supervision:handle", args=[order.pk, "reopen"]), {"reason": "复查仍不一致", "due_on": ""})
    order.refresh_from_db()
    assert order.state == OrderState.ISSUED
    assert get(desk, "closing_paper", order.pk).status_code == 404


def test_an_order_is_extended_and_a_refusal_is_shown(desk: Client, order: RectificationOrder):
    url = reverse("supervision:handle", args=[order.pk, "extend"])
    answer = desk.post(url, {"due_on": "2026-12-31", "reason": "工作量大"})
    assert answer.status_code == 422
    assert "超过签发后 90 天" in text(answer)
    desk.post(url, {"due_on": "2026-05-06", "reason": "工作量大"})
    assert "原定期限" in text(get(desk, "order", order.pk))
    assert get(desk, "handle", order.pk, "nothing").status_code == 404
    assert get(desk, "report_paper", order.pk).status_code == 404


def test_the_lock_of_a_problem_is_lifted_and_a_mistake_is_taken_back(desk: Client, find_problem: Find, cast: Cast):
    problem = find_problem(cast.bureau)
    assert 'id="confirm-lock"' in text(get(desk, "problem", problem.pk))
    assert 'id="confirm-void"' in text(get(desk, "problem", problem.pk))
    desk.post(reverse("supervision:lock", args=[problem.pk]), {"reason": "情节轻微"})
    problem.refresh_from_db()
    assert not problem.locks_unit
    answer = desk.post(reverse("supervision:void", args=[problem.pk]), {"reason": ""}, follow=True)
    assert "未填写撤销原因" in text(answer)
    desk.post(reverse("supervision:void", args=[problem.pk]), {"reason": "单位有误"})
    problem.refresh_from_db()
    assert problem.state == ProblemState.VOID
    again = desk.post(reverse("supervision:lock", args=[problem.pk]), {"reason": "再限制"}, follow=True)
    assert "登记撤销" in text(again)


def test_the_ledger_is_searched_filtered_and_exported(
    desk: Client, order: RectificationOrder, find_problem: Find, cast
):
    find_problem(cast.school, "Q13", "编外超员 2 人")
    page = text(get(desk, "problems"))
    assert "编外超员 2 人" in page
    assert "编外超员" not in text(get(desk, "problems", state="rectifying"))
    assert "编外超员" in text(get(desk, "problems", q="超员", state="unsettled"))
    assert "超编 1 人" not in text(get(desk, "problems", unit=cast.school.pk))
    rows = b"".join(get(desk, "problems", export="csv").streaming_content).decode("utf-8-sig")
    assert "编外超员 2 人" in rows
    assert order.number in text(get(desk, "orders"))
    assert order.number not in text(get(desk, "orders", late="yes"))
    assert order.number in text(desk.get("/search/?q=整改〔2026〕"))


def test_an_overdue_order_is_marked(desk: Client, order: RectificationOrder, monkeypatch):
    monkeypatch.setenv("BIANZHI_TODAY", (order.due_on + timedelta(days=3)).isoformat())
    assert "逾期 3 天" in text(get(desk, "orders", late="yes"))
    assert "整改逾期" in text(get(desk, "order", order.pk))


def test_nothing_of_another_unit_is_there_for_a_unit(
    order: RectificationOrder, of_audit_office: User, of_bureau: User, inspector: User
):
    problem = order.problems.all()[0]
    stranger = signed_in(of_audit_office)
    for name, args in (
        ("problem", [problem.pk]), ("order", [order.pk]), ("notice", [order.pk]), ("report", [order.pk]),
        ("report_paper", [order.pk]), ("closing_paper", [order.pk]),
    ):  # fmt: skip
        assert get(stranger, name, *args).status_code == 404, name
    assert order.number not in text(get(stranger, "orders"))
    assert problem.number not in text(get(stranger, "problems"))
    assert problem.number not in text(stranger.get("/search/?q=WT2026"))
    assert problem.number in text(get(signed_in(of_bureau), "problems"))


def test_acts_of_the_office_are_refused_to_units_and_to_nobody_at_all(order: RectificationOrder, of_bureau: User):
    problem = order.problems.all()[0]
    clerk, outsider = signed_in(of_bureau), signed_in(account("nobody"))
    for name, args in (
        ("new_plan", []), ("new_problem", []), ("new_order", []), ("handle", [order.pk, "extend"]),
    ):  # fmt: skip
        assert get(clerk, name, *args).status_code == 403, name
    for name in ("lock", "void"):
        assert clerk.post(reverse(f"supervision:{name}", args=[problem.pk]), {"reason": "试试"}).status_code == 403
    for name in ("plans", "problems", "orders", "cards"):
        assert get(outsider, name).status_code == 403, name
        assert get(Client(), name).status_code == 302


# --- 督办 --------------------------------------------------------------------------------------------------------


def test_the_holder_answers_a_card(cast: Cast, late_task: Callable[..., Any], of_bureau: User, of_audit_office: User):
    task = late_task(cast.bureau, assignee=of_bureau)
    card = raise_card(actor=System("督办"), today=TODAY, task_id=task.pk, colour=Colour.YELLOW)
    assert card is not None
    clerk = signed_in(of_bureau)
    assert card.number in text(get(clerk, "cards", answered="no"))
    assert waiting_count(of_bureau) == 1
    assert get(signed_in(of_audit_office), "card", card.pk).status_code == 404
    assert "答复督办" in text(get(clerk, "card", card.pk))
    clerk.post(reverse("supervision:card", args=[card.pk]), {"text": "材料补正中，明日办结"})
    assert SupervisionItem.objects.get().answer == "材料补正中，明日办结"
    assert waiting_count(of_bureau) == 0
    page = text(get(clerk, "card", card.pk))
    assert "答复督办" not in page.split("<main")[1]
    assert card.number not in text(get(clerk, "cards", answered="no"))


# --- the unit's page -----------------------------------------------------------------------------------------------


def test_the_tab_of_a_unit_says_what_locks_it(desk: Client, order: RectificationOrder, of_bureau: User, cast: Cast):
    seat(cast, cast.bureau, "A1", cast.facts("郑到龄", born=TODAY.replace(year=1962)))
    url = f"{reverse('organizations:detail', args=[cast.bureau.pk])}?tab=supervision"
    page = text(desk.get(url))
    assert "新的申请暂不受理" in page
    assert "郑到龄" in page
    assert order.number in page
    assert order.number in text(signed_in(of_bureau).get(url))
    clear = f"{reverse('organizations:detail', args=[cast.school.pk])}?tab=supervision"
    assert "没有限制申请的事项" in text(desk.get(clear))


def test_lists_cost_the_same_however_many_rows(
    desk: Client, find_problem: Find, inspector: User, cast: Cast, django_assert_max_num_queries
):
    for _ in range(12):
        problem = find_problem(cast.bureau)
        issue_order(actor=inspector, today=TODAY, problem_ids=[problem.pk], measures="更正")
    for name in ("problems", "orders"):
        with django_assert_max_num_queries(24):
            get(desk, name)


def test_papers_of_a_closed_order_name_everybody(
    desk: Client, order: RectificationOrder, inspector: User, of_bureau: User
):
    report_rectification(actor=of_bureau, today=TODAY, order_id=order.pk, text="已更正")
    verify_order(actor=inspector, today=TODAY, order_id=order.pk, passed=True, text="抽查属实")
    close_order(actor=inspector, today=TODAY, order_id=order.pk, text="同意销号")
    page = text(get(desk, "closing_paper", order.pk))
    for word in ("抽查属实", "同意销号", "孙督查", "测试区财政局", "超编 1 人"):
        assert word in page
    assert Inspection.objects.count() == 0
