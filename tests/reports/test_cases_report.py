"""T16: cases by matter and by office, for whom, and where the figures lead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.kernel import clock
from bianzhi.matters.services.feedback import give_feedback
from bianzhi.reports.definitions.base import Query, Row, RowKind, Table
from bianzhi.reports.definitions.registry import REPORTS
from bianzhi.supervision.models import Colour
from bianzhi.supervision.services.cards import raise_card
from tests.accounts.people import CONSOLE
from tests.cast import TODAY
from tests.matters.people import People
from tests.matters.test_exit_case import resignation
from tests.reports.conftest import signed_in
from tests.reports.test_sheets import agree

MATTERS = ("P05",)
pytestmark = pytest.mark.django_db


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> date:
    """When the cases of these tests are sent in: the moment of sending is the real one."""
    day = clock.now().date()
    monkeypatch.setenv("BIANZHI_TODAY", day.isoformat())
    return day


@pytest.fixture
def lived(today: date, matters: People) -> People:
    """Three cases of 财政局: one done and rated, one refused, one waiting (with a yellow card) for the office."""
    done, refused, waiting = (
        matters.apply("P05", resignation(matters.cast.member(matters.cast.bureau))) for _ in range(3)
    )
    matters.pass_on(done, matters.head, matters.office_clerk, matters.deputy, matters.director)
    give_feedback(actor=matters.clerk, case_id=done.pk, score=2, comment="等候太久", today=TODAY)
    matters.pass_on(refused, matters.head, matters.office_clerk)
    matters.decide(refused, matters.deputy, "disagree", "材料不实")
    matters.agree(waiting, matters.head)
    task = matters.task(waiting, matters.office_clerk)
    assert task.due_on is not None
    raise_card(actor=CONSOLE, today=task.due_on + timedelta(days=7), task_id=task.pk, colour=Colour.YELLOW)
    return matters


def asked(user: User, day: date, scope: frozenset[int] | None = None, **choices: str) -> Table:
    return REPORTS["t16"].build(Query(user, day, day, scope, choices))


def detail(table: Table) -> list[Row]:
    return [row for row in table.rows if row.kind is RowKind.DETAIL]


def values(row: Row, *keys: str) -> list[Any]:
    return [row.values[key] for key in keys]


def test_a_matter_is_a_row_of_what_came_of_its_cases(lived: People, now: date):
    table = asked(lived.director, now)
    (row,) = detail(table)
    assert values(row, "code", "received", "decided", "refused", "withdrawn", "running") == ["P05", 3, 2, 1, 0, 1]
    assert values(row, "in_time", "rate", "late", "average") == [2, Fraction(1), 0, Decimal("0.0")]
    assert values(row, "yellow", "red", "satisfied") == [1, 0, Fraction(0)]
    assert values(table.totals[0], "title", "received", "rate", "average") == ["合计", 3, Fraction(1), Decimal("0.0")]


def test_an_office_is_a_row_of_what_it_did_and_what_waits(lived: People, now: date):
    rows = {row.values["title"]: row for row in detail(asked(lived.director, now, rows="office"))}
    assert values(rows["编办经办"], "done", "waiting", "yellow") == [2, 1, 1]
    assert values(rows["编办主任"], "done", "waiting", "yellow") == [1, 0, 0]
    assert next(iter(rows)) == "单位负责人"


def test_another_period_another_unit_and_another_reader_have_other_figures(lived: People, now: date):
    last_month = (now.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    assert detail(asked(lived.director, now, period=last_month)) == []
    assert detail(asked(lived.director, now, unit=str(lived.cast.school.pk))) == []
    assert len(detail(asked(lived.director, now, unit=str(lived.cast.bureau.pk)))) == 1
    assert detail(asked(lived.outsider, now)) == []
    assert values(asked(lived.outsider, now).totals[0], "rate", "average") == [None, None]


def rows_of(html: str) -> int:
    return len(re.findall(r"<tr", html.split("<tbody>", 1)[1].split("</tbody>", 1)[0])) if "<tbody>" in html else 0


def test_each_figure_leads_to_exactly_its_cases(lived: People, now: date):
    client = signed_in(lived.director)
    (row,) = detail(asked(lived.director, now, unit=str(lived.cast.bureau.pk)))
    for key, target in row.links.items():
        assert rows_of(client.get(target).content.decode()) == row.values[key], key


def test_the_report_is_shown_printed_and_exported(lived: People, now: date):
    client = signed_in(lived.director)
    page = client.get(reverse("reports:report", args=["t16"])).content.decode()
    assert "平均用时" in page
    assert "100.0%" in page
    assert "T16" in client.get(reverse("reports:index")).content.decode()
    assert client.get(reverse("reports:print", args=["t16"])).status_code == 200
    assert "单位：件、工作日" in page
    agree(client, "t16")


def test_whoever_sees_no_cases_sees_no_such_report(lived: People, now: date):
    client = signed_in(lived.system_admin)
    assert client.get(reverse("reports:report", args=["t16"])).status_code == 403


def queries_of(client: Client, url: str, counter: Any) -> int:
    with counter(200) as captured:
        client.get(url)
    return len(captured)


def test_the_report_costs_the_same_for_many_cases(lived: People, now: date, django_assert_max_num_queries):
    client, url = signed_in(lived.director), reverse("reports:report", args=["t16"])
    queries_of(client, url, django_assert_max_num_queries)
    few = queries_of(client, url, django_assert_max_num_queries)
    for _ in range(4):
        lived.apply("P05", resignation(lived.cast.member(lived.cast.bureau)))
    assert queries_of(client, url, django_assert_max_num_queries) <= few


def test_links_without_a_unit_are_of_all_units(lived: People, now: date):
    (row,) = detail(asked(lived.director, now))
    links: Mapping[str, str] = row.links
    assert "unit=" not in links["received"]
    assert f"submitted_to={now.isoformat()}" in links["received"]
