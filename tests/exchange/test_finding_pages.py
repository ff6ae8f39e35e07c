"""Handling findings on their pages: by two persons, one by one and many at once; numbers shown for a purpose only."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from bianzhi.audit.models import AuditEntry
from bianzhi.exchange.models import Finding
from bianzhi.exchange.services.revealing import reveal_finding_numbers, reveal_pair_numbers
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import Case
from bianzhi.supervision.models import Problem
from tests.accounts.people import signed_in
from tests.exchange.shown import Shown, show_hub

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(matters, hub) -> Shown:
    return show_hub(hub)


@pytest.fixture
def office(shown) -> Client:
    return signed_in(shown.hub.people.office_clerk)


@pytest.fixture
def second(shown) -> Client:
    return signed_in(shown.hub.people.other_clerk)


def act(client: Client, shown: Shown, name: str, *more: str, **fields: str) -> str:
    """Send a form of a finding; what the page says after it."""
    answer = client.post(reverse(f"exchange:{name}", args=[shown.finding.pk, *more]), fields, follow=True)
    return answer.content.decode()


def offered(client: Client, shown: Shown) -> list[str]:
    html = client.get(reverse("exchange:finding", args=[shown.finding.pk])).content.decode()
    bar = html.partition("act-bar")[2]
    return [
        name for name in ("填报核实情况", "交办", "提出意见", "复核", "收回", "移送督查", "据此办理业务") if name in bar
    ]


def test_the_page_tells_what_each_department_says_and_how_it_was_judged(shown, office):
    html = office.get(reverse("exchange:finding", args=[shown.finding.pk])).content.decode()
    text = re.sub(r"<[^>]+>", "", html)
    for words in (
        "编办",
        "组织部",
        "财政局",
        "没有此人的行",
        "王玮",
        "工资册行数",
        "规则 R01",
        "请财政局和用人单位核实",
    ):
        assert words in text, words
    assert '<mark class="differs">玮</mark>' in html
    assert shown.occupancy.person.id_number not in html


def test_it_is_assigned_reported_proposed_and_confirmed_by_a_second_person(shown, office, second):
    liaison = shown.hub.people.liaison_finance
    assert offered(office, shown) == ["填报核实情况", "交办", "提出意见"]
    assert "已交办" in act(office, shown, "finding_act", "assign", assignee=str(liaison.pk), due_on="2026-03-12")
    assert offered(signed_in(liaison), shown) == ["填报核实情况"]
    assert "已填报" in act(signed_in(liaison), shown, "finding_report", text="确有此人")
    assert "等待另一人复核" in act(office, shown, "finding_act", "propose", verdict="confirm", text="已核对")
    assert "复核" not in offered(office, shown)
    assert "为同一人" in act(office, shown, "finding_settle", agree="yes")
    assert Finding.objects.get(pk=shown.finding.pk).state == "proposed"
    assert "复核结论已登记" in act(second, shown, "finding_settle", agree="yes")
    assert Finding.objects.get(pk=shown.finding.pk).state == "confirmed"


def test_disagreeing_without_a_reason_is_sent_back(shown, office, second):
    act(office, shown, "finding_act", "propose", verdict="dismiss", text="同名不同人")
    assert "未填写理由" in act(second, shown, "finding_settle", agree="no")
    act(second, shown, "finding_settle", agree="no", text="请查户籍")
    assert Finding.objects.get(pk=shown.finding.pk).state == "open"


def test_an_accusation_leads_to_a_case_or_to_supervision_only_once_confirmed(shown, office, second):
    director = signed_in(shown.hub.people.director)
    assert "未经第二人复核" in act(office, shown, "finding_case")
    assert not Case.objects.exists()
    act(office, shown, "finding_act", "propose", verdict="confirm", text="已核对")
    act(second, shown, "finding_settle", agree="yes")
    assert {"移送督查", "据此办理业务"} <= set(offered(director, shown))
    assert "移送督查" not in offered(office, shown)
    assert "已登记督查问题" in act(director, shown, "finding_problem", kind="Q10")
    assert Finding.objects.get(pk=shown.finding.pk).problem == Problem.objects.get()
    act(office, shown, "finding_case")
    assert Finding.objects.get(pk=shown.finding.pk).case == Case.objects.get()


def test_a_form_without_its_words_is_shown_again_with_what_is_missing(shown, office):
    answer = office.post(reverse("exchange:finding_act", args=[shown.finding.pk, "propose"]), {"verdict": "confirm"})
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()


def test_an_act_there_is_not_has_no_page(shown, office):
    assert office.get(reverse("exchange:finding_act", args=[shown.finding.pk, "delete"])).status_code == 404


# --- many at once ------------------------------------------------------------------------------------------------


def test_the_filtered_findings_are_handled_at_once_and_the_refused_say_why(shown, office, second):
    batch = reverse("exchange:findings_batch")
    asked = office.get(batch, {"kind": "ghost_payroll"}).content.decode()
    assert f'name="selected" value="{shown.finding.pk}"' in asked
    assert f'value="{shown.of_others.pk}"' not in asked
    both = [str(shown.finding.pk), str(shown.of_others.pk)]
    office.post(batch, {"selected": both[:1], "act": "confirm", "text": "逐人核对"})
    told = second.post(batch, {"selected": both, "act": "agree"}).content.decode()
    assert "已办理 1 项，1 项没有办理" in told
    assert "不能复核" in told
    assert set(Finding.objects.values_list("state", flat=True)) == {"confirmed", "open"}


def test_a_batch_asks_for_what_its_act_needs(shown, office):
    answer = office.post(
        reverse("exchange:findings_batch"), {"selected": [shown.finding.pk], "act": "assign", "due_on": ""}
    )
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "请选择承办人" in html
    assert "请填写办理期限" in html


# --- whole numbers -----------------------------------------------------------------------------------------------


def test_whole_numbers_are_shown_for_a_purpose_and_the_look_is_on_record(shown, office):
    url = reverse("exchange:finding_reveal", args=[shown.finding.pk])
    number = shown.occupancy.person.id_number
    assert number not in office.get(url).content.decode()
    assert number not in office.post(url, {"purpose": ""}).content.decode()
    assert number in office.post(url, {"purpose": "identity", "note": "与户籍证明核对"}).content.decode()
    entry = AuditEntry.objects.get(action="exchange.numbers_revealed")
    assert "与户籍证明核对" in entry.facts
    assert number not in entry.facts


def test_who_may_not_see_whole_numbers_gets_none(shown):
    for user in (shown.hub.people.liaison_finance, shown.hub.people.clerk, shown.hub.people.secretary):
        assert signed_in(user).get(reverse("exchange:finding_reveal", args=[shown.finding.pk])).status_code == 403


def test_a_look_without_a_purpose_is_refused_and_leaves_no_record(shown):
    clerk = shown.hub.people.office_clerk
    with pytest.raises(Refused) as refused:
        reveal_finding_numbers(actor=clerk, finding_id=shown.finding.pk, purpose=" ")
    with pytest.raises(Refused):
        reveal_pair_numbers(actor=clerk, review_id=shown.pair.pk, purpose="")
    assert refused.value.codes == ["D2"]
    assert not AuditEntry.objects.filter(action="exchange.numbers_revealed").exists()
