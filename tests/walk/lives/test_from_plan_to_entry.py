"""用编计划 → 编制使用核准 → 入编, the last one shown in 公示, checked by 督查, put right and closed."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from bianzhi.common import integrity
from bianzhi.personnel.models import ApprovalSlot, Occupancy, SlotState
from tests.matters.people import People
from tests.walk.lives.cases import (
    At,
    Turn,
    agree,
    apply_for,
    begin,
    decide,
    document,
    fill_in,
    go,
    open_case,
    open_todo,
    rate,
    shown_and_checked,
    submit,
    time_passes,
    upload,
    write_step,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.timeout(900)]
MATTERS = ("P01", "P02", "P03")


def test_one_person_is_planned_approved_taken_on_shown_checked_and_put_right(at: At, matters: People, turn: Turn):
    planned(at)
    approved(at)
    taken_on(at, matters)
    shown_in_public(at, turn)
    checked_and_put_right(at)
    everything_stands_in_the_register(at, matters)
    assert [str(finding) for finding in integrity.findings()] == []


def planned(at: At) -> None:
    """年度用编计划: by the commission, handed down by its paper."""
    clerk, office = at("clerk"), at("office_clerk")
    item = {"quota_type": "行政编制", "entry_mode": "公务员考试录用", "post_name": "科员", "count": "1"}
    form = {"year": "2026", "reason": "补充业务力量", **{f"items-0-{name}": text for name, text in item.items()}}
    title = apply_for(clerk, "P01", form, "request")
    assert title == "2026年度用编计划 1 名"
    for name in ("head", "office_clerk", "deputy"):
        agree(at(name), title)
    meeting = {"meeting_no": "虞编委纪〔2026〕1号", "meeting_on": "2026-03-02", "meeting_result": "同意"}
    agree(at("secretary"), title, written=meeting)
    reply = document("decision", "虞编〔2026〕5号", issuer="区委编委", issuer_level="本级编委", kind="批复")
    agree(office, title, "按会议决定拟文。", written=reply)
    agree(at("director"), title)
    rate(clerk, title)
    clerk.inspect("plan-closed", "年度用编计划下达通知单")


def approved(at: At) -> None:
    """编制使用核准: within the plan; the vacancy is held at 受理 and becomes a slot at 核准."""
    shown_and_checked("P02")
    form = {
        "items-0-quota_type": "行政编制",
        "items-0-entry_mode": "公务员考试录用",
        "items-0-count": "1",
        "plan_item": "结余 1 名",
        "reason": "补充一线力量",
    }
    title = apply_for(at("clerk"), "P02", form, "request")
    assert title == "使用行政编制 1 名"
    for name in ("head", "office_clerk", "deputy", "director"):
        agree(at(name), title)
    rate(at("clerk"), title)
    at("clerk").inspect("approval-closed", "用编核准通知单")


def taken_on(at: At, matters: People) -> None:
    """入编: the newcomer has arrived; the effect is there with the director's word, and the 公示 begins."""
    shown_and_checked("P03", publication_days=5, sampling_percent=100)
    clerk = at("clerk")
    slot = ApprovalSlot.objects.get()
    begin(clerk, "P03")
    fill_in(clerk, {
        "entry_mode": "公务员考试录用",
        "slot": slot.number,
        "name": "王新来",
        "id_number": matters.cast.facts("王新来").id_number,
        "identity": "公务员",
        "started_work_on": "2015.8.1",
        "arrived_on": "2026年3月2日",
        "source": "应届毕业生",
        **document("document", "虞组录〔2026〕7号", issuer="区委组织部"),
    })  # fmt: skip
    expect(clerk.page.locator("#check-panel")).to_contain_text("录用审批表或录用通知")
    upload(clerk, "录用通知")
    expect(clerk.page.locator("#check-panel")).to_contain_text("规则核查通过")
    clerk.inspect("entry-form")
    title = submit(clerk)
    assert title == "王新来入编（公务员考试录用）"
    for name in ("head", "office_clerk", "deputy"):
        agree(at(name), title)
    director = at("director")
    page = open_todo(director, title)
    expect(page.locator("#rules")).to_contain_text("核查通过")
    director.inspect("entry-to-ratify", "虞组录〔2026〕7号")
    decide(director, "同意", "同意入编。")
    expect(page.locator(".stage-bar [aria-current=step]")).to_contain_text("公示")
    director.inspect("entry-on-show", "入编通知单", "5 个工作日")


def shown_in_public(at: At, turn: Turn) -> None:
    """公示: nothing before its five working days are over, everything after them."""
    time_passes(turn, "2026-03-06")
    supervision = at("supervision")
    page = go(supervision, reverse("workflow:todo"))
    expect(page.locator("#main")).to_contain_text("没有待办")
    page = go(supervision, reverse("matters:publications"))
    page.get_by_role("link", name="王新来入编").first.click()
    supervision.inspect("publication", "王新来", "公示中")
    time_passes(turn, "2026-03-10")


def checked_and_put_right(at: At) -> None:
    """督查 finds something, the unit puts it right, it is 销号, the applicant has the last word."""
    title = "王新来入编（公务员考试录用）"
    supervision, clerk = at("supervision"), at("clerk")
    page = open_todo(supervision, title)
    supervision.inspect("entry-supervised")
    decide(supervision, "有问题", "录用审批表未归档。")
    expect(page.locator(".notices")).to_contain_text("有问题")
    page = open_todo(clerk, title)
    clerk.inspect("entry-to-rectify", "录用审批表未归档")
    write_step(clerk, {"rectify_report": "已补齐录用审批表并归档"})
    expect(page.locator("#decision").get_by_role("button", name="不同意")).to_have_count(0)
    decide(clerk, "提交", "已补。")
    expect(page.locator(".notices")).to_contain_text("已提交“整改”")
    page = open_todo(supervision, title)
    expect(page.locator("#main")).to_contain_text("已补齐录用审批表并归档")
    decide(supervision, "整改到位", "整改属实。")
    expect(page.locator(".notices")).to_contain_text("整改到位")
    rate(clerk, title)
    assert "已销号" in clerk.inspect("entry-closed")


def everything_stands_in_the_register(at: At, matters: People) -> None:
    """The person on the roster, the slot used, the paper as it is printed."""
    director, bureau = at("director"), matters.cast.bureau
    stay, slot = Occupancy.objects.get(), ApprovalSlot.objects.get()
    assert (stay.person.name, stay.organization, stay.slot) == ("王新来", bureau, slot)
    assert slot.state == SlotState.CONSUMED
    go(director, f"{reverse('organizations:detail', args=[bureau.pk])}?tab=quota")
    director.inspect("roster", "王新来")
    go(director, reverse("personnel:approval", args=[slot.approval_id]))
    director.inspect("slip", "王新来")
    page = open_case(director, "王新来入编（公务员考试录用）")
    page.locator(".page-head").get_by_role("link", name="入编通知单").click()
    paper = director.on_paper()
    for words in ("王新来", slot.number, "虞组录〔2026〕7号", "验证码"):
        assert words in paper
