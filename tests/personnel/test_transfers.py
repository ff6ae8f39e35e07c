"""区内调动: out and in as one movement; nobody is counted twice or not at all (R01, R02, R04, R19)."""

from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.services import reduce
from bianzhi.personnel.models import Appointment, Movement, Occupancy, PersonChange, SlotState
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.personnel.services.transfers import (
    InternalOrder,
    TransferOrder,
    change_identity,
    change_quota_type,
    reassign_body,
    transfer,
)
from tests.cast import FOUNDED, TODAY, seat


def use(organization, quota_type="A1", day=TODAY):
    return quota_use([organization.pk], day).get((organization.pk, quota_type), QuotaUse())


@pytest.fixture
def old(cast):
    return cast.member(cast.bureau, on=date(2024, 5, 6))


def internal(cast, occupancy, **facts):
    return InternalOrder(person_id=occupancy.person_id, effective_on=TODAY, document=cast.document, **facts)


def test_a_transfer_is_one_movement_that_closes_and_opens_on_the_same_day(cast, old):
    slot = cast.approve(cast.audit_office, entry_mode="I06").slots[0]
    movement = cast.transfer(old, slot)
    old.refresh_from_db()
    new = movement.to_occupancy
    assert (old.valid_to, new.valid_from) == (TODAY, TODAY)
    assert (new.organization_id, new.entry_mode, new.entry_source) == (cast.audit_office.pk, "I06", "测试区财政局")
    assert old.exit_mode == "", "a transfer is no exit"
    assert (movement.mode, movement.family, movement.from_occupancy_id) == ("T03", "internal", old.pk)
    day_before = date(2026, 3, 1)
    assert (use(cast.bureau, day=day_before).occupied, use(cast.bureau).occupied) == (1, 0)
    assert (use(cast.audit_office, day=day_before).occupied, use(cast.audit_office).occupied) == (0, 1)
    slot.refresh_from_db()
    assert slot.state == SlotState.CONSUMED
    assert AuditEntry.objects.filter(action="personnel.transferred").count() == 1
    assert OutboxMessage.objects.filter(topic="personnel.transferred", key=movement.number).exists()


def test_a_transfer_needs_a_slot_that_admits_transfers(cast, old):
    with pytest.raises(Refused) as refused:
        transfer(actor=cast.office, today=TODAY, order=TransferOrder(old.person_id, 0, TODAY, cast.document))
    assert refused.value.codes == ["R01"]
    slot = cast.approve(cast.audit_office, entry_mode="I01").slots[0]
    with pytest.raises(Refused, match="进入形式") as refused:
        cast.transfer(old, slot)
    assert refused.value.codes == ["R01"]
    old.refresh_from_db()
    assert old.valid_to is None


def test_a_transfer_wakes_the_slot_that_waited_in_the_unit_left(cast):
    people = cast.fill(cast.audit_office, "A1", 4, on=date(2024, 5, 6))
    waiting = cast.approve(cast.audit_office, replaces_id=people[0].person_id).slots[0]
    slot = cast.approve(cast.bureau, entry_mode="I06").slots[0]
    cast.transfer(people[0], slot)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reserved_on) == (SlotState.RESERVED, TODAY)


def test_a_transfer_off_a_frozen_type_withdraws_the_place(cast):
    worker = seat(cast, cast.bureau, "C1")
    slot = cast.approve(cast.audit_office, entry_mode="I16").slots[0]
    cast.transfer(worker, slot)
    assert LedgerEntry.objects.filter(kind=EntryKind.FROZEN_RELEASE).count() == 1
    assert use(cast.bureau, "C1") == QuotaUse(1, 0, 0)


def test_a_transfer_within_a_department_is_for_units_of_one_department(cast, old):
    slot = cast.approve(cast.audit_office, entry_mode="I06").slots[0]
    with pytest.raises(Refused, match="同一主管部门"):
        cast.transfer(old, slot, mode="T02")
    with pytest.raises(Refused, match="不是单位之间"):
        cast.transfer(old, slot, mode="T01")


def test_a_slot_of_the_own_unit_is_no_transfer(cast, old):
    slot = cast.approve(cast.bureau, entry_mode="I06").slots[0]
    with pytest.raises(Refused, match="就是现在的单位"):
        cast.transfer(old, slot)


