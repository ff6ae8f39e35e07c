"""Supervision in a real browser: a problem from its finding to 销号, and every page at both widths, sound for axe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.supervision.models import Colour, Problem, RectificationOrder
from bianzhi.supervision.services.cards import raise_card
from bianzhi.supervision.services.inspecting import draw_plan, record_inspection
from bianzhi.supervision.services.problems import Finding
from bianzhi.supervision.services.rectifying import close_order, issue_order, report_rectification, verify_order
from tests.accounts.people import signed_in
from tests.browsing import sound
from tests.cast import TODAY, Cast, seat
from tests.supervision.test_inspecting import UNITS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

DIST = Path(__file__).parents[2] / "src/bianzhi/common/static/dist/app.css"


@pytest.fixture(autouse=True)
def ready() -> None:
    cache.clear()
    if not DIST.exists():
        pytest.skip("assets are not built")


def at_desk(page: Page, site: str, user: User) -> Page:
    session = signed_in(user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page.set_default_timeout(15_000)
    return page


def test_a_problem_is_registered_and_ordered_at_the_desk(
    page: Page, live_server: Any, console_errors: list[str], inspector: User, cast: Cast
):
    desk = at_desk(page, live_server.url, inspector)
    desk.goto(f"{live_server.url}{reverse('supervision:new_problem')}?unit={cast.bureau.pk}", wait_until="networkidle")
    desk.select_option("#id_source", "inspection")
    desk.locator("#id_kind-ts-control").click()
    desk.locator("#id_kind-ts-dropdown .option", has_text="实名制数据不实").first.click()
    desk.select_option("#id_severity", "serious")
    desk.fill("#id_facts", "3 人信息与档案不一致")
    sound(desk)
    desk.get_by_role("button", name="登记问题").click()
    expect(desk.locator("h1")).to_have_text("WT2026-0001")
    desk.get_by_role("link", name="解除申请限制").click()
    expect(desk.locator("#confirm-lock")).to_be_visible()
    sound(desk)
    desk.locator("#confirm-lock textarea").fill("情节轻微，先行受理")
    desk.locator("#confirm-lock").get_by_role("button", name="解除限制").click()
    expect(desk.locator("main")).to_contain_text("不限制")
    desk.get_by_role("link", name="签发整改通知书").click()
    desk.fill("#id_measures", "逐人核对并更正")
    desk.get_by_role("button", name="先核查").click()
    expect(desk.locator("#act-form")).to_contain_text("核查通过")
    assert not RectificationOrder.objects.exists()
    desk.get_by_role("button", name="签发整改通知书").click()
    expect(desk.locator("h1")).to_have_text("整改〔2026〕0001号")
    assert Problem.objects.get().state == "rectifying"
    sound(desk)


def test_every_page_fits_both_widths_and_pleases_axe(
    page: Page,
    live_server: Any,
    console_errors: list[str],
    inspector: User,
    of_bureau: User,
    cast: Cast,
    find_problem: Callable[..., Problem],
    late_task: Callable[..., Any],
):
    seat(cast, cast.bureau, "A1", cast.facts("郑到龄", born=TODAY.replace(year=1962)))
    plan = draw_plan(actor=inspector, today=TODAY, order=UNITS)
    pending = plan.inspections.get(organization=cast.school)
    checked = record_inspection(
        actor=inspector, today=TODAY, inspection_id=plan.inspections.get(organization=cast.bureau).pk,
        text="抽查 10 人，核对档案与实名制信息", findings=(Finding("Q10", "3 人信息与档案不一致"),),
    )  # fmt: skip
    open_, closed = find_problem(cast.bureau, "Q03", "超编 1 人"), find_problem(cast.school, "Q13", "编外超员 2 人")
    order = issue_order(
        actor=inspector, today=TODAY, problem_ids=[checked.problems.get().pk], measures="逐人核对并更正"
    ).order
    settled = issue_order(actor=inspector, today=TODAY, problem_ids=[closed.pk], measures="清退编外人员").order
    report_rectification(actor=inspector, today=TODAY, order_id=settled.pk, text="已清退 2 人，解除劳动合同")
    verify_order(actor=inspector, today=TODAY, order_id=settled.pk, passed=True, text="抽查属实")
    close_order(actor=inspector, today=TODAY, order_id=settled.pk, text="同意销号")
    task = late_task(cast.bureau, assignee=of_bureau)
    card = raise_card(actor=System("督办"), today=TODAY, task_id=task.pk, colour=Colour.YELLOW)
    assert card is not None
    unit = reverse("organizations:detail", args=[cast.bureau.pk])
    addresses = {
        "plans": reverse("supervision:plans"),
        "plan": reverse("supervision:plan", args=[plan.pk]),
        "new-plan": reverse("supervision:new_plan"),
        "close-plan": reverse("supervision:close_plan", args=[plan.pk]),
        "inspection": reverse("supervision:inspection", args=[checked.pk]),
        "inspect": reverse("supervision:inspect", args=[pending.pk]),
        "problems": reverse("supervision:problems"),
        "problem": reverse("supervision:problem", args=[closed.pk]),
        "problem-open": reverse("supervision:problem", args=[open_.pk]),
        "new-problem": reverse("supervision:new_problem"),
        "orders": reverse("supervision:orders"),
        "choose-unit": reverse("supervision:new_order"),
        "new-order": f"{reverse('supervision:new_order')}?unit={cast.bureau.pk}",
        "order": reverse("supervision:order", args=[order.pk]),
        "order-closed": reverse("supervision:order", args=[settled.pk]),
        "report": reverse("supervision:report", args=[order.pk]),
        "extend": reverse("supervision:handle", args=[order.pk, "extend"]),
        "verify": reverse("supervision:handle", args=[order.pk, "verify"]),
        "reopen": reverse("supervision:handle", args=[settled.pk, "reopen"]),
        "cards": reverse("supervision:cards"),
        "card": reverse("supervision:card", args=[card.pk]),
        "unit": f"{unit}?tab=supervision",
        "plan-paper": reverse("supervision:plan_print", args=[plan.pk]),
        "problem-list-paper": reverse("supervision:plan_problems", args=[plan.pk]),
        "notice-paper": reverse("supervision:notice", args=[order.pk]),
        "report-paper": reverse("supervision:report_paper", args=[settled.pk]),
        "closing-paper": reverse("supervision:closing_paper", args=[settled.pk]),
    }
    desk = at_desk(page, live_server.url, inspector)
    for width, height in ((1366, 768), (1920, 1080)):
        desk.set_viewport_size({"width": width, "height": height})
        for name, address in addresses.items():
            desk.goto(f"{live_server.url}{address}", wait_until="networkidle")
            expect(desk.locator("h1").first).to_be_visible()
            sound(desk, name)
