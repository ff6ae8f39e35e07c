"""机构合并: cleared beforehand, signed by three liaisons, returned by one of them, put right, decided, in force."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from bianzhi.common import integrity
from bianzhi.matters.models import Case
from tests.matters.people import People
from tests.walk.lives.cases import (
    At,
    agree,
    begin,
    document,
    fill_in,
    go,
    open_case,
    open_todo,
    rate,
    return_to,
    shown_and_checked,
    submit,
    upload,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.timeout(900)]
MATTERS = ("P07-3",)
TITLE = "测试区审计局并入测试区财政局"


def test_a_merger_is_returned_from_inside_the_countersign_and_comes_into_force(at: At, matters: People):
    cast = matters.cast
    cast.fill(cast.audit_office, "A1", 2, on=date(2024, 5, 6))
    shown_and_checked("P07-3")
    applied_for(at)
    consult = {"consult_no": "绍市编办函〔2026〕3号", "consult_on": "2026-03-02", "consult_result": "同意上报"}
    agree(at("office_clerk"), TITLE, written=consult)
    agree(at("office_clerk"), TITLE)
    agree(at("deputy"), TITLE)
    returned_and_put_right(at, matters)
    decided(at)
    in_force(at, matters)
    rate(at("outsider"), TITLE)
    assert [str(finding) for finding in integrity.findings()] == []


def applied_for(at: At) -> None:
    """By the unit that will end."""
    clerk = at("outsider")
    begin(clerk, "P07-3")
    fill_in(clerk, {
        "sources-0-unit": "测试区审计局",
        "into": "并入现有单位",
        "target": "测试区财政局",
        "reason": "职责相近",
        "basis": "区委机构改革方案",
    })  # fmt: skip
    upload(clerk, "request", "appraisal")
    expect(clerk.page.locator("#check-panel")).to_contain_text("规则核查通过")
    clerk.inspect("merger-form", "报上级批准")
    assert submit(clerk) == TITLE


def returned_and_put_right(at: At, matters: People) -> None:
    """One has signed, one sends it back to come straight back, the third waits; what is signed stays signed."""
    agree(at("liaison_organization"), TITLE, "同意合并。")
    finance, clerk = at("liaison_finance"), at("outsider")
    open_todo(finance, TITLE)
    finance.inspect("merger-to-sign")
    return_to(finance, "申请", "债务去向未写明。", directly=True)
    page = go(at("liaison_hr"), reverse("workflow:todo"))
    expect(page.locator("#main")).to_contain_text("没有待办")
    page = open_todo(clerk, TITLE)
    clerk.inspect("merger-returned", "债务去向未写明")
    page.get_by_role("link", name="修改并重新提交").click()
    fill_in(clerk, {"other": "债权债务由财政局承继"})
    clerk.inspect("merger-form-again", "债务去向未写明")
    submit(clerk)
    assert matters.at(Case.objects.get()) == ["joint", "joint"]
    page = open_todo(finance, TITLE)
    expect(page.locator(".changed-note")).to_be_visible()
    finance.inspect("merger-changed", "债权债务由财政局承继")
    agree(finance, TITLE)
    agree(at("liaison_hr"), TITLE)


def decided(at: At) -> None:
    """编委, 党委, the upper level, the reply, the director."""
    secretary, office = at("secretary"), at("office_clerk")
    meeting = {"meeting_no": "虞编纪要〔2026〕2号", "meeting_on": "2026-03-02", "meeting_result": "同意"}
    agree(secretary, TITLE, written=meeting)
    agree(secretary, TITLE, written={"government_no": "常委会纪要〔2026〕6号", "government_on": "2026-03-02"})
    upper = document("upper_document", "绍市编〔2026〕8号", issuer="市委编委", issuer_level="上级")
    agree(office, TITLE, written=upper)
    own = document("decision", "虞编〔2026〕5号", issuer="区委编委", issuer_level="本级编委", kind="批复")
    agree(office, TITLE, written=own)
    agree(at("director"), TITLE)


def in_force(at: At, matters: People) -> None:
    """One unit is gone, the other has its people and its quota, and the register cites the paper."""
    cast, director = matters.cast, at("director")
    open_case(director, TITLE)
    director.inspect("merger-done", "机构合并办理结果通知单")
    go(director, f"{reverse('organizations:detail', args=[cast.bureau.pk])}?tab=quota")
    line = director.page.get_by_role("table", name="编制核定与使用").locator("tbody tr", has_text="行政编制").first
    assert [cell.inner_text().strip() for cell in line.locator("td").all()][1:3] == ["14", "2"]
    go(director, reverse("organizations:detail", args=[cast.audit_office.pk]))
    director.inspect("merged-unit", "测试区审计局", "绍市编〔2026〕8号")
