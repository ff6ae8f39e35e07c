"""Reads by day and by scope: figures, retirements, persons as they were, persons one may see."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bianzhi.kernel.retirement import RetirementCategory, YearMonth
from bianzhi.ledger.services import allot
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.personnel.models import Engagement, Person, Secondment
from bianzhi.personnel.selectors.owed_exits import owed_exits
from bianzhi.personnel.selectors.past_persons import as_on
from bianzhi.personnel.selectors.quota_use import NO_USE, QuotaUse, headroom, post_use, quota_use
from bianzhi.personnel.selectors.retirements import (
    category_of,
    leaving_by,
    retirement_month,
    upcoming_retirements,
)
from bianzhi.personnel.services.persons import ChangeBasis, change_locked_fields, change_soft_fields, new_person
from tests.cast import FOUNDED, TODAY

NOVEMBER = date(2026, 11, 2)
CERTIFIED = {"certified_born_on": date(1965, 12, 1), "identity_certified": True}


def test_vacant_and_over_are_never_netted():
    full = QuotaUse(approved=5, occupied=7, reserved=1)
    assert (full.vacant, full.over, full.available) == (0, 2, -3)
    assert full + QuotaUse(3, 1, 0) == QuotaUse(8, 8, 1)


def test_the_figures_of_every_unit_cost_four_queries_however_many_units_there_are(cast):
    cast.member(cast.bureau)
    cast.member(cast.school, "B5")
    with CaptureQueriesContext(
        connection,
    ) as one:
        quota_use([cast.bureau.pk], TODAY)
    with CaptureQueriesContext(connection) as all_of_them:
        found = quota_use(None, TODAY)
    assert len(one) == len(all_of_them) == 4
    assert found[cast.school.pk, "B5"] == QuotaUse(20, 1, 0)
    assert "org_chief" not in {measure for _, measure in found}
    assert found.get((cast.bureau.pk, "B5"), NO_USE) == NO_USE
    assert post_use(None, TODAY)[cast.bureau.pk, "org_chief"] == QuotaUse(1, 0, 0)


def test_figures_of_a_past_day_are_those_of_that_day(cast):
    member = cast.member(cast.bureau, on=date(2024, 5, 6))
    allot(actor=cast.office, basis=cast.basis(date(2025, 1, 1)), organization_id=cast.bureau.pk, amounts={"A1": 2})
    cast.leave(member, on=date(2025, 6, 30), today=date(2025, 7, 1))
    key = (cast.bureau.pk, "A1")
    assert [quota_use([cast.bureau.pk], day)[key] for day in (FOUNDED, date(2024, 5, 6), date(2025, 6, 30), TODAY)] == [
        QuotaUse(10, 0, 0), QuotaUse(10, 1, 0), QuotaUse(12, 1, 0), QuotaUse(12, 0, 0),
    ]  # fmt: skip


def test_a_decision_is_judged_by_the_worst_day_to_come(cast):
    from bianzhi.ledger.services import reduce

    leaving = cast.member(cast.audit_office, on=date(2024, 5, 6), facts=cast.facts(born=date(1966, 2, 3)))
    cast.leave(leaving, "O01", on=date(2026, 6, 3), today=TODAY)
    reduce(
        actor=cast.office, basis=cast.basis(date(2026, 12, 1)), organization_id=cast.audit_office.pk, amounts={"A1": 1}
    )
    assert headroom(cast.audit_office.pk, "A1", TODAY) == QuotaUse(3, 1, 0)
    assert headroom(cast.audit_office.pk, "A1", date(2026, 7, 1)) == QuotaUse(3, 0, 0)
    assert headroom(cast.audit_office.pk, "A1", TODAY, leaving=[leaving.pk]).occupied == 0


@pytest.mark.parametrize(
    ("other", "sex", "born", "month"),
    [
        ({}, "1", date(1966, 2, 3), YearMonth(2026, 6)),
        (CERTIFIED, "1", date(1966, 2, 3), YearMonth(2026, 3)),
        ({"identity": "civil_servant"}, "2", date(1971, 4, 3), YearMonth(2026, 8)),
        ({"identity": "worker"}, "2", date(1975, 3, 3), YearMonth(2025, 5)),
        ({"f60_track": True}, "2", date(1966, 2, 3), YearMonth(2026, 6)),
        ({"retirement_override_on": date(2027, 1, 31)}, "1", date(1966, 2, 3), YearMonth(2027, 1)),
    ],
)  # fmt: skip
def test_the_retirement_month_follows_the_file_the_track_and_an_approved_date(cast, other, sex, born, month):
    person = new_person(cast.facts(sex=sex, born=born, **other))
    assert retirement_month(person) == month


def test_the_track_recorded_wins_over_the_default(cast):
    person = new_person(cast.facts(sex="2", born=date(1975, 3, 3)))
    assert category_of(person) is RetirementCategory.F55
    person.retirement_category = "F50"
    assert category_of(person) is RetirementCategory.F50


def test_who_retires_soon_is_listed_soonest_first(cast):
    soon = cast.member(cast.bureau, facts=cast.facts(born=date(1966, 2, 3)))
    cast.member(cast.bureau, facts=cast.facts(born=date(1990, 2, 3)))
    sooner = cast.member(cast.bureau, facts=cast.facts(born=date(1965, 12, 3)))
    found = upcoming_retirements(TODAY, months=6)
    assert [each.occupancy for each in found] == [sooner, soon]
    assert upcoming_retirements(TODAY, months=6, organization_ids=[cast.school.pk]) == []


def test_a_birth_the_file_certifies_as_earlier_makes_an_exit_overdue_too(cast):
    member = cast.member(cast.bureau, facts=cast.facts(born=date(1986, 2, 3)))
    Person.objects.filter(pk=member.person_id).update(certified_born_on=date(1966, 2, 3), identity_certified=True)
    (late,) = owed_exits(date(2026, 7, 15))
    assert late.occupancy == member


def test_an_exit_is_overdue_ten_working_days_after_the_month_of_retirement(cast):
    member = cast.member(cast.bureau, on=date(2024, 5, 6), facts=cast.facts(born=date(1966, 2, 3)))
    assert owed_exits(date(2026, 7, 14)) == []
    (late,) = owed_exits(date(2026, 7, 15))
    assert (late.occupancy, late.deadline) == (member, date(2026, 7, 14))
    assert owed_exits(date(2026, 7, 15), [cast.school.pk]) == []
    cast.leave(member, "O01", on=date(2026, 6, 3), today=date(2026, 7, 15))
    assert owed_exits(date(2026, 7, 16)) == []


def test_a_person_is_shown_as_of_a_day(cast):
    member = cast.member(cast.bureau, on=date(2024, 5, 6), facts=cast.facts("旧名", identity="worker"))
    basis = ChangeBasis(cast.document, date(2025, 1, 1), "更名")
    change_locked_fields(actor=cast.clerk, person_id=member.person_id, changes={"name": "新名"}, basis=basis)
    basis = ChangeBasis(cast.document, date(2026, 1, 1), "再更名")
    changes = {"name": "新新名", "started_work_on": date(2012, 7, 1), "f60_track": True}
    change_locked_fields(actor=cast.clerk, person_id=member.person_id, changes=changes, basis=basis)
    change_soft_fields(actor=cast.clerk, today=TODAY, person_id=member.person_id, changes={"politics": "01"})

    def shown(day):
        (person,) = as_on([Person.objects.get()], day)
        return person.name, person.started_work_on, person.f60_track, person.politics

    assert shown(date(2024, 12, 31)) == ("旧名", None, False, "")
    assert shown(date(2025, 1, 1)) == ("新名", None, False, "")
    assert shown(date(2026, 1, 1)) == ("新新名", date(2012, 7, 1), True, "")
    assert shown(TODAY) == ("新新名", date(2012, 7, 1), True, "01")


class Scoped:
    """Sees some units only."""

    def __init__(self, *organizations):
        self.roots = [(each.pk, False) for each in organizations]

    def sees_everything(self):
        return False

    def scope_roots(self):
        return self.roots


def test_a_unit_sees_its_people_and_those_it_borrows_and_no_others(cast):
    own = cast.member(cast.bureau, on=date(2024, 5, 6)).person
    gone = cast.member(cast.bureau, on=date(2024, 5, 6))
    cast.leave(gone, on=date(2025, 5, 6), today=date(2025, 5, 6))
    moved = cast.member(cast.bureau, on=date(2024, 5, 6))
    cast.transfer(moved, cast.approve(cast.audit_office, entry_mode="I06").slots[0])
    stranger = cast.member(cast.school, "B5").person
    borrowed = cast.member(cast.township, on=date(2024, 5, 6)).person
    Secondment.objects.create(
        person=borrowed, mode="B01", to_organization=cast.bureau, valid_from=FOUNDED, planned_until=TODAY,
        document=cast.document,
    )  # fmt: skip
    helper = new_person(cast.facts())
    helper.save()
    Engagement.objects.create(
        person=helper, organization=cast.bureau, kind="E2", valid_from=FOUNDED, document=cast.document
    )
    seen = set(Person.objects.visible_to(Scoped(cast.bureau), TODAY))
    assert seen == {own, gone.person, borrowed, helper}
    assert stranger in Person.objects.visible_to(Scoped(cast.school), TODAY)
    assert set(Person.objects.visible_to(Scoped(), TODAY)) == set()
    assert Person.objects.visible_to(cast.office, TODAY).count() == 6


def test_who_has_moved_on_was_seen_while_there(cast):
    moved = cast.member(cast.bureau, on=date(2024, 5, 6))
    cast.transfer(moved, cast.approve(cast.audit_office, entry_mode="I06").slots[0])
    assert moved.person in Person.objects.visible_to(Scoped(cast.bureau), date(2026, 3, 1))
    assert moved.person not in Person.objects.visible_to(Scoped(cast.bureau), TODAY)
    assert OrganizationVersion.objects.as_of(NOVEMBER).filter(organization=cast.bureau).exists()


def test_who_leaves_by_a_day_counts_retirements_and_exits_filed_ahead(cast):
    cast.member(cast.bureau, on=date(2024, 5, 6), facts=cast.facts("赵老", born=date(1966, 1, 15)))
    going = cast.member(cast.bureau)
    cast.leave(going, "O07", on=date(2026, 3, 31), today=date(2026, 3, 31))
    cast.member(cast.bureau)
    assert leaving_by(date(2026, 3, 3), date(2027, 1, 1), [cast.bureau.pk]) == {(cast.bureau.pk, "A1"): 2}
    assert leaving_by(date(2026, 3, 3), date(2026, 3, 4), [cast.bureau.pk]) == {}
