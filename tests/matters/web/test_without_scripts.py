"""Where JavaScript does not run, an application is filled in, given its papers and sent in all the same."""

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.matters.people import People
from tests.matters.web.browsing import SitDown, fill_document, pdf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

MATTERS = ("P05",)


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A browser without JavaScript."""
    return {**browser_context_args, "java_script_enabled": False}


def test_without_javascript_an_application_is_filled_in_and_sent(
    desk: SitDown, live_server: Any, matters: People
) -> None:
    matters.cast.member(matters.cast.bureau, facts=matters.cast.facts("王小川"))
    page = desk(matters.clerk)
    page.goto(f"{live_server.url}{reverse('matters:guide', args=['P05'])}")
    page.get_by_role("button", name="开始填写").click()
    page.fill("#id_person", "王小川")
    page.select_option("#id_exit_mode", "O07")
    page.fill("#id_event_on", "20260302")
    fill_document(page)
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator("main")).to_contain_text("草稿已保存")
    page.get_by_label("辞职申请").set_input_files(pdf("申请.pdf"))
    page.get_by_label("单位研究意见或批复").set_input_files(pdf("意见.pdf"))
    page.get_by_role("button", name="上传所选文件").click()
    expect(page.locator("#materials")).to_contain_text("意见.pdf")
    page.get_by_role("button", name="提交申请").click()
    expect(page).to_have_url(re.compile(r"/matters/cases/\d+/$"))
    expect(page.locator("main")).to_contain_text("单位负责人审核")
