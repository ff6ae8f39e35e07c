"""冲正与更正: superseded and written anew, never deleted (R26)."""

from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.models import Appointment, Movement, Occupancy, SlotState
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.personnel.services.corrections import CorrectionBasis, correct_occupancy, reverse_movement
from tests.cast import TODAY


def use(organization, quota_type="A1", day=TODAY):
    return quota_use([organization.pk], day)[organization.pk, quota_type]


def reverse(cast, movement, *, actor=None, today=TODAY, reason="录入时选错人员"):
    basis = CorrectionBasis(cast.document, reason)
    return reverse_movement(actor=actor or cast.clerk, today=today, movement_id=movement.pk, basis=basis)


def test_a_reversed_entry_never_was_and_its_slot_is_free_again(cast):
    slot = cast.approve(cast.bureau).slots[0]
    movement = cast.enlist(slot)
    outcome = reverse(cast, movement)
    occupancy = Occupancy.objects.get()
    assert occupancy.superseded_at is not None
    assert occupancy.superseded_reason == "录入时选错人员"
    slot.refresh_from_db()
    assert (slot.state, slot.released_on) == (SlotState.RESERVED, None)
    assert use(cast.bureau) == QuotaUse(10, 0, 1)
    assert (outcome.movement.family, outcome.movement.reverses_id) == ("correction", movement.pk)
    assert Movement.objects.count() == 2, "the wrong movement stays readable"
    assert AuditEntry.objects.get(action="personnel.movement_reversed").seals.count() == 3
    assert OutboxMessage.objects.filter(topic="personnel.movement_reversed").exists()
    cast.enlist(slot)


def test_the_slot_of_an_entry_reversed_after_its_slip_ended_lapses(cast):
    slot = cast.approve(cast.bureau, valid_until=date(2026, 3, 31)).slots[0]
    movement = cast.enlist(slot)
    reverse(cast, movement, today=date(2026, 4, 10))
    slot.refresh_from_db()
    assert (slot.state, slot.released_on) == (SlotState.EXPIRED, date(2026, 4, 1))


def test_a_reversed_exit_puts_the_person_back_on_the_same_place(cast):
    occupancy = cast.member(cast.bureau, on=date(2024, 5, 6))
    outcome = reverse(cast, cast.leave(occupancy))
    again = outcome.movement.to_occupancy
    assert (again.valid_from, again.valid_to, again.exit_mode) == (date(2024, 5, 6), None, "")
    assert again.slot_id == occupancy.slot_id
    assert use(cast.bureau, day=date(2026, 3, 3)) == QuotaUse(10, 1, 0)
    assert [remark.code for remark in outcome.remarks] == ["R26"]


def test_an_exit_is_not_reversed_once_the_place_is_taken(cast):
    people = cast.fill(cast.audit_office, "A1", 4)
    exit_ = cast.leave(people[0])
    cast.member(cast.audit_office, on=date(2026, 3, 3))
    with pytest.raises(Refused, match="可用 0 名") as refused:
        reverse(cast, exit_, today=date(2026, 3, 3))
    assert refused.value.codes == ["R02"]


def test_a_reversed_transfer_restores_both_units(cast):
    old = cast.member(cast.bureau, on=date(2024, 5, 6))
    slot = cast.approve(cast.audit_office, entry_mode="I06").slots[0]
    reverse(cast, cast.transfer(old, slot))
    assert (use(cast.bureau).occupied, use(cast.audit_office)) == (1, QuotaUse(4, 0, 1))


def test_only_the_last_movement_is_reversed_and_only_once(cast):
    occupancy = cast.member(cast.bureau, on=date(2024, 5, 6))
    entry = Movement.objects.get()
    exit_ = cast.leave(occupancy)
    with pytest.raises(Refused, match=exit_.number) as refused:
        reverse(cast, entry)
    assert refused.value.codes == ["R26"]
    correction = reverse(cast, exit_).movement
    for again in (exit_, correction):
        with pytest.raises(Refused, match="已冲正") as refused:
            reverse(cast, again)
        assert "R26" in refused.value.codes
    reverse(cast, entry)


def test_an_entry_is_not_reversed_under_an_appointment(cast):
    occupancy = cast.member(cast.bureau)
    Appointment.objects.create(
        person=occupancy.person, organization=cast.bureau, position="科长", valid_from=TODAY, document=cast.document
    )
    with pytest.raises(Refused, match="科长"):
        reverse(cast, Movement.objects.get())


def test_a_correction_needs_a_reason_and_the_permission(cast):
    cast.member(cast.bureau)
    movement = Movement.objects.get()
    with pytest.raises(Refused, match="原因"):
        reverse(cast, movement, reason="错")
    with pytest.raises(Denied):
        reverse(cast, movement, actor=cast.outsider)


def correct(cast, occupancy, **changes):
    basis = CorrectionBasis(cast.document, "入编时间录错")
    return correct_occupancy(actor=cast.clerk, today=TODAY, occupancy_id=occupancy.pk, changes=changes, basis=basis)


def test_a_corrected_occupancy_replaces_the_wrong_one(cast):
    occupancy = cast.member(cast.bureau)
    outcome = correct(cast, occupancy, valid_from=date(2025, 9, 1), internal_body_id=cast.finance_section.pk)
    occupancy.refresh_from_db()
    new = outcome.movement.to_occupancy
    assert occupancy.superseded_at is not None
    assert (new.valid_from, new.internal_body_id, new.slot_id) == (
        date(2025, 9, 1), cast.finance_section.pk, occupancy.slot_id,
    )  # fmt: skip
    assert use(cast.bureau, day=date(2025, 9, 1)).occupied == 1
    assert AuditEntry.objects.get(action="personnel.occupancy_corrected").seals.count() == 3
    assert OutboxMessage.objects.filter(topic="personnel.occupancy_corrected").exists()


def test_a_correction_keeps_the_end_of_a_closed_occupancy(cast):
    occupancy = cast.member(cast.bureau, on=date(2024, 5, 6))
    cast.leave(occupancy)
    new = correct(cast, occupancy, joined_unit_on=date(2023, 1, 1)).movement.to_occupancy
    assert (new.valid_to, new.exit_mode, new.joined_unit_on) == (date(2026, 3, 3), "O07", date(2023, 1, 1))


def test_unit_and_quota_type_are_not_corrected_but_moved(cast):
    occupancy = cast.member(cast.bureau)
    with pytest.raises(Refused, match="调动"):
        correct(cast, occupancy, quota_type="A3")
    with pytest.raises(Refused):
        correct(cast, occupancy)


def test_a_corrected_start_lies_within_the_unit_and_after_the_last_place(cast):
    old = cast.member(cast.bureau, on=date(2024, 5, 6))
    new = cast.transfer(old, cast.approve(cast.audit_office, entry_mode="I06").slots[0]).to_occupancy
    with pytest.raises(Refused) as refused:
        correct(cast, new, valid_from=date(2026, 1, 1))
    assert refused.value.codes == ["R04"]
    with pytest.raises(Refused) as refused:
        correct(cast, old, valid_from=date(2019, 1, 1))
    assert refused.value.codes == ["L1"]
