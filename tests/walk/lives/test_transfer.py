"""区内调动: one unit asks, the other consents, the liaisons sign, and one act moves the person on both rosters."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from bianzhi.common import integrity
from bianzhi.personnel.models import Movement
from tests.cast import TODAY
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
    shown_and_checked,
    submit,
    upload,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.timeout(900)]
MATTERS = ("P04",)


def test_somebody_moves_from_one_unit_to_another_in_one_act(at: At, matters: People):
    cast = matters.cast
    shown_and_checked("P04")
    stay = cast.member(cast.audit_office, on=date(2026, 2, 2), facts=cast.facts("周能手"))
    title = asked_for(at)
    consented(at, title)
    for name in ("office_clerk", "deputy", "liaison_organization", "liaison_hr", "director"):
        agree(at(name), title)
    (movement,) = Movement.objects.filter(person=stay.person).exclude(family="entry")
    assert movement.from_occupancy == stay
    assert movement.to_occupancy is not None
    assert movement.to_occupancy.organization == cast.bureau
    on_both_rosters(at, matters)
    rate(at("clerk"), title)
    assert [str(finding) for finding in integrity.findings()] == []


def asked_for(at: At) -> str:
    """财政局 asks for somebody of 审计局, whose whole name it knows."""
    clerk = at("clerk")
    begin(clerk, "P04")
    fill_in(clerk, {
        "direction": "调入本单位",
        "other_unit": "测试区审计局",
        "person_there": "周能手",
        "mode": "区内跨系统调动",
        "place": "随本申请核准用编",
        "quota_type": "行政编制",
        "entry_mode": "转任",
        "reason": "工作需要",
        **document("document", "虞组调〔2026〕9号", issuer="区委组织部"),
    })  # fmt: skip
    upload(clerk, "干部调动审批表")
    expect(clerk.page.locator("#check-panel")).to_contain_text("规则核查通过")
    clerk.inspect("transfer-form")
    title = submit(clerk)
    assert title == "周能手由测试区审计局调入测试区财政局"
    return title


def consented(at: At, title: str) -> None:
    """The own head, then the other unit: it has no 负责人 with an account, so its 经办 answers."""
    agree(at("head"), title)
    other = at("outsider")
    open_todo(other, title)
    other.inspect("transfer-consent", "对方单位答复", "周能手")
    agree(other, title, "同意调出。")


def on_both_rosters(at: At, matters: People) -> None:
    """Each unit reads its own roster: there until yesterday, here from today; and the paper names both."""
    cast, day = matters.cast, TODAY.isoformat()
    for name, unit, today, before in (
        ("clerk", cast.bureau, True, False),
        ("outsider", cast.audit_office, False, True),
    ):
        roster = f"{reverse('organizations:detail', args=[unit.pk])}?tab=quota"
        assert ("周能手" in go(at(name), f"{roster}&date={day}").inner_text("#main")) == today
        assert ("周能手" in go(at(name), f"{roster}&date=2026-03-01").inner_text("#main")) == before
    director = at("director")
    page = open_case(director, "周能手由测试区审计局调入测试区财政局")
    director.inspect("transfer-done", "调动通知单")
    page.locator(".page-head").get_by_role("link", name="调动通知单").click()
    paper = director.on_paper()
    assert not [
        words for words in ("周能手", "测试区审计局", "测试区财政局", "虞组调〔2026〕9号") if words not in paper
    ]
