"""Judging pairs one after the other, approving names of units, dismissing changes, starting and stopping runs."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from bianzhi.exchange.models import AliasState, Change, LinkDecision, LinkReview, Run, Source, UnitAlias
from tests.accounts.people import signed_in
from tests.exchange.shown import Shown, show_hub

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(hub) -> Shown:
    return show_hub(hub)


@pytest.fixture
def office(shown) -> Client:
    return signed_in(shown.hub.people.office_clerk)


def said(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_a_pair_shows_both_rows_the_evidence_and_its_keys(shown, office):
    html = said(office.get(reverse("exchange:review", args=[shown.pair.pk])))
    assert '<mark class="differs">玮</mark>' in html
    assert '<mark class="differs">伟</mark>' in html
    for words in ("姓名一字之差", "+3.20", "-1.50", 'data-keys="1"', 'data-keys="2"', 'data-keys="j 3'):
        assert words in html, words
    assert shown.occupancy.person.id_number not in html


def test_an_answer_leads_to_the_next_pair_and_the_last_one_to_the_list(shown, office):
    first, last = LinkReview.objects.order_by("-score")
    answer = office.post(reverse("exchange:review_decide", args=[first.pk]), {"answer": "same", "basis": "同日入职"})
    assert answer["Location"] == reverse("exchange:review", args=[last.pk])
    answer = office.post(reverse("exchange:review_decide", args=[last.pk]), {"answer": "different"})
    assert answer["Location"] == reverse("exchange:reviews")
    assert list(LinkDecision.objects.order_by("pk").values_list("kind", "basis")) == [
        ("must", "同日入职"),
        ("never", ""),
    ]


def test_an_answer_given_before_is_refused_until_it_is_taken_back(shown, office):
    decide = reverse("exchange:review_decide", args=[shown.pair.pk])
    office.post(decide, {"answer": "same"})
    assert "已由" in said(office.post(decide, {"answer": "different"}, follow=True))
    decision = LinkDecision.objects.get()
    revoke = reverse("exchange:decision_revoke", args=[decision.pk])
    assert "未填写理由" in said(office.post(revoke, {"reason": ""}, follow=True))
    assert "请重新判断" in said(office.post(revoke, {"reason": "看错了"}, follow=True))
    assert LinkReview.objects.get(pk=shown.pair.pk).state == "open"
    assert "已撤销" in said(office.get(reverse("exchange:decisions")))


def test_an_empty_answer_changes_nothing(shown, office):
    office.post(reverse("exchange:review_decide", args=[shown.pair.pk]), {})
    assert not LinkDecision.objects.exists()


def test_pairs_are_found_by_name_and_by_unit(shown, office):
    for text, number in (("王玮", 2), ("财政局", 2), ("李某", 0)):
        html = said(office.get(reverse("exchange:reviews"), {"q": text}))
        assert f"共 <strong>{number}</strong>" in html, text


def test_chosen_pairs_are_judged_together(shown, office):
    keys = list(LinkReview.objects.values_list("pk", flat=True))
    told = said(office.post(reverse("exchange:reviews_different"), {"selected": keys}, follow=True))
    assert "已判断 2 对" in told
    assert set(LinkReview.objects.values_list("state", flat=True)) == {"different"}


def test_what_waits_for_an_answer_stands_first(shown, office):
    first, last = UnitAlias.objects.order_by("-support")
    office.post(reverse("exchange:aliases_approve"), {"selected": [first.pk]})
    html = said(office.get(reverse("exchange:aliases")))
    assert html.index(f">{last.text}<") < html.index(f">{first.text}<")
    best, other = LinkReview.objects.order_by("-score")
    office.post(reverse("exchange:review_decide", args=[best.pk]), {"answer": "same"})
    pairs = said(office.get(reverse("exchange:reviews")))
    assert pairs.index(reverse("exchange:review", args=[other.pk])) < pairs.index(
        reverse("exchange:review", args=[best.pk])
    )


def test_names_of_units_are_approved_together_and_one_is_put_right(shown, office):
    keys = [str(pk) for pk in UnitAlias.objects.values_list("pk", flat=True)]
    assert "没有勾选" in said(office.post(reverse("exchange:aliases_approve"), {}, follow=True))
    office.post(reverse("exchange:aliases_approve"), {"selected": keys})
    assert set(UnitAlias.objects.values_list("state", flat=True)) == {"approved"}
    office.post(reverse("exchange:aliases_reject"), {"selected": keys[:1]})
    wrong = UnitAlias.objects.get(pk=keys[0])
    assert wrong.state == AliasState.REJECTED
    unit = shown.hub.cast.township
    office.post(reverse("exchange:alias_unit", args=[wrong.pk]), {"unit": str(unit.pk)})
    right = UnitAlias.objects.get(text=wrong.text, state="approved")
    assert right.organization == unit


def test_a_change_shows_what_each_department_says_and_is_dismissed_with_a_reason(shown, office):
    page = reverse("exchange:change", args=[shown.change.pk])
    html = said(office.get(page))
    for words in ("记为离开", "退休", "不再列入", "hr.csv 第 5 行", "本月没有此人的行", "95%"):
        assert words in html, words
    assert not re.search(r"\b(told|gone|retired)\b", re.sub(r"<[^>]+>", " ", html))
    office.post(reverse("exchange:change_dismiss", args=[shown.change.pk]), {"reason": "借调，未出编"})
    assert Change.objects.get(pk=shown.change.pk).state == "dismissed"
    assert "借调，未出编" in said(office.get(page))


def test_a_change_without_a_matter_to_register_it_says_why(shown, office):
    told = said(office.post(reverse("exchange:change_case", args=[shown.change.pk]), follow=True))
    assert Change.objects.get(pk=shown.change.pk).state == "candidate"
    assert re.search(r"toast|message|alert", told)


def test_the_start_of_a_run_tells_what_is_missing_and_a_run_is_stopped_and_taken_up(shown, office):
    new = reverse("exchange:new_run")
    Source.objects.update(created_at="2025-12-01T00:00:00+08:00")
    assert "逾期未报" in said(office.get(new))
    refused = office.post(new, {"period": "2026-03"})
    assert refused.status_code == 422
    assert "至少两个部门" in said(refused)
    shown.hub.deliver("2026-03", ["establishment", "finance", "hr"])
    assert "缺组织部的报送" in said(office.post(new, {"period": "2026-03"}))
    office.post(new, {"period": "2026-03", "allow_missing": "on"})
    run = Run.objects.latest("pk")
    page = said(office.get(reverse("exchange:run", args=[run.pk])))
    assert "取消核对" in page
    assert "缺少组织部的报送" in page
    office.post(reverse("exchange:run_cancel", args=[run.pk]))
    assert "继续核对" in said(office.get(reverse("exchange:run", args=[run.pk])))
    office.post(reverse("exchange:run_resume", args=[run.pk]))
    assert Run.objects.get(pk=run.pk).state == "waiting"


def test_a_finished_run_tells_its_stages_inputs_and_counts(shown, office):
    Run.objects.filter(pk=shown.run.pk).update(
        stages=[{"name": "links", "title": "人员关联", "seconds": 1.5, "rows": 40}],
        inputs={**shown.run.inputs, "versions": {"duckdb": "2.0.1"}, "rules": "abc"},
    )
    html = said(office.get(reverse("exchange:run", args=[shown.run.pk])))
    for words in ("人员关联", "1.50", "duckdb", "2.0.1", "SHA-256", "领取工资未列编"):
        assert words in html, words
    assert f"kind=ghost_payroll&amp;period={shown.run.period}" in html
