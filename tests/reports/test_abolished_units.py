"""Reports of a period narrowed to a unit keep what was abolished in it: where it hung last, by its last name."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from bianzhi.accounts.models import User
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.units import subtree_on
from bianzhi.personnel.services.reorganizations import Decree, merge
from bianzhi.reports.definitions.base import Query, Table
from bianzhi.reports.definitions.choices import narrowed
from bianzhi.reports.definitions.t08 import REPORT
from bianzhi.reports.selectors.units import Units
from tests.cast import FOUNDED, TODAY, Cast, _allot, make_unit
from tests.reports.conftest import user_with

LAST_YEAR = date(2025, 12, 31)


@pytest.fixture
def department(cast: Cast) -> Organization:
    """A department with two units below it: one of three people, merged today into one of two."""

    def unit(code: str, name: str, **facts: Any) -> Organization:
        facts = {"org_type": "31", "rank": "141", **facts}
        return make_unit(actor=cast.office, code=code, name=name, document=cast.document, **facts)

    above = unit("T050", "测试区建设局")
    for code, name, people in (("T051", "测试区房管处", 3), ("T052", "测试区园林处", 2)):
        below = unit(code, name, parent=above)
        _allot(cast, below, {"A1": 5})
        cast.fill(below, "A1", people, on=date(2024, 5, 6))
    source, target = Organization.objects.get(code="T051"), Organization.objects.get(code="T052")
    decree = Decree(cast.upper_document, TODAY)
    merge(actor=cast.office, today=TODAY, decree=decree, source_ids=[source.pk], target=target.pk)
    return above


def flows(user: User, period: str, unit: Organization) -> Table:
    return REPORT.build(Query(user, TODAY, TODAY, None, {"period": period, "unit": str(unit.pk)}))


@pytest.fixture
def clerk(cast: Cast) -> User:
    return user_with("office_clerk")


def test_the_year_opens_as_the_year_before_closed(department: Organization, clerk: User):
    (before,), (now,) = (flows(clerk, period, department).totals for period in ("2025", "2026"))
    assert (before.values["closing"], now.values["opening"], now.values["closing"]) == (5, 5, 5)
    assert now.values["came"] == now.values["left"] == 3


def test_the_unit_that_ended_is_named_as_it_was_called_last(department: Organization, clerk: User):
    table = flows(clerk, "2026", department)
    assert "测试区房管处" in {row.values["unit"] for row in table.rows}
    ended = Organization.objects.get(code="T051")
    (total,) = flows(clerk, "2026", ended).totals
    assert (total.values["opening"], total.values["closing"]) == (3, 0)


def test_the_sheet_of_a_unit_that_ended_is_headed_by_its_name(department: Organization, office: Client):
    ended = Organization.objects.get(code="T051")
    page = office.get(f"/reports/t08/?unit={ended.pk}&period=2026").content.decode()
    assert "没有可查看的单位" not in page
    assert "测试区房管处" in page


def test_a_reader_sees_no_more_of_it_than_before(department: Organization, clerk: User):
    ended = Organization.objects.get(code="T051")
    asked = {"unit": str(department.pk)}
    units = Units.on(TODAY)
    assert ended.pk in (narrowed(Query(clerk, TODAY, TODAY, None, asked), units) or ())
    assert narrowed(Query(clerk, TODAY, TODAY, frozenset({department.pk}), asked), units) == frozenset({department.pk})


def test_what_has_not_begun_is_nowhere(department: Organization, cast: Cast):
    assert len(subtree_on(department.pk, LAST_YEAR)) == 3
    assert subtree_on(department.pk, date(FOUNDED.year - 1, 1, 1)) == set()
    assert subtree_on(10**30, TODAY) == set()
