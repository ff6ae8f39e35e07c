"""T15: differences by class and owner, how old they are, for whom, and where the figures lead."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from bianzhi.exchange.models import Finding
from bianzhi.exchange.services.findings import propose_finding, settle_finding
from bianzhi.reports.definitions.base import Query, RowKind
from bianzhi.reports.definitions.registry import REPORTS
from tests.accounts.people import signed_in
from tests.cast import TODAY
from tests.exchange.hub import Hub, assemble_hub
from tests.matters.people import People

pytestmark = pytest.mark.django_db


@pytest.fixture
def hub(people: People, tmp_path: Path) -> Hub:
    """Three ghosts of two months, one of them confirmed, and a name written differently at 审计局."""
    made = assemble_hub(people, tmp_path)
    ghosts = made.cast.fill(made.cast.bureau, "A1", 3)
    other = made.cast.member(made.cast.audit_office)
    listed = [made.finding(each) for each in ghosts]
    name = made.finding(
        other, "name_conflict", "review", owner="hr", sources=",hr,", unit="测试区审计局", rows=[made.row(other, "hr")]
    )
    replace(made, today=TODAY - timedelta(days=40)).run("2026-01", findings=[*listed[:2], name])
    made.run("2026-02", findings=[*listed, name])
    first = Finding.objects.order_by("pk")[0]
    propose_finding(actor=people.office_clerk, finding_id=first.pk, verdict="confirm", reason="属实")
    settle_finding(actor=people.deputy, finding_id=first.pk, agree=True, today=TODAY)
    return made


def asked(user, day=TODAY, **choices):
    table = REPORTS["t15"].build(Query(user, day, TODAY, None, choices))
    return [row for row in table.rows if row.kind is RowKind.DETAIL], table.totals[0]


def figures(row, *keys):
    return [row.values[key] for key in keys]


def test_a_class_of_an_owner_is_a_row_with_its_ages(hub):
    (ghosts, names), total = asked(hub.people.director)
    assert figures(ghosts, "group", "kind", "owner") == ["A", "领取工资未列编", "财政局"]
    assert figures(ghosts, "total", "accuse", "confirmed", "age_0", "age_31", "age_91") == [3, 3, 1, 1, 2, 0]
    assert figures(ghosts, "average", "oldest") == [Decimal("26.7"), 40]
    assert figures(names, "group", "owner", "total", "accuse") == ["C", "人社局", 1, 0]
    assert figures(total, "kind", "total", "accuse", "confirmed", "oldest") == ["合计", 4, 3, 1, 40]


def test_what_is_settled_is_counted_until_the_day_it_was(hub):
    Finding.objects.filter(kind="name_conflict").update(state="closed", closed_on=TODAY)
    rows, _ = asked(hub.people.director)
    assert [row.values["group"] for row in rows] == ["A"]
    rows, total = asked(hub.people.director, TODAY - timedelta(days=1))
    assert figures(total, "total", "oldest") == [3, 39]
    assert [row.links for row in rows] == [{}, {}], "lists show today"


def test_it_narrows_to_a_department_and_to_a_unit(hub):
    rows, _ = asked(hub.people.director, owner="hr")
    assert [row.values["owner"] for row in rows] == ["人社局"]
    rows, _ = asked(hub.people.director, unit=str(hub.cast.audit_office.pk))
    assert [row.values["kind"] for row in rows] == ["姓名不一致"]


def test_each_reader_counts_what_is_theirs(hub):
    assert asked(hub.people.clerk)[1].values["total"] == 3, "the clerk of 财政局"
    assert asked(hub.people.outsider)[1].values["total"] == 1, "the clerk of 审计局"
    assert asked(hub.people.liaison_hr)[1].values["total"] == 1
    assert asked(hub.people.liaison_finance)[1].values["total"] == 3


def test_no_findings_no_average(people):
    rows, total = asked(people.director)
    assert rows == []
    assert figures(total, "total", "average", "oldest") == [0, None, None]


def test_figures_lead_to_the_list_of_exactly_these(hub, today):
    (ghosts, _), _ = asked(hub.people.director)
    page = signed_in(hub.people.director).get(ghosts.links["age_31"]).content.decode()
    old = Finding.objects.filter(kind="ghost_payroll", found_on__lt=TODAY)
    assert set(re.findall(r"/exchange/findings/(\d+)/", page)) == {str(row.pk) for row in old}


def test_the_report_is_a_page_and_a_sheet(hub, today):
    client: Client = signed_in(hub.people.liaison_finance)
    page = client.get("/reports/t15/").content.decode()
    assert "T15 四方核对差异表" in page
    assert "领取工资未列编" in page
    assert client.get("/reports/t15/?unit=999").status_code == 200


def test_administrators_do_not_see_it(hub, today):
    assert signed_in(hub.people.security_admin).get("/reports/t15/").status_code == 403
