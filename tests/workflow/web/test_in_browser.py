"""The pages of the engine in a real browser: axe finds nothing, the console stays clean under the strict policy."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from bianzhi.accounts.models import User
from bianzhi.workflow.models import FlowDefinition, FlowInstance
from bianzhi.workflow.rules.profile import Order
from bianzhi.workflow.selectors.definitions import draft_of, process_of
from tests.browsing import sound
from tests.workflow.engine.hands import where

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.browser,
    pytest.mark.urls("tests.workflow.web.urls"),
]
Desk = Callable[[str], Client]
Sit = Callable[[Client], Page]


def visit(page: Page, live_server: object, address: str) -> None:
    page.goto(f"{live_server}{address}", wait_until="networkidle")


def test_from_the_inbox_to_the_decision(at_desk: Desk, sit_down: Sit, case: FlowInstance, live_server: object) -> None:
    page = sit_down(at_desk("ann"))
    visit(page, live_server, reverse("workflow:todo"))
    sound(page)
    page.get_by_role("link", name="plain 1").click()
    expect(page.locator(".flow-canvas .djs-element.is-current")).to_have_count(1)
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="材料不全，请补正后再报。").click()
    expect(page.locator("#id_text")).to_have_value("材料不全，请补正后再报。")
    page.locator("summary", has_text="退回").click()
    page.get_by_label("改后直接送回我").check()
    sound(page)
    page.get_by_role("button", name="退回", exact=True).click()
    expect(page.locator(".notices")).to_contain_text("“review”已退回")
    assert where(case) == ["apply"]


def test_a_refusal_keeps_the_words_and_the_page(
    at_desk: Desk, sit_down: Sit, case: FlowInstance, live_server: object, console_errors: list[str]
) -> None:
    page = sit_down(at_desk("ann"))
    visit(page, live_server, "/tests/1/")
    page.get_by_role("button", name="不同意").click()
    expect(page.locator("#decision")).to_contain_text("不同意须写明理由")
    page.locator("#id_text").fill("不符合编制管理规定")
    sound(page)
    page.get_by_role("button", name="不同意").click()
    expect(page.locator(".notices")).to_contain_text("不予同意")
    # A refusal (422) is written to the console by the browser itself.
    console_errors[:] = [line for line in console_errors if "422" not in line]


def test_several_are_decided_from_the_list(
    at_desk: Desk, sit_down: Sit, case: FlowInstance, live_server: object
) -> None:
    page = sit_down(at_desk("ann"))
    visit(page, live_server, reverse("workflow:todo"))
    page.get_by_label("全选本页").check()
    page.get_by_role("button", name="批量同意").click()
    expect(page.locator("h1")).to_have_text("批量同意")
    page.get_by_role("button", name="拟同意，请领导审定。").click()
    expect(page.locator("textarea").first).to_have_value("拟同意，请领导审定。")
    sound(page)
    page.get_by_role("button", name="同意所选事项").click()
    expect(page.locator("main")).to_contain_text("已办理 1 件")
    sound(page)


def test_a_flow_is_edited_as_a_list(admin: Client, sit_down: Sit, case: FlowInstance, live_server: object) -> None:
    flow = FlowDefinition.objects.get(key="plain")
    page = sit_down(admin)
    visit(page, live_server, reverse("workflow:edit_steps", args=[flow.pk]))
    sound(page)
    page.locator("#step-1 summary").click()
    page.locator("#step-1").get_by_role("link", name="人工办理").click()
    page.fill("#id_name", "合规审查")
    page.fill("#id_step_id", "compliance")
    page.select_option("#id_seats-0-who", "role")
    page.select_option("#id_seats-0-role", "office_clerk")
    sound(page)
    page.get_by_role("button", name="添加", exact=True).click()
    expect(page.locator(".step-list")).to_contain_text("合规审查")
    page.get_by_role("button", name="上移合规审查").click()
    expect(page.locator("#step-1")).to_contain_text("合规审查")
    draft = draft_of(flow)
    assert draft is not None
    page.get_by_role("link", name="核对并发布").click()
    expect(page.locator(".flow-canvas .djs-element[data-element-id=compliance]")).to_have_count(1)
    sound(page)
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator(".notices")).to_contain_text("已发布")


def test_a_flow_is_drawn(
    admin: Client, sit_down: Sit, case: FlowInstance, live_server: object, console_errors: list[str]
) -> None:
    flow = FlowDefinition.objects.get(key="plain")
    page = sit_down(admin)
    visit(page, live_server, reverse("workflow:draw", args=[flow.pk]))
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    sound(page)
    page.locator('[data-element-id="review"]').first.click()
    settings = page.locator("[data-flow-properties]")
    settings.get_by_label("名称").fill("审核会签")
    settings.get_by_label("标识").click()
    settings.get_by_label("办理方式").select_option("parallel")
    settings.get_by_label("怎样算通过").select_option("any")
    settings.get_by_role("button", name="增加一人或一个岗位").first.click()
    settings.get_by_label("岗位", exact=True).nth(1).select_option("liaison_hr")
    sound(page)
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator(".notices")).to_contain_text("草稿已保存")
    draft = draft_of(flow)
    assert draft is not None
    node = process_of(draft).node("review")
    assert (node.name, node.order, node.countersign.mode) == ("审核会签", Order.PARALLEL, "any")
    assert [seat.role for seat in node.seats] == ["office_deputy", "liaison_hr"]
    page.locator('[data-element-id="review"]').first.click()
    settings.get_by_role("button", name="去掉").first.click()
    settings.get_by_role("button", name="去掉").first.click()
    page.get_by_role("button", name="保存并发布").click()
    expect(page.locator("main")).to_contain_text("没有发布")
    assert page.locator(".flow-note.is-flaw").count() >= 1
    console_errors[:] = [line for line in console_errors if "422" not in line]


def test_every_page_fits_both_widths(
    at_desk: Desk, admin: Client, sit_down: Sit, case: FlowInstance, staff: dict[str, User], live_server: object
) -> None:
    pk = FlowDefinition.objects.get(key="plain").pk
    pages = {
        at_desk("director"): [
            *(reverse(f"workflow:{name}") for name in ("todo", "to_read", "done", "started", "supervised")),
            reverse("workflow:delegations"),
            reverse("workflow:opinions", args=[case.pk]),
            "/tests/1/",
        ],
        admin: [
            reverse("workflow:definitions"),
            reverse("workflow:create_definition"),
            reverse("workflow:definition", args=[pk]),
            reverse("workflow:version", args=[case.version_id]),
            reverse("workflow:edit_steps", args=[pk]) + "?at=1",
        ],
    }
    for client, addresses in pages.items():
        page = sit_down(client)
        for width, height in ((1366, 768), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            for address in addresses:
                visit(page, live_server, address)
                expect(page.locator("h1").first).to_be_visible()
                sound(page, address)
    assert re.search(r"\?at=1$", page.url)
