"""A clerk at a real browser fills in, is told what is missing, sends in; the office decides; axe and width."""

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from bianzhi.matters.models import Case
from bianzhi.matters.services.drafting import save_draft, token_of
from tests.browsing import sound
from tests.cast import TODAY
from tests.matters import staffing as given
from tests.matters.people import People
from tests.matters.web.browsing import SitDown, fill_document, pdf
from tests.matters.web.conftest import form_url, page_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

MATTERS = ("P02", "P05", "P07-3")


def choose(page: Page, field: str, text: str) -> None:
    """Choose from a list that is searched by typing."""
    control = page.locator(f"#id_{field}-ts-control")
    control.click()
    control.fill(text)
    page.locator(f"#id_{field}-ts-dropdown .option", has_text=text).first.click()


def test_a_clerk_without_training_files_an_exit(desk: SitDown, live_server: Any, matters: People) -> None:
    matters.cast.member(matters.cast.bureau, facts=matters.cast.facts("王小川"))
    page = desk(matters.clerk)
    page.goto(f"{live_server.url}{reverse('matters:hall')}", wait_until="networkidle")
    sound(page)
    page.get_by_role("link", name="出编", exact=True).click()
    expect(page.get_by_role("button", name="开始填写")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="开始填写").click()
    expect(page.locator("#check-panel")).to_contain_text("还有 4 项必填没有填")
    sound(page)
    expect(page.locator("#part-destination")).to_be_hidden()
    choose(page, "person", "王小川")
    choose(page, "exit_mode", "辞职")
    expect(page.locator("#part-destination")).to_be_visible()
    page.fill("#id_event_on", "2026.3.2")
    fill_document(page)
    page.press("#id_document-issued_on", "Tab")
    expect(page.locator("#saved")).to_contain_text("已自动保存")
    expect(page.locator("#check-panel")).to_contain_text("还缺材料")
    expect(page.locator("#check-panel")).to_contain_text("规则核查通过")
    page.get_by_label("辞职申请").set_input_files(pdf("申请.pdf"))
    expect(page.locator("#materials")).to_contain_text("申请.pdf")
    expect(page.locator("#id_event_on")).to_have_value("2026.3.2")
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator(".objections").first).to_contain_text("缺少证明材料：单位研究意见或批复")
    sound(page)
    page.get_by_label("单位研究意见或批复").set_input_files(pdf("意见.pdf"))
    expect(page.locator("#check-panel")).to_contain_text("材料已齐")
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator("h1")).to_contain_text("王小川出编（辞职）")
    sound(page)
    case = Case.objects.get()
    assert case.form["event_on"] == "2026-03-02"
    assert matters.at(case) == ["unit_head"]


def test_a_second_file_picked_while_the_first_is_on_its_way_is_sent_as_well(
    desk: SitDown, live_server: Any, matters: People
) -> None:
    page = desk(matters.clerk)
    page.goto(live_server.url + form_url(matters.draft("P05", {})), wait_until="networkidle")
    choose(page, "exit_mode", "辞职")
    expect(page.get_by_label("辞职申请")).to_be_attached()
    page.wait_for_load_state("networkidle")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/edit/", hold_the_first)
    with page.expect_request(lambda request: request.method == "POST"):
        page.get_by_label("辞职申请").set_input_files(pdf("申请.pdf"))
    page.wait_for_timeout(1000)  # the page wants to keep itself meanwhile
    page.get_by_label("单位研究意见或批复").set_input_files(pdf("意见.pdf"))
    page.wait_for_timeout(1000)
    held[0].continue_()
    expect(page.locator("#materials")).to_contain_text("申请.pdf")
    expect(page.locator("#materials")).to_contain_text("意见.pdf")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    assert [page.get_by_role("link", name=name).count() for name in ("申请.pdf", "意见.pdf")] == [1, 1]


def test_two_windows_of_one_draft_do_not_overwrite_each_other(desk: SitDown, live_server: Any, matters: People) -> None:
    draft = matters.draft("P05", {})
    page = desk(matters.clerk)
    page.goto(f"{live_server.url}{form_url(draft)}", wait_until="networkidle")
    page.fill("#id_reason", "第一次")
    page.press("#id_reason", "Tab")
    expect(page.locator("#saved")).to_contain_text("已自动保存")
    draft.refresh_from_db()
    save_draft(
        actor=matters.clerk, case_id=draft.pk, form={"reason": "另一窗口"}, saved_at=token_of(draft), today=TODAY
    )
    page.fill("#id_reason", "第二次")
    page.press("#id_reason", "Tab")
    expect(page.locator("#saved")).to_contain_text("在另一页面保存")
    draft.refresh_from_db()
    assert draft.form["reason"] == "另一窗口"


