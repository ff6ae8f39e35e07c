"""A paper held in the hand is checked by a stranger at a browser, with and without scripts; axe and width."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from bianzhi.matters.models import IssuedPaper
from bianzhi.matters.services.papers import revoke_paper
from tests.browsing import sound
from tests.matters.people import People
from tests.matters.test_exit_case import resignation
from tests.matters.web.browsing import SitDown

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

MATTERS = ("P05",)


@pytest.fixture
def paper(matters: People) -> IssuedPaper:
    case = matters.apply("P05", resignation(matters.cast.member(matters.cast.bureau)))
    matters.pass_on(case, matters.head, matters.office_clerk, matters.deputy, matters.director)
    return IssuedPaper.objects.get(case=case)


def test_a_paper_is_followed_from_its_page_to_its_check(
    desk: SitDown, live_server: Any, matters: People, paper: IssuedPaper
) -> None:
    page = desk(matters.clerk)
    page.goto(f"{live_server.url}{reverse('matters:paper', args=[paper.pk])}", wait_until="networkidle")
    sound(page)
    page.get_by_role("link", name="验证", exact=True).click()
    expect(page.get_by_label("文书编号")).to_have_value(paper.number)
    sound(page)
    page.get_by_label("验证码").fill("WRONG")
    page.get_by_role("button", name="验证").click()
    expect(page.get_by_text("没有与所填编号、验证码同时相符的文书").first).to_be_visible()
    sound(page)
    page.get_by_label("验证码").fill(paper.code.lower())
    page.get_by_role("button", name="验证").click()
    expect(page.get_by_text("文书真实，现行有效")).to_be_visible()
    sound(page)


def test_a_stranger_without_scripts_learns_that_a_paper_is_void(
    browser: Browser, live_server: Any, matters: People, paper: IssuedPaper
) -> None:
    revoke_paper(actor=matters.deputy, paper_id=paper.pk, reason="内容有误")
    page = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    page.goto(f"{live_server.url}{reverse('verify')}")
    page.get_by_label("文书编号").fill(paper.number)
    page.get_by_label("验证码").fill(paper.code)
    page.get_by_role("button", name="验证").click()
    expect(page.get_by_text("文书真实，但已经作废")).to_be_visible()
    expect(page.get_by_text("内容有误")).to_be_visible()
    page.context.close()
