"""Figures, trend, ages, posts and flows of the cast, counted by hand; each in a constant number of queries."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bianzhi.personnel.services.reorganizations import Decree, merge
from bianzhi.reports.selectors.activity import latest
from bianzhi.reports.selectors.ages import age_structure
from bianzhi.reports.selectors.figures import quota_figures
from bianzhi.reports.selectors.flows import period_flows
from bianzhi.reports.selectors.overview import overview
from bianzhi.reports.selectors.roster import roster
from bianzhi.reports.selectors.tasks import tasks
from bianzhi.reports.selectors.trend import trend
from bianzhi.reports.selectors.units import Units
from tests.cast import FOUNDED, TODAY, Cast, seat

ONE_DAY = timedelta(days=1)


def queries(function) -> int:
    with CaptureQueriesContext(connection) as found:
        function()
    return len(found)


def test_vacancies_and_one_too_many_stand_side_by_side(cast: Cast):
    for _ in range(3):
        seat(cast, cast.bureau, "C1", over_quota=True)
    cast.fill(cast.bureau, "A1", 4)
    figures = quota_figures({cast.bureau.pk}, TODAY)
    assert figures.total.vacant == 6
    assert figures.total.over == 1
    assert figures.over_units() == {cast.bureau.pk: 1}


def test_figures_begin_on_the_day_and_not_the_day_before(cast: Cast):
    cast.fill(cast.bureau, "A1", 2)
    assert quota_figures(None, TODAY - ONE_DAY).of(cast.bureau.pk, "A1").occupied == 0
    assert quota_figures(None, TODAY).of(cast.bureau.pk, "A1").occupied == 2
    assert quota_figures(None, FOUNDED - ONE_DAY).total.approved == 0
    assert quota_figures(None, FOUNDED).total.approved == 10 + 2 + 4 + 20 + 3 + 6


def test_filed_headcount_and_the_non_quota_cap_are_no_quota(cast: Cast):
    assert {code for _, code in quota_figures(None, TODAY).cells} == {"A1", "C1", "B5", "D1"}


def test_the_trend_ends_with_the_figures_of_the_day(cast: Cast):
    cast.fill(cast.bureau, "A1", 3, on=date(2026, 1, 15))
    stayed, gone, _ = cast.fill(cast.school, "B5", 3, on=date(2026, 2, 2))
    cast.leave(gone, on=date(2026, 2, 20), today=date(2026, 2, 20))
    found = trend(None, TODAY, months=4)
    assert found.days == (date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), TODAY)
    assert found.occupied == (0, 3, 5, 5)
    assert found.approved == (45, 45, 45, 45)
    assert trend({cast.school.pk}, TODAY, months=2).occupied == (2, 2)
    assert stayed.pk


def test_ten_years_cost_no_more_queries_than_one_month(cast: Cast):
    cast.fill(cast.bureau, "A1", 2)
    assert queries(lambda: trend(None, TODAY, months=120)) == queries(lambda: trend(None, TODAY, months=2)) == 3


def test_ages_are_those_of_the_day_and_by_the_certified_birth(cast: Cast):
    seat(cast, cast.school, "B5", cast.facts(born=date(2000, 3, 3)))
    certified = cast.facts(born=date(1966, 1, 1), certified_born_on=date(1965, 6, 1), identity_certified=True)
    seat(cast, cast.school, "B5", certified)
    found = dict(age_structure(None, TODAY))
    assert found["25岁及以下"] == 1
    assert found["60岁及以上"] == 1
    assert sum(found.values()) == 2
    assert dict(age_structure(None, TODAY + ONE_DAY))["26—30岁"] == 1
    assert sum(count for _, count in age_structure({cast.bureau.pk}, TODAY)) == 0


def test_a_year_balances_for_each_unit_and_type(cast: Cast):
    leaver, mover, _ = cast.fill(cast.bureau, "A1", 3, on=date(2025, 11, 3))
    cast.fill(cast.school, "B5", 2, on=date(2026, 1, 5))
    cast.leave(leaver, "O07", on=date(2026, 1, 20), today=date(2026, 1, 20))
    slot = cast.approve(cast.audit_office, "A1", entry_mode="I06", today=date(2026, 2, 2)).slots[0]
    cast.transfer(mover, slot, on=date(2026, 2, 2), today=date(2026, 2, 2))
    found = period_flows(None, date(2026, 1, 1), TODAY)
    assert all(flow.is_balanced for flow in found.values())
    bureau = found[cast.bureau.pk, "A1"]
    assert (bureau.opening, bureau.closing) == (3, 1)
    assert bureau.outs == {"resigned": 1, "within": 1}
    assert found[cast.audit_office.pk, "A1"].ins == {"within": 1}
    assert found[cast.school.pk, "B5"].ins == {"recruited": 2}


def test_flows_of_a_scope_leave_out_other_units(cast: Cast):
    cast.fill(cast.bureau, "A1", 1)
    cast.fill(cast.school, "B5", 1)
    assert set(period_flows({cast.bureau.pk}, date(2026, 1, 1), TODAY)) == {(cast.bureau.pk, "A1")}


def test_the_roster_keeps_the_order_of_units_and_reads_only_its_window(cast: Cast):
    cast.fill(cast.school, "B5", 2)
    cast.fill(cast.bureau, "A1", 2)
    found = roster(None, TODAY, Units.on(TODAY))
    assert [line.occupancy.organization_id for line in found.lines()] == [cast.bureau.pk] * 2 + [cast.school.pk] * 2
    assert [line.occupancy.pk for line in found.lines((1, 2))] == list(found.ids[1:3])


def test_tasks_are_those_of_the_scope_with_the_late_ones_first(cast: Cast):
    cast.approve(cast.bureau, "A1", 2, valid_until=TODAY + timedelta(days=5))
    overdue = seat(cast, cast.bureau, "A1", cast.facts(born=date(1965, 1, 10)))
    soon = seat(cast, cast.school, "B5", cast.facts(born=date(1966, 1, 10)))
    everything = tasks(None, TODAY, Units.on(TODAY))
    assert everything[0].person_id == overdue.person_id
    assert everything[0].is_late
    assert {task.person_id for task in everything if task.person_id} <= {overdue.person_id, soon.person_id}
    own = tasks({cast.bureau.pk}, TODAY, Units.on(TODAY))
    assert {task.organization_id for task in own} == {cast.bureau.pk}
    assert any(task.approval_id and "2 个名额" in task.title for task in own)


@pytest.mark.parametrize("people", [1, 6])
def test_the_overview_costs_the_same_however_many_people_there_are(cast: Cast, people):
    cast.fill(cast.bureau, "A1", people)
    cast.fill(cast.school, "B5", people)
    assert queries(lambda: overview(None, TODAY, months=120)) == 14


def test_activity_is_that_of_the_scope_up_to_the_day(cast: Cast):
    cast.fill(cast.bureau, "A1", 1)
    cast.fill(cast.school, "B5", 1)
    units = Units.on(TODAY)
    own = latest({cast.school.pk}, TODAY, units, limit=8, with_names=False)
    assert {act.kind for act in own} == {"入编", "设立核编"}
    assert [act.text for act in own if act.movement_id] == ["测试区第一小学1 人公开招聘"]
    before = latest(None, TODAY - ONE_DAY, units, limit=8, with_names=True)
    assert before
    assert not any(act.movement_id for act in before)


def test_activity_names_a_unit_that_has_ended_since(cast: Cast):
    cast.fill(cast.audit_office, "A1", 1, on=date(2024, 5, 6))
    decree = Decree(cast.upper_document, TODAY)
    merge(actor=cast.office, today=TODAY, decree=decree, source_ids=[cast.audit_office.pk], target=cast.bureau.pk)
    acts = latest(None, TODAY, Units.on(TODAY), limit=8, with_names=False)
    assert "1 人由测试区审计局到测试区财政局" in [act.text for act in acts]