def test_room_is_asked_again_at_the_transfer(cast, old):
    slot = cast.approve(cast.audit_office, entry_mode="I06").slots[0]
    cast.fill(cast.audit_office, "A1", 3)
    reduce(
        actor=cast.office, basis=cast.basis(TODAY), organization_id=cast.audit_office.pk, amounts={"A1": 1},
        allows_overstaffing=True,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        cast.transfer(old, slot)
    assert refused.value.codes == ["R02"]
    old.refresh_from_db()
    assert old.valid_to is None
    assert not Movement.objects.filter(mode="T03").exists()


def test_posts_at_the_unit_left_end(cast, old):
    post = Appointment.objects.create(
        person=old.person, organization=cast.bureau, position="科长", valid_from=FOUNDED, document=cast.document
    )
    cast.transfer(old, cast.approve(cast.audit_office, entry_mode="I06").slots[0])
    post.refresh_from_db()
    assert post.valid_to == TODAY


def test_transferring_needs_the_permission(cast, old):
    slot = cast.approve(cast.audit_office, entry_mode="I06").slots[0]
    with pytest.raises(Denied):
        transfer(actor=cast.outsider, today=TODAY, order=TransferOrder(old.person_id, slot.pk, TODAY, cast.document))


def test_a_change_of_section_keeps_everything_but_the_section(cast, old):
    outcome = reassign_body(
        actor=cast.clerk, today=TODAY, order=internal(cast, old, internal_body_id=cast.finance_section.pk)
    )
    new = outcome.occupancy
    assert (outcome.movement.mode, new.internal_body_id) == ("T01", cast.finance_section.pk)
    assert (new.quota_type, new.joined_unit_on, new.over_quota) == ("A1", date(2024, 5, 6), False)
    assert use(cast.bureau).occupied == 1


def test_a_section_of_another_unit_is_refused(cast):
    member = cast.member(cast.audit_office, on=date(2024, 5, 6))
    with pytest.raises(Refused, match="不属于该单位"):
        reassign_body(
            actor=cast.office, today=TODAY, order=internal(cast, member, internal_body_id=cast.finance_section.pk)
        )


def test_people_of_an_over_staffed_unit_can_still_change_section(cast):
    people = cast.fill(cast.bureau, "A1", 2, on=date(2024, 5, 6))
    reduce(
        actor=cast.office, basis=cast.basis(TODAY), organization_id=cast.bureau.pk, amounts={"A1": 9},
        allows_overstaffing=True,
    )  # fmt: skip
    outcome = reassign_body(
        actor=cast.office, today=TODAY, order=internal(cast, people[0], internal_body_id=cast.finance_section.pk)
    )
    assert outcome.occupancy.over_quota
    assert use(cast.bureau) == QuotaUse(1, 2, 0)


def test_a_quota_type_is_changed_when_the_new_one_has_room(cast):
    teacher = cast.member(cast.school, "D1", on=date(2024, 5, 6), term_until=date(2027, 1, 1))
    outcome = change_quota_type(actor=cast.clerk, today=TODAY, order=internal(cast, teacher, quota_type="B5"))
    assert (outcome.movement.mode, outcome.occupancy.quota_type) == ("T04", "B5")
    assert use(cast.school, "B5").occupied == 1
    assert use(cast.school, "D1") == QuotaUse(2, 0, 0), "the pooled place went back to the pool"


@pytest.mark.parametrize(("quota_type", "code"), [("C1", "R19"), ("B5", "R05"), ("A2", "R02")])
def test_a_quota_type_that_is_frozen_unfit_or_full_is_not_changed_to(cast, old, quota_type, code):
    with pytest.raises(Refused) as refused:
        change_quota_type(actor=cast.office, today=TODAY, order=internal(cast, old, quota_type=quota_type))
    assert code in refused.value.codes
    assert Occupancy.objects.count() == 1


def test_a_change_of_identity_is_a_locked_field_with_its_movement(cast):
    worker = seat(cast, cast.bureau, "C1", person_facts=cast.facts(identity="worker"))
    outcome = change_identity(
        actor=cast.clerk, today=TODAY, order=internal(cast, worker, quota_type="A1"), identity="civil_servant"
    )
    assert (outcome.movement.mode, outcome.occupancy.quota_type) == ("T08", "A1")
    change = PersonChange.objects.get()
    assert (change.field, change.old_value, change.new_value) == ("identity", "worker", "civil_servant")
    assert use(cast.bureau, "C1") == QuotaUse(1, 0, 0)


def test_a_change_of_identity_may_leave_the_quota_as_it_is(cast, old):
    outcome = change_identity(
        actor=cast.clerk, today=TODAY, order=internal(cast, old), identity="institution_management"
    )
    assert (outcome.movement.mode, outcome.movement.to_occupancy) == ("T08", None)
    assert use(cast.bureau).occupied == 1
