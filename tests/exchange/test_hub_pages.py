"""The pages of the hub: what each shows, to whom, and what they say when there is nothing."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bianzhi.exchange.models import Delivery, Finding, Run, Source
from tests.accounts.people import signed_in
from tests.exchange.shown import PERIOD, Shown, show_hub

pytestmark = pytest.mark.django_db

LISTS = ("findings", "changes", "reviews", "decisions", "aliases", "runs")


@pytest.fixture
def shown(hub) -> Shown:
    return show_hub(hub)


@pytest.fixture
def office(hub) -> Client:
    return signed_in(hub.people.office_clerk)


def text_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url, follow=True)
    assert answer.status_code == status, url
    return answer.content.decode()


def words_of(client: Client, url: str) -> str:
    return re.sub(r"<[^>]+>", "", text_of(client, url))


def pages(shown: Shown) -> list[str]:
    return [
        reverse("exchange:overview"),
        *(reverse(f"exchange:{name}") for name in LISTS),
        reverse("exchange:new_run"),
        reverse("exchange:finding", args=[shown.finding.pk]),
        reverse("exchange:change", args=[shown.change.pk]),
        reverse("exchange:review", args=[shown.pair.pk]),
        reverse("exchange:run", args=[shown.run.pk]),
        reverse("exchange:alias_unit", args=[shown.alias.pk]),
        reverse("exchange:findings_batch"),
    ]


def test_every_page_is_shown_to_the_office_under_one_heading(shown, office):
    for url in pages(shown):
        assert len(re.findall(r"<h1", text_of(office, url))) == 1, url


def test_pages_say_what_to_do_where_there_is_nothing_yet(hub, office):
    assert "还没有核对过" in text_of(office, reverse("exchange:overview"))
    for name in LISTS:
        assert "empty-title" in text_of(office, reverse(f"exchange:{name}")), name
    assert "没有选中差异" in text_of(office, reverse("exchange:findings_batch"))


def test_every_figure_of_the_overview_leads_to_the_rows_it_counts(shown, office):
    html = text_of(office, reverse("exchange:overview"))
    for url in set(re.findall(r'href="(/exchange/findings/\?[^"]+)"', html)):
        assert "没有符合条件" not in text_of(office, url.replace("&amp;", "&")) or "state=proposed" in url, url
    figures = re.findall(r'kpi-label">(.*?)</span>.*?kpi-figure[^>]*>([\d,]+)', html, re.DOTALL)
    assert dict(figures) == {"未了结差异": "2", "待复核": "0", "疑似同一人": "2", "单位别名": "2", "变动待登记": "1"}


def test_the_overview_tells_who_has_delivered_and_who_is_late(shown, office, monkeypatch):
    assert "已接收" in text_of(office, reverse("exchange:overview"))
    Source.objects.update(created_at="2025-12-01T00:00:00+08:00")
    monkeypatch.setenv("BIANZHI_TODAY", "2026-04-20")
    assert "逾期 15 天" in text_of(office, reverse("exchange:overview"))


def test_overview_calendar_and_the_start_of_a_run_tell_the_same_of_who_has_delivered(shown, office):
    Source.objects.update(created_at="2025-12-01T00:00:00+08:00")
    Source.objects.filter(code="hr").update(transport="register")
    Delivery.objects.exclude(source__code="establishment").update(state="rejected")
    shown.hub.deliver(PERIOD, ["finance"], part=2, parts=3)
    Delivery.objects.filter(source__code="hr").update(state="superseded")
    for name in ("overview", "calendar", "new_run"):
        words = words_of(office, reverse(f"exchange:{name}"))
        for said in ("已接收", "部分接收", "共 3 部分，已接收 1 部分", "待报送"):
            assert said in words, (name, said)
        assert "自动取数" not in words


def test_a_liaison_sees_the_own_departments_files_and_figures_of_a_run(shown, office):
    Run.objects.filter(pk=shown.run.pk).update(
        counts={**shown.run.counts, "records": {"finance": 4711, "hr": 815}, "links": {"auto": 90210}},
        stages=[{"name": "links", "title": "人员关联", "seconds": 1.5, "rows": 31337}],
    )
    finance = signed_in(shown.hub.people.liaison_finance)
    overview, run, runs = (
        reverse("exchange:overview"), reverse("exchange:run", args=[shown.run.pk]), reverse("exchange:runs"),
    )  # fmt: skip
    for whole in ("815", "90,210", "31,337", "hr.csv", "姓名不一致"):
        assert whole in text_of(office, run), whole
        assert whole not in text_of(finance, run), whole
    assert "5,526" in text_of(office, overview)
    assert "5,526" in text_of(office, runs)
    for page in (overview, run, runs):
        shown_to_finance = words_of(finance, page)
        assert "4,711" in shown_to_finance
        assert "5,526" not in shown_to_finance
    assert "finance.csv" in text_of(finance, run)
    assert "领取工资未列编" in text_of(finance, run)
    assert re.search(r"发现差异\s*1 项", words_of(finance, overview))
    assert re.search(r"发现差异\s*2 项", words_of(office, overview))


def test_the_runs_of_a_liaison_take_no_more_questions_for_many(shown):
    finance, url = signed_in(shown.hub.people.liaison_finance), reverse("exchange:runs")

    def queries() -> int:
        text_of(finance, url)
        with CaptureQueriesContext(connection) as asked:
            text_of(finance, url)
        return len(asked)

    before = queries()
    shown.hub.run("2026-03")
    assert queries() <= before


def test_the_board_filters_by_class_department_age_and_assignee(shown, office):
    here, there = "领取工资未列编", "姓名不一致"
    both = text_of(office, reverse("exchange:findings"))
    assert here in both
    for query, only in (
        ("kind=ghost_payroll", True),
        ("group=A", True),
        ("owner=finance", True),
        ("severity=red", True),
        ("lane=accuse", True),
        (f"unit={shown.hub.cast.bureau.pk}", True),
        ("age=0&kind=ghost_payroll", True),
        ("assignee=nobody&owner=finance", True),
        (f"period={PERIOD}&q={shown.occupancy.person.name}", True),
        ("kind=name_conflict", False),
        ("age=91", False),
        ("assignee=mine", False),
        ("state=closed", False),
    ):
        rows = text_of(office, f"{reverse('exchange:findings')}?{query}").split("<tbody>")[-1]
        assert (f"/exchange/findings/{shown.finding.pk}/" in rows) is only, (query, there)


def test_the_board_shows_at_first_what_is_not_settled(shown, office):
    board = reverse("exchange:findings")
    assert office.get(board)["Location"] == f"{board}?state=unsettled"
    Finding.objects.filter(pk=shown.finding.pk).update(state="closed")
    assert f"/exchange/findings/{shown.finding.pk}/" not in text_of(office, board)
    assert f"/exchange/findings/{shown.finding.pk}/" in text_of(office, f"{board}?state=")


def test_a_unit_sees_what_was_found_about_it_and_nothing_else(shown):
    client = signed_in(shown.hub.people.clerk)
    html = text_of(client, reverse("exchange:findings"))
    assert f"/exchange/findings/{shown.finding.pk}/" in html
    assert f"/exchange/findings/{shown.of_others.pk}/" not in html
    assert "王玮" in words_of(client, reverse("exchange:finding", args=[shown.finding.pk]))
    text_of(client, reverse("exchange:finding", args=[shown.of_others.pk]), 404)
    for name in ("overview", "reviews", "decisions", "aliases", "runs", "new_run"):
        text_of(client, reverse(f"exchange:{name}"), 403)


def test_another_unit_sees_none_of_it(shown):
    client = signed_in(shown.hub.people.school_clerk)
    assert "没有核对差异" in text_of(client, reverse("exchange:findings"))
    assert "没有识别出变动" in text_of(client, reverse("exchange:changes"))
    text_of(client, reverse("exchange:finding", args=[shown.finding.pk]), 404)
    text_of(client, reverse("exchange:change", args=[shown.change.pk]), 404)


def test_a_liaison_sees_the_findings_and_pairs_of_the_own_department(shown):
    finance, hr, organization = (
        signed_in(shown.hub.people.users[f"liaison_{name}"]) for name in ("finance", "hr", "organization")
    )
    text_of(finance, reverse("exchange:finding", args=[shown.finding.pk]))
    text_of(finance, reverse("exchange:finding", args=[shown.of_others.pk]), 404)
    text_of(hr, reverse("exchange:finding", args=[shown.of_others.pk]))
    text_of(organization, reverse("exchange:finding", args=[shown.finding.pk]), 404)
    text_of(finance, reverse("exchange:review", args=[shown.pair.pk]))
    text_of(hr, reverse("exchange:review", args=[shown.pair.pk]), 404)
    text_of(hr, reverse("exchange:alias_unit", args=[shown.alias.pk]), 403)
    assert "区审计" not in text_of(hr, reverse("exchange:aliases"))
    assert "区审计" in text_of(finance, reverse("exchange:aliases"))


def test_who_only_looks_on_is_offered_no_act_and_refused_each(shown):
    secretary = signed_in(shown.hub.people.secretary)
    html = text_of(secretary, reverse("exchange:finding", args=[shown.finding.pk]))
    assert "act-bar" not in html
    for name, pk in (
        ("finding_act", (shown.finding.pk, "assign")),
        ("finding_settle", (shown.finding.pk,)),
        ("new_run", ()),
        ("findings_batch", ()),
    ):
        text_of(secretary, reverse(f"exchange:{name}", args=pk), 403)
    for name, pk in (
        ("review_decide", (shown.pair.pk,)),
        ("finding_case", (shown.finding.pk,)),
        ("change_dismiss", (shown.change.pk,)),
        ("aliases_approve", ()),
        ("run_cancel", (shown.run.pk,)),
    ):
        assert secretary.post(reverse(f"exchange:{name}", args=pk)).status_code == 403, name


def test_the_menu_counts_what_waits_for_the_reader(shown, office):
    html = text_of(office, reverse("exchange:overview"))
    menu = html[html.index("side-menu") : html.index("<main")]
    for label, count in (("疑似同一人", "2"), ("单位别名", "2"), ("变动识别", "1")):
        assert re.search(rf"{label}.*?count-badge[^>]*>{count}<", menu, re.DOTALL), label


def test_unit_and_person_pages_show_what_was_found_about_them(shown, office):
    unit = f"{reverse('organizations:detail', args=[shown.hub.cast.bureau.pk])}?tab=exchange"
    person = reverse("personnel:person", args=[shown.occupancy.person_id])
    for url in (unit, person):
        assert f"/exchange/findings/{shown.finding.pk}/" in text_of(office, url), url


def test_search_and_calendar_find_a_finding(shown, office):
    name = shown.occupancy.person.name
    assert f"/exchange/findings/{shown.finding.pk}/" in text_of(office, f"/search/?q={name}")
    Finding.objects.filter(pk=shown.finding.pk).update(due_on="2026-03-12")
    assert "差异核实" in text_of(office, "/office/calendar/?month=2026-03")


def test_the_workbench_lists_what_one_was_asked_to_look_into(shown):
    liaison = shown.hub.people.liaison_finance
    assert "差异核实" not in text_of(signed_in(liaison), "/")
    Finding.objects.filter(pk=shown.finding.pk).update(state="assigned", assignee=liaison, due_on="2026-03-01")
    html = text_of(signed_in(liaison), "/")
    assert f"/exchange/findings/{shown.finding.pk}/" in html
    assert "超期 1 天" in html


def test_the_board_asks_as_many_questions_for_many_findings_as_for_one(shown, office):
    def queries() -> int:
        url = f"{reverse('exchange:findings')}?state=unsettled"
        text_of(office, url)
        with CaptureQueriesContext(connection) as asked:
            text_of(office, url)
        return len(asked)

    before = queries()
    hub = shown.hub
    members = [hub.cast.member(hub.cast.audit_office) for _ in range(3)]
    hub.run("2026-03", findings=[hub.finding(each, kind="unpaid") for each in members])
    assert queries() <= before


def test_an_export_holds_the_filtered_rows_and_no_whole_number(shown, office):
    answer = office.get(reverse("exchange:findings"), {"kind": "ghost_payroll", "export": "csv"})
    sheet = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = sheet.decode("utf-8-sig")
    assert "领取工资未列编" in text
    assert "姓名不一致" not in text
    assert shown.occupancy.person.id_number not in text
