"""`./bianzhi check`: damage done behind the services' back is named; a sound register is silent."""

from datetime import date

import pytest
from django.db import connection

from bianzhi.common.integrity import findings
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.personnel.models import ApprovalSlot, Movement, Occupancy
from bianzhi.personnel.services.engagements import EngagementOrder, engage
from tests.cast import PERSONNEL_CHECKS, TODAY


def damage(sql, *params):
    """Write past every guard of the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(sql, params)
            cursor.execute("SET LOCAL session_replication_role = origin")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute(sql, params)
        for _, statement in triggers:
            cursor.execute(statement)


@pytest.fixture
def busy(cast):
    """Everything that happens in a register, one of each."""
    old = cast.member(cast.bureau, on=date(2024, 5, 6))
    moved = cast.transfer(old, cast.approve(cast.audit_office, entry_mode="I06").slots[0]).to_occupancy
    cast.leave(cast.member(cast.bureau, on=date(2024, 5, 6)))
    cast.approve(cast.bureau, count=2)
    return moved


def test_a_register_written_by_services_is_sound(busy):
    assert findings(PERSONNEL_CHECKS) == []


def test_an_overlap_is_found(cast, busy):
    damage("UPDATE personnel_occupancy SET valid_from = '2025-01-01' WHERE id = %s", busy.pk)
    (finding,) = findings(["personnel.overlaps"])
    assert f"personnel_occupancy.id={busy.pk}" in finding.where
    assert any(str(busy.pk) in each.what for each in findings(["personnel.movements"]))


def test_somebody_on_quota_and_employed_beside_it_is_found(cast, busy):
    gone = Occupancy.objects.get(exit_mode="O07")
    order = EngagementOrder(gone.person_id, cast.bureau.pk, "E2", date(2026, 3, 10), cast.document)
    engagement = engage(actor=cast.clerk, order=order)
    assert findings(["personnel.overlaps"]) == []
    damage("UPDATE personnel_engagement SET valid_from = '2026-03-01' WHERE id = %s", engagement.pk)
    (finding,) = findings(["personnel.overlaps"])
    assert f"personnel_engagement.id={engagement.pk}" in finding.where
    damage("UPDATE personnel_engagement SET valid_from = '2024-01-01', valid_to = '2024-05-06'")
    assert findings(["personnel.overlaps"]) == []


def test_an_occupancy_outside_the_life_of_its_unit_is_found(cast, busy):
    damage("UPDATE personnel_occupancy SET valid_from = '2019-01-01' WHERE id = %s", busy.pk)
    assert "早于单位设立" in findings(["personnel.lives"])[0].what
    OrganizationVersion.objects.filter(organization=cast.audit_office).update(valid_to=TODAY)
    assert "占编仍未结束" in findings(["personnel.lives"])[-1].what


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE personnel_approvalslot SET state = 'reserved', released_on = NULL WHERE id = %s", "状态却是有效"),
        ("UPDATE personnel_approvalslot SET quota_type = 'A3' WHERE id = %s", "不一致"),
        ("UPDATE personnel_occupancy SET slot_id = NULL WHERE slot_id = %s", "没有占编记录"),
    ],
)
def test_a_slot_that_does_not_fit_its_occupancy_is_found(cast, busy, sql, what):
    damage(sql, busy.slot_id)
    assert any(what in finding.what for finding in findings(["personnel.slots"]))


def test_more_people_than_quota_are_found(cast, busy):
    damage("UPDATE personnel_approvalslot SET organization_id = %s WHERE state = 'reserved'", cast.audit_office.pk)
    assert findings(["personnel.numbers"]) == [], "1 person and 2 slots fit into 4"
    damage("UPDATE personnel_approvalslot SET quota_type = 'A2' WHERE state = 'reserved'")
    (finding,) = findings(["personnel.numbers"])
    assert f"organizations_organization.id={cast.audit_office.pk}" in finding.where
    assert "核定 0" in finding.what


def test_an_end_without_its_movement_is_found(cast, busy):
    damage("UPDATE personnel_occupancy SET valid_to = '2026-12-01' WHERE id = %s", busy.pk)
    (finding,) = findings(["personnel.movements"])
    assert "没有对应的出编或调动业务" in finding.what


def test_a_beginning_without_its_movement_is_found(cast, busy):
    damage("UPDATE personnel_movement SET to_occupancy_id = NULL WHERE to_occupancy_id = %s", busy.pk)
    assert any("没有对应的入编" in finding.what for finding in findings(["personnel.movements"]))
    assert Movement.objects.count() == 4


def test_a_person_whose_number_says_otherwise_is_found(cast, busy):
    damage("UPDATE personnel_person SET born_on = '1970-01-01' WHERE id = %s", busy.person_id)
    (finding,) = findings(["personnel.persons"])
    assert f"personnel_person.id={busy.person_id}" in finding.where
    assert "R16" in finding.what
    assert ApprovalSlot.objects.filter(state="reserved").count() == 2
    assert Occupancy.objects.count() == 3