def test_rows_are_added_and_removed(desk: SitDown, live_server: Any, matters: People) -> None:
    draft = matters.draft("P07-3", {})
    page = desk(matters.clerk)
    page.goto(f"{live_server.url}{form_url(draft)}", wait_until="networkidle")
    sound(page)
    box = page.locator("#part-posts")
    expect(box.locator("[data-row]:visible")).to_have_count(1)
    box.get_by_role("button", name="加一行").click()
    expect(box.locator("[data-row]:visible")).to_have_count(2)
    sound(page)
    row = box.locator("[data-row]:visible").last
    row.locator("select").first.select_option(index=1)
    row.locator("input[inputmode=numeric]").fill("2")
    row.locator("input[inputmode=numeric]").press("Tab")
    expect(page.locator("#saved")).to_contain_text("已自动保存")
    draft.refresh_from_db()
    assert [row["number"] for row in draft.form["posts"]] == [2]
    row.get_by_role("button", name="删除这一行").click()
    expect(box.locator("[data-row]:visible")).to_have_count(1)
    page.wait_for_timeout(1500)
    draft.refresh_from_db()
    assert "posts" not in draft.form


def test_the_office_decides_and_the_applicant_rates(desk: SitDown, live_server: Any, matters: People) -> None:
    given.without_publication("P05")
    member = matters.cast.member(matters.cast.bureau, facts=matters.cast.facts("王小川"))
    leaving = {"person": member.person_id, "exit_mode": "O07", "event_on": "2026-03-02", "document": given.paper()}
    case = matters.apply("P05", leaving)
    given.accepted(matters, case)
    url = f"{live_server.url}{page_url(case)}"
    page = desk(matters.deputy)
    page.goto(url, wait_until="networkidle")
    expect(page.locator("#rules")).to_contain_text("核查通过")
    sound(page)
    page.fill("#decision textarea", "材料齐全，拟同意。")
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.locator("#decision")).to_have_count(0)
    page = desk(matters.director)
    page.goto(url, wait_until="networkidle")
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.locator("main")).to_contain_text("人员编制核销回执")
    page.get_by_role("link", name="流程图").click()
    expect(page.locator(".flow-picture svg").first).to_be_visible()
    sound(page)
    page = desk(matters.clerk)
    page.goto(url, wait_until="networkidle")
    sound(page)
    page.get_by_label("满意", exact=True).check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator("main")).to_contain_text("已办结")
    case.refresh_from_db()
    assert case.instance is not None
    assert case.instance.status == "completed"
    page.goto(f"{live_server.url}{reverse('matters:paper', args=[given.the_paper(case).pk])}", wait_until="networkidle")
    sound(page)


def test_a_matter_is_set_up_and_published(desk: SitDown, live_server: Any, matters: People) -> None:
    page = desk(matters.system_admin)
    page.goto(f"{live_server.url}{reverse('matters:settings')}", wait_until="networkidle")
    sound(page)
    page.get_by_role("link", name="出编", exact=True).click()
    expect(page.get_by_role("link", name="编辑")).to_be_visible()
    sound(page)
    page.get_by_role("link", name="编辑").click()
    expect(page).to_have_url(re.compile("/edit/"))
    sound(page)
    added = page.locator("[data-rows]").first
    added.get_by_role("button", name="加一项").click()
    row = added.locator("[data-row]").last
    row.get_by_label("种类").select_option("text")
    row.get_by_label("名称").fill("交接人")
    page.fill("#id_clock_days", "6")
    page.get_by_role("button", name="发布").click()
    expect(page.locator(".page-head")).to_contain_text("第 2 版")
    expect(page.locator("main")).to_contain_text("交接人")
    sound(page)


def test_pages_fit_both_widths(desk: SitDown, live_server: Any, matters: People) -> None:
    member = matters.cast.member(matters.cast.bureau)
    leaving = {"person": member.person_id, "exit_mode": "O07", "event_on": "2026-03-02", "document": given.paper()}
    case = matters.apply("P05", leaving)
    draft = matters.draft("P02", {})
    page = desk(matters.clerk)
    unit = reverse("organizations:detail", args=[matters.cast.bureau.pk])
    addresses = [
        reverse("matters:hall"),
        reverse("matters:guide", args=["P05"]),
        form_url(draft),
        reverse("matters:cases"),
        reverse("matters:papers"),
        page_url(case),
        f"{page_url(case)}?view=flow",
        f"{unit}?tab=cases",
    ]
    for width, height in ((1366, 768), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        for address in addresses:
            page.goto(f"{live_server.url}{address}", wait_until="networkidle")
            expect(page.locator("h1").first).to_be_visible()
            sound(page, address)
