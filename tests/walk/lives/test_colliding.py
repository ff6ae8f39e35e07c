"""Two people at one task, one person clicking twice, an answer that got lost, a rule that fails at the last step."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Route, expect

from bianzhi.ledger.services import reduce
from bianzhi.matters.models import Case, IssuedPaper
from bianzhi.workflow.models import FlowOpinion
from tests.cast import TODAY
from tests.matters.people import People
from tests.walk.lives.cases import At, decide, go, open_todo, shown_and_checked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.timeout(900)]
MATTERS = ("P02",)
WANTED = {"items": [{"quota_type": "A1", "entry_mode": "I01", "count": 1}], "reason": "补充一线力量"}


@pytest.fixture
def case(matters: People) -> Case:
    """An application the unit's head has agreed to."""
    shown_and_checked("P02")
    return matters.agree(matters.apply("P02", WANTED), matters.head)


def opinions(case: Case, node: str) -> int:
    """How often a step of the case was decided."""
    return FlowOpinion.objects.filter(instance=case.instance, node_id=node, action="agree").count()


def test_a_page_somebody_overtook_says_who_and_when_and_keeps_the_words(at: At, matters: People, case: Case):
    late, quick = at("other_clerk"), at("office_clerk")
    for each in (late, quick):
        open_todo(each, case.title)
    decide(quick, "同意", "予以受理。")
    expect(quick.page.locator(".notices")).to_contain_text("已同意")
    decide(late, "不同意", "材料不全。")
    bar = late.page.locator("#decision")
    expect(bar).to_contain_text(f"“受理”已由{matters.office_clerk.display_name}于")
    expect(bar.locator("textarea")).to_have_value("材料不全。")
    late.inspect("overtaken", "不能再办理")
    bar.get_by_role("link", name="查看最新情况").click()
    expect(late.page.locator(".flow-waiting")).to_contain_text("审核")
    assert opinions(case, "accept") == 1


def test_a_double_click_decides_once(at: At, case: Case):
    clerk = at("office_clerk")
    page = open_todo(clerk, case.title)
    page.locator("#decision textarea").fill("予以受理。")
    page.locator("#decision").get_by_role("button", name="同意", exact=True).dblclick()
    expect(page.locator(".notices")).to_be_visible()
    expect(page.locator(".flow-waiting")).to_contain_text("审核")
    assert opinions(case, "accept") == 1


def test_a_click_whose_answer_was_lost_is_repeated_without_harm(at: At, case: Case):
    clerk = at("office_clerk")
    page = open_todo(clerk, case.title)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/decide/", lose, times=1)
    decide(clerk, "同意", "予以受理。")
    expect(page.locator(".toast")).to_contain_text("没有收到结果")
    clerk.errors.clear()  # the browser itself notes the broken connection
    assert opinions(case, "accept") == 1
    decide(clerk, "同意", "予以受理。")
    expect(page.locator(".notices")).to_contain_text("没有重复办理")
    assert opinions(case, "accept") == 1


def test_a_rule_that_fails_at_the_ratification_leaves_the_case_with_the_reasons(at: At, matters: People, case: Case):
    matters.cast.fill(matters.cast.bureau, "A1", 2)
    matters.pass_on(case, matters.office_clerk, matters.deputy)
    reduce(
        actor=matters.cast.office,
        basis=matters.cast.basis(TODAY),
        organization_id=matters.cast.bureau.pk,
        amounts={"A1": 9},
        allows_overstaffing=True,
    )
    director = at("director")
    page = open_todo(director, case.title)
    director.inspect("failing-rule", "现在核准不能生效", "已超编 1 名")
    decide(director, "同意", "同意。")
    expect(page.locator("#decision .objections")).to_contain_text("已超编 1 名")
    expect(page.locator("#decision textarea")).to_have_value("同意。")
    director.inspect("failed-at-ratification")
    assert matters.at(case) == ["ratify"]
    assert not IssuedPaper.objects.exists()
    expect(go(director, reverse("workflow:todo")).get_by_role("link", name=case.title)).to_be_visible()
