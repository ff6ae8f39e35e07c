"""Workbench, tasks, warnings and reports in the browser: scope in every figure, links, days, and what is refused."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bianzhi.audit.actors import System
from bianzhi.common.models import Job
from bianzhi.reports.definitions.base import Query
from bianzhi.reports.definitions.registry import REPORTS
from bianzhi.reports.models import StandingWarning
from bianzhi.reports.services.warnings import compute_warnings
from tests.cast import TODAY, Cast, Limited, seat
from tests.reports.conftest import signed_in, user_with

PAGES = ["/", "/tasks/", "/warnings/", "/reports/", *(f"/reports/{slug}/" for slug in REPORTS)]


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def kpis(html: str) -> list[str]:
    return [re.sub(r"<[^>]+>", " ", each).split()[0] for each in re.findall(r"kpi-figure[^>]*>(.*?)</span>", html)]


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """People in four units: one too many on C1 of 财政局, somebody past retirement in 第一小学."""
    cast.fill(cast.bureau, "A1", 3)
    cast.fill(cast.audit_office, "A1", 4)
    for _ in range(3):
        seat(cast, cast.bureau, "C1", over_quota=True)
    seat(cast, cast.school, "B5", cast.facts("李到龄", born=date(1965, 1, 10)))
    compute_warnings(actor=System("每日预警"), today=TODAY)
    return cast


def test_every_page_is_shown_to_the_office_under_one_heading(busy: Cast, office: Client):
    for url in PAGES:
        assert len(re.findall(r"<h1", text_of(office, url))) == 1, url


def test_the_workbench_never_nets_vacant_and_over(busy: Cast, office: Client):
    # Approved 45; 3 + 4 + 3 + 1 people; vacant 7 A1 + 0 C1 + 19 B5 + 3 D1 + 6 A1, one too many on C1.
    assert kpis(text_of(office, "/")) == ["45", "11", "35", "1", "4"]


def test_a_unit_clerk_sees_its_own_unit_on_the_workbench(busy: Cast, bureau_clerk: Client):
    html = text_of(bureau_clerk, "/")
    assert kpis(html) == ["12", "6", "7", "1", "1"]
    assert "测试区财政局" in html
    assert "测试区审计局" not in html
    assert "测试区第一小学" not in html
    assert "本单位编制" in html


def test_no_page_names_another_unit_to_a_unit_clerk(busy: Cast, bureau_clerk: Client):
    for url in PAGES:
        html = text_of(bureau_clerk, url)
        for name in ("测试区审计局", "测试区第一小学", "测试区测试镇", "李到龄"):
            assert name not in html, (url, name)


def test_asking_for_another_unit_shows_nothing_and_says_so(busy: Cast, bureau_clerk: Client):
    for slug in REPORTS:
        html = text_of(bureau_clerk, f"/reports/{slug}/?unit={busy.school.pk}")
        assert "不在您的管理范围内" in html
        assert "测试区第一小学" not in html
        assert "共 <strong>0</strong> 行" in html


def test_a_report_of_a_past_day_shows_the_figures_of_that_day(busy: Cast, office: Client):
    before = TODAY - timedelta(days=1)
    assert "测试区审计局" not in text_of(office, f"/reports/t01/?date={before}")
    assert "测试区审计局" in text_of(office, "/reports/t01/")
    html = text_of(office, f"/reports/t03/?date={before}")
    assert f"?unit={busy.bureau.pk}&amp;date={before}" in html


def test_figures_lead_to_the_people_counted(busy: Cast, office: Client):
    html = text_of(office, f"/reports/t10/?unit={busy.bureau.pk}&show=over")
    link = f'href="/reports/t01/?unit={busy.bureau.pk}&amp;quota_type=C1">3</a>'
    assert link in html
    roster = text_of(office, f"/reports/t01/?unit={busy.bureau.pk}&quota_type=C1")
    assert "共 <strong>3</strong> 行" in roster


def test_id_numbers_are_masked_on_the_screen_and_on_paper(busy: Cast, office: Client):
    for url in ("/reports/t01/", "/reports/t01/print/"):
        html = text_of(office, url)
        assert "330699***********" in html
        assert not re.search(r"330699\d{11}[\dX]", html)


def test_names_of_the_forecast_need_the_permission_to_see_people(busy: Cast, office: Client):
    assert "李到龄" in text_of(office, "/reports/t12/?rows=names")
    counts_only = Query(Limited(frozenset({"reports.view"})), TODAY, TODAY, None, {"rows": "names"})
    table = REPORTS["t12"].build(counts_only)
    assert "name" not in {column.key for column in table.columns}
    assert not any("李到龄" in map(str, row.values.values()) for row in table.rows)


def test_paper_has_head_signatures_and_totals(busy: Cast, office: Client):
    html = text_of(office, "/reports/t03/print/")
    for words in ("单位名称：", f"截止日期：{TODAY}", "制表人：测试用户", "审核人：", "合计", "sheet-a3"):
        assert words in html
    assert '<a href="/reports/t01' not in html


def test_tables_have_captions_scopes_and_reachable_scrolling(busy: Cast, office: Client):
    region = 'class="table-scroll" tabindex="0" role="region" aria-label="'
    for url in PAGES:
        html = text_of(office, url)
        assert html.count("<table") == html.count("<caption")
        assert all('scope="' in head for head in re.findall(r"<th(?: [^>]*)?>", html)), url
        assert html.count('class="table-scroll"') == html.count(region)
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), url
        assert "<style" not in html
        assert "onclick" not in html


def test_the_warnings_badge_counts_the_red_ones_of_the_scope(busy: Cast, office: Client, bureau_clerk: Client):
    red = StandingWarning.objects.open().filter(level="red")
    own = red.filter(organization=busy.bureau)
    assert 0 < own.count() < red.count()
    assert f'count-badge">{red.count()}<' in text_of(office, "/reports/")
    assert f'count-badge">{own.count()}<' in text_of(bureau_clerk, "/reports/")


def test_a_warning_shows_its_rule_and_next_step(busy: Cast, office: Client, bureau_clerk: Client):
    own = StandingWarning.objects.get(code="W01")
    html = text_of(bureau_clerk, f"/warnings/{own.pk}/")
    assert own.kind.rule in html
    assert own.kind.next_step in html
    other = StandingWarning.objects.filter(organization=busy.school).first()
    assert other is not None
    assert bureau_clerk.get(f"/warnings/{other.pk}/").status_code == 404
    assert office.get(f"/warnings/{other.pk}/").status_code == 200


def test_resolved_warnings_stand_on_their_own_list(busy: Cast, office: Client):
    StandingWarning.objects.filter(code="W01").update(resolved_on=TODAY)
    assert "超编 1 名" not in text_of(office, "/warnings/?code=W01")
    assert "超编 1 名" in text_of(office, "/warnings/?code=W01&resolved=1")
    assert "超编 1 名" not in text_of(office, f"/warnings/?code=W01&date={TODAY - timedelta(days=1)}")


def test_computing_now_is_a_job_for_those_who_may(busy: Cast, office: Client, bureau_clerk: Client):
    assert bureau_clerk.post("/warnings/compute/").status_code == 403
    answer = office.post("/warnings/compute/")
    job = Job.objects.get(kind="reports.compute_warnings")
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/{job.pk}/")


def test_an_administrator_gets_a_start_page_without_figures(busy: Cast):
    html = text_of(signed_in(user_with("system_admin")), "/")
    assert "您的账号不查看编制数据" in html
    assert "核定编制" not in html


@pytest.mark.parametrize("url", ["/reports/t99/", "/reports/t03/?export=pdf"])
def test_what_there_is_not_is_said(busy: Cast, office: Client, url):
    assert office.get(url).status_code in (400, 404)


def test_pages_cost_the_same_however_many_people_there_are(busy: Cast, office: Client):
    def costs() -> dict[str, int]:
        found = {}
        for url in ("/", "/tasks/", "/warnings/", *(f"/reports/{slug}/" for slug in REPORTS)):
            with CaptureQueriesContext(connection) as captured:
                text_of(office, url)
            found[url] = len(captured)
        return found

    text_of(office, "/")
    few = costs()
    busy.fill(busy.township, "A1", 5)
    for _ in range(4):
        seat(busy, busy.school, "B5", busy.facts(born=date(1965, 1, 10)))
    compute_warnings(actor=System("每日预警"), today=TODAY)
    assert costs() == few
