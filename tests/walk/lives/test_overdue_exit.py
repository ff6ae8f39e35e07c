"""出编 overdue → new applications locked with the reasons → the exit filed, the problem 销号 → unlocked (R12, R13)."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from bianzhi.common import integrity
from bianzhi.matters.models import Case
from bianzhi.supervision.models import Problem, RectificationOrder
from tests.matters.people import People
from tests.walk.lives.cases import (
    At,
    agree,
    apply_for,
    begin,
    document,
    fill_in,
    go,
    open_case,
    rate,
    shown_and_checked,
    submit,
    upload,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.timeout(900)]
MATTERS = ("P02", "P05")
WANTED = {
    "items-0-quota_type": "行政编制",
    "items-0-entry_mode": "公务员考试录用",
    "items-0-count": "1",
    "reason": "补充一线力量",
}


def test_a_unit_that_owes_an_exit_applies_again_once_it_is_filed_and_the_problem_is_closed(at: At, matters: People):
    cast = matters.cast
    cast.member(cast.bureau, on=date(2024, 5, 6), facts=cast.facts("郑到龄", born=date(1965, 10, 15)))
    a_problem_is_found(at, matters)
    locked_with_both_reasons(at)
    exit_filed(at)
    problem_closed(at)
    unlocked(at)
    assert [str(finding) for finding in integrity.findings()] == []


def a_problem_is_found(at: At, matters: People) -> None:
    """督查 registers what it has found at the unit."""
    supervision = at("supervision")
    go(supervision, f"{reverse('supervision:new_problem')}?unit={matters.cast.bureau.pk}")
    fill_in(supervision, {
        "source": "监督检查",
        "kind": "实名制数据不实",
        "severity": "一般",
        "facts": "3 人信息与档案不一致",
    })  # fmt: skip
    supervision.page.get_by_role("button", name="登记问题").click()
    expect(supervision.page.locator("h1")).to_have_text("WT2026-0001")


def locked_with_both_reasons(at: At) -> None:
    """The hall and the guide say so beforehand; what is sent in nevertheless is refused and kept as a draft."""
    clerk = at("clerk")
    page = go(clerk, reverse("matters:hall"))
    clerk.inspect("hall-locked", "暂停受理", "郑到龄", "R12", "R13", Problem.objects.get().number)
    page.locator(f"a[href='{reverse('matters:guide', args=['P02'])}']").click()
    clerk.inspect("guide-locked", "郑到龄", "自动解除")
    begin(clerk, "P02")
    fill_in(clerk, WANTED)
    upload(clerk, "request")
    clerk.page.get_by_role("button", name="提交申请").click()
    expect(clerk.page.locator("#application .objections")).to_contain_text("逾期未办理出编")
    clerk.inspect("application-locked", "未销号")
    assert Case.objects.get().number is None


def exit_filed(at: At) -> None:
    """出编 itself is never locked; its receipt lifts the first of the two reasons."""
    shown_and_checked("P05")
    clerk = at("clerk")
    form = {
        "person": "郑到龄",
        "exit_mode": "法定退休",
        "event_on": "2026-01-15",
        "reason": "审批表送达迟延",
        **document("document", "虞人社退〔2026〕3号", issuer="区人力社保局"),
    }
    title = apply_for(clerk, "P05", form, "退休审批表复印件")
    for name in ("head", "office_clerk", "deputy", "director"):
        agree(at(name), title)
    rate(clerk, title)
    clerk.page.locator(".page-head").get_by_role("link", name="人员编制核销回执").click()
    assert "超期办理" in clerk.on_paper()
    page = go(clerk, reverse("matters:hall"))
    expect(page.locator(".lock")).to_contain_text("未销号")
    expect(page.locator(".lock")).not_to_contain_text("郑到龄")


def problem_closed(at: At) -> None:
    """整改通知书, the unit's report, the check, 销号."""
    supervision, clerk = at("supervision"), at("clerk")
    page = go(supervision, reverse("supervision:problem", args=[Problem.objects.get().pk]))
    page.get_by_role("link", name="签发整改通知书").click()
    fill_in(supervision, {"measures": "逐人核对并更正"})
    page.get_by_role("button", name="签发整改通知书").click()
    expect(page.locator("h1")).to_have_text("整改〔2026〕0001号")
    order = RectificationOrder.objects.get()
    address = reverse("supervision:order", args=[order.pk])
    page = go(clerk, address)
    page.get_by_role("link", name="报送整改情况").click()
    fill_in(clerk, {"text": "已逐人核对并更正 3 人"})
    clerk.inspect("rectification-report", order.number)
    page.get_by_role("button", name="报送整改情况").click()
    expect(page.locator(".notices")).to_contain_text("等待编办核查")
    page = go(supervision, address)
    page.get_by_role("link", name="核查", exact=True).click()
    page.get_by_label("通过，可以销号").check()
    fill_in(supervision, {"text": "抽查属实"})
    page.get_by_role("button", name="核查整改情况").click()
    page.get_by_role("link", name="销号", exact=True).click()
    fill_in(supervision, {"text": "同意销号"})
    page.get_by_role("button", name="销号", exact=True).click()
    expect(page.locator(".notices")).to_contain_text("限制随之解除")
    supervision.inspect("rectification-closed", "已销号")


def unlocked(at: At) -> None:
    """The draft that was kept is sent in as it stands."""
    clerk = at("clerk")
    page = go(clerk, reverse("matters:hall"))
    expect(page.locator(".lock")).to_have_count(0)
    page.get_by_role("link", name="继续填写").click()
    title = submit(clerk)
    page = open_case(clerk, title)
    expect(page.locator(".case-head")).to_contain_text("P02-2026-000001")
    clerk.inspect("unlocked", "单位负责人审核")
