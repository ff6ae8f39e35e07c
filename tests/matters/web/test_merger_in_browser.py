"""机构合并 in a real browser: applied for, returned from inside 会签 and sent straight back, decided, in force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, FilePayload, Page, expect
from playwright.sync_api import TimeoutError as TooSlow

from bianzhi.accounts.models import User
from bianzhi.matters.models import Case
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from tests.browsing import sound
from tests.cast import TODAY
from tests.matters.people import People
from tests.matters.web.conftest import DIST, page_url
from tests.small_papers import small_pdf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
MATTERS = ("P07-3",)
UPPER = ("绍市编〔2026〕8号", "关于同意机构合并的批复", "市委编委", "upper")
OWN = ("虞编〔2026〕5号", "关于机构合并的批复", "区委编委", "commission")
At = Callable[[User], Page]


@pytest.fixture
def at(browser: Browser, browser_context_args: dict[str, Any], live_server: Any, matters: People) -> Iterator[At]:
    """`at(user)`: the browser of somebody who has logged in; each has one of their own."""
    if not DIST.exists():
        pytest.skip("assets are not built")
    pages: dict[int, Page] = {}

    def page_of(user: User) -> Page:
        if user.pk not in pages:
            client = Client()
            client.force_login(user)
            context = browser.new_context(**browser_context_args, base_url=live_server.url)
            session = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
            pages[user.pk] = context.new_page()
            pages[user.pk].set_default_timeout(15_000)
        return pages[user.pk]

    yield page_of
    for page in pages.values():
        page.context.close()


def choose(page: Page, selector: str, text: str) -> None:
    """Choose from a list that is searched by typing."""
    control = page.locator(f"{selector}-ts-control")
    option = page.locator(f"{selector}-ts-dropdown .option", has_text=text).first
    for _ in range(3):
        control.click()
        control.fill(text)
        try:
            option.click(timeout=3000)
        except TooSlow:
            control.press("Escape")
        else:
            return
    raise AssertionError(f"{text} is not offered for {selector}")


def write(page: Page, selector: str, text: str) -> None:
    """Fill in a text; a list just chosen from may take the focus back once."""
    for _ in range(3):
        page.fill(selector, text)
        if page.input_value(selector) == text:
            return
    raise AssertionError(f"{selector} does not keep {text}")


def document(page: Page, name: str, paper: tuple[str, str, str, str]) -> None:
    """Fill in an approval document."""
    doc_no, title, issuer, level = paper
    page.fill(f"#id_{name}-doc_no", doc_no)
    page.fill(f"#id_{name}-issued_on", "2026-03-02")
    page.fill(f"#id_{name}-title", title)
    page.fill(f"#id_{name}-issuer", issuer)
    page.select_option(f"#id_{name}-issuer_level", level)


def keep_step(page: Page) -> None:
    """Keep what the step writes."""
    page.get_by_role("button", name="保存本环节内容").click()
    expect(page.locator(".notices")).to_contain_text("已保存")


def agree(page: Page, case: Case, **written: Any) -> None:
    """Open the case and agree, after writing what the step asks: plain values by field, papers as tuples."""
    page.goto(page_url(case), wait_until="networkidle")
    for name, value in written.items():
        if isinstance(value, tuple):
            document(page, name, value)
        elif name.endswith("_result"):
            page.select_option(f"#id_{name}", value)
        else:
            page.fill(f"#id_{name}", value)
    if written:
        keep_step(page)
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.locator(".notices")).to_contain_text("已同意")


def fill_in(page: Page) -> None:
    """The form of the merger, its papers, and the check panel's word on it."""
    choose(page, "#id_sources-0-unit", "测试区审计局")
    page.select_option("#id_into", "existing")
    choose(page, "#id_target", "测试区财政局")
    write(page, "#id_reason", "职责相近")
    write(page, "#id_basis", "区委机构改革方案")
    for code in ("request", "appraisal"):
        paper = FilePayload(name=f"{code}.pdf", mimeType="application/pdf", buffer=small_pdf(code))
        page.locator(f"input[name='file-{code}']").set_input_files([paper])
        expect(page.locator("#materials")).to_contain_text(f"{code}.pdf")


def test_a_merger_is_applied_for_returned_from_the_countersign_and_comes_into_force(at: At, matters: People) -> None:
    cast = matters.cast
    cast.fill(cast.audit_office, "A1", 2, on=date(2024, 5, 6))
    clerk = at(matters.outsider)
    clerk.goto(reverse("matters:guide", args=["P07-3"]), wait_until="networkidle")
    sound(clerk)
    clerk.get_by_role("button", name="开始填写").click()
    expect(clerk.locator("h1")).to_have_text("机构合并")
    case = Case.objects.get()
    fill_in(clerk)
    expect(clerk.locator("#check-panel")).to_contain_text("规则核查通过")
    expect(clerk.locator("#check-panel")).to_contain_text("报上级批准")
    sound(clerk)
    clerk.get_by_role("button", name="提交申请").click()
    expect(clerk.locator("h1")).to_have_text("测试区审计局并入测试区财政局")
    case.refresh_from_db()

    office = at(matters.office_clerk)
    agree(office, case, consult_no="绍市编办函〔2026〕3号", consult_on="2026-03-02", consult_result="agreed")
    agree(office, case)
    agree(at(matters.deputy), case)
    agree(at(matters.liaison_organization), case)
    return_to_applicant(at(matters.liaison_finance), case)

    clerk.goto(page_url(case), wait_until="networkidle")
    expect(clerk.locator("main")).to_contain_text("债务去向未写明")
    clerk.get_by_role("link", name="修改并重新提交").click()
    clerk.fill("#id_other", "债权债务由财政局承继")
    clerk.get_by_role("button", name="重新提交").click()
    expect(clerk.locator(".notices")).to_be_visible()
    assert matters.at(case) == ["joint", "joint"], "straight back to the signer; what was signed stays signed"

    agree(at(matters.liaison_hr), case)
    agree(at(matters.liaison_finance), case)
    secretary = at(matters.secretary)
    agree(secretary, case, meeting_no="虞编纪要〔2026〕2号", meeting_on="2026-03-02", meeting_result="agreed")
    agree(secretary, case, government_no="常委会纪要〔2026〕6号", government_on="2026-03-02")
    agree(office, case, upper_document=UPPER)
    agree(office, case, decision=OWN)
    director = at(matters.director)
    agree(director, case)

    assert quota_use([cast.bureau.pk], TODAY)[cast.bureau.pk, "A1"] == QuotaUse(14, 2, 0)
    assert not OrganizationVersion.objects.as_of(TODAY).filter(organization=cast.audit_office).exists()
    director.goto(page_url(case), wait_until="networkidle")
    expect(director.locator("main")).to_contain_text("测试区审计局并入测试区财政局")
    expect(director.locator("main")).to_contain_text("机构合并办理结果通知单")
    sound(director)


def return_to_applicant(page: Page, case: Case) -> None:
    """退回 from inside the countersign, to come straight back."""
    page.goto(page_url(case), wait_until="networkidle")
    page.fill("#decision textarea", "债务去向未写明")
    page.locator("#decision summary", has_text="退回").click()
    page.select_option("#decision-target", "apply")
    page.get_by_label("改后直接送回我").check()
    sound(page)
    page.locator("#decision").get_by_role("button", name="退回", exact=True).click()
    expect(page.locator(".notices")).to_contain_text("已退回")
