"""冲正与更正: superseded and written anew, never deleted (R26)."""

from datetime import date

import pytest
from django.utils import timezone

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common.integrity import findings
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.services import allot
from bianzhi.personnel.models import (
    Appointment,
    ApprovalSlot,
    DutyPeriod,
    Movement,
    Occupancy,
    Secondment,
    SlotState,
)
from bianzhi.personnel.selectors.outside_quota import Beside, beside_quota
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.personnel.services.corrections import CorrectionBasis, correct_occupancy, reverse_movement
from bianzhi.personnel.services.duty import set_duty_state
from bianzhi.personnel.services.engagements import EngagementOrder, engage
from bianzhi.personnel.services.opening import OpeningRow, enlist_opening
from bianzhi.personnel.services.secondments import SecondmentOrder, start_secondment
from bianzhi.personnel.services.transfers import InternalOrder, reassign_body
from tests.cast import PERSONNEL_CHECKS, TODAY


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
    occupancy = cast.member(cast.bureau, on=date(2026, 2, 2))
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
    assert_nobody_is_left(cast)


def assert_nobody_is_left(cast):
    """Nobody is on the bureau's quota, its one slot serves again, and the register is sound."""
    assert not Occupancy.objects.current().exists()
    assert use(cast.bureau) == QuotaUse(10, 0, 1)
    assert findings(PERSONNEL_CHECKS) == []
    cast.enlist(ApprovalSlot.objects.get())


def test_an_entry_is_reversed_after_the_transfers_that_followed_it(cast):
    old = cast.member(cast.bureau, on=date(2024, 5, 6))
    entry = Movement.objects.get()
    moved = cast.transfer(old, cast.approve(cast.audit_office, entry_mode="I06").slots[0])
    order = InternalOrder(old.person_id, date(2026, 3, 20), cast.document)
    inside = reassign_body(actor=cast.office, today=date(2026, 3, 20), order=order).movement
    reverse(cast, inside)
    reverse(cast, moved)
    assert (use(cast.bureau), use(cast.audit_office)) == (QuotaUse(10, 1, 0), QuotaUse(4, 0, 1))
    assert findings(PERSONNEL_CHECKS) == []
    reverse(cast, entry)
    assert not Occupancy.objects.current().exists()
    assert use(cast.bureau).occupied == 0
    assert findings(PERSONNEL_CHECKS) == []


def test_an_entry_corrected_since_is_reversed_and_the_correction_is_not(cast):
    wrong = cast.member(cast.bureau)
    entry = Movement.objects.get()
    correction = correct(cast, wrong, entry_source="应届毕业生").movement
    corrected = correct(cast, correction.to_occupancy, joined_unit_on=date(2026, 3, 1)).occupancy
    with pytest.raises(Refused, match="本身是更正业务"):
        reverse(cast, correction)
    outcome = reverse(cast, entry)
    assert outcome.movement.from_occupancy == corrected
    assert_nobody_is_left(cast)


def test_an_exit_reversed_goes_on_with_what_was_corrected_since(cast):
    occupancy = cast.member(cast.bureau, on=date(2024, 5, 6))
    exit_ = cast.leave(occupancy)
    correct(cast, occupancy, entry_source="应届毕业生")
    again = reverse(cast, exit_).occupancy
    assert (again.entry_source, again.valid_to, again.exit_mode) == ("应届毕业生", None, "")
    assert Occupancy.objects.current().get() == again
    assert findings(PERSONNEL_CHECKS) == []


def test_a_movement_whose_occupancy_no_longer_counts_is_not_reversed(cast):
    occupancy = cast.member(cast.bureau)
    Occupancy.objects.filter(pk=occupancy.pk).update(superseded_at=timezone.now())
    with pytest.raises(Refused, match="已不再有效") as refused:
        reverse(cast, Movement.objects.get())
    assert refused.value.codes == ["R26"]


def probation(cast, person_id, on):
    return set_duty_state(actor=cast.clerk, person_id=person_id, state="on_quota_probation", effective_on=on)


def lend(cast, person_id, to, on):
    order = SecondmentOrder(person_id, "B01", on, date(2026, 12, 31), cast.document, to.pk)
    return start_secondment(actor=cast.clerk, order=order)[0]


def test_what_was_registered_of_a_stay_that_never_was_falls_with_it(cast):
    occupancy = cast.member(cast.bureau, on=date(2026, 2, 1))
    probation(cast, occupancy.person_id, date(2026, 2, 10))
    lend(cast, occupancy.person_id, cast.audit_office, TODAY)
    outcome = reverse(cast, Movement.objects.get())
    assert any("在岗情况 2 条、借出 1 条随之作废" in remark.message for remark in outcome.remarks)
    assert not DutyPeriod.objects.current().exists()
    assert not Secondment.objects.current().exists()
    assert beside_quota([cast.bureau.pk, cast.audit_office.pk], TODAY)[cast.bureau.pk] == Beside()
    sealed = set(AuditEntry.objects.get(action="personnel.movement_reversed").seals.values_list("kind", flat=True))
    assert {"personnel.dutyperiod", "personnel.secondment"} <= sealed


def test_what_a_unit_lent_that_never_had_the_person_falls_and_the_own_state_stays(cast):
    old = cast.member(cast.bureau, on=date(2024, 5, 6))
    moved = cast.transfer(old, cast.approve(cast.audit_office, entry_mode="I06").slots[0])
    sick = set_duty_state(
        actor=cast.clerk, person_id=old.person_id, state="on_quota_off_duty", reason="long_sick_leave",
        effective_on=date(2026, 3, 10),
    )  # fmt: skip
    lend(cast, old.person_id, cast.bureau, date(2026, 3, 20))
    reverse(cast, moved)
    assert list(DutyPeriod.objects.current()) == [sick]
    assert not Secondment.objects.current().exists()


def test_a_change_inside_the_unit_reversed_leaves_its_secondment(cast):
    old = cast.member(cast.bureau, on=date(2024, 5, 6))
    order = InternalOrder(old.person_id, date(2026, 2, 1), cast.document, cast.finance_section.pk)
    inside = reassign_body(actor=cast.office, today=TODAY, order=order).movement
    loan = lend(cast, old.person_id, cast.audit_office, TODAY)
    assert [remark.code for remark in reverse(cast, inside).remarks] == ["R26"]
    assert (loan in Secondment.objects.open_ended(), DutyPeriod.objects.open_ended().count()) == (True, 1)


def test_an_exit_is_not_reversed_once_the_person_works_beside_the_quota(cast):
    occupancy = cast.member(cast.bureau, on=date(2026, 2, 2))
    exit_ = cast.leave(occupancy)
    order = EngagementOrder(occupancy.person_id, cast.bureau.pk, "E2", exit_.effective_on, cast.document)
    engage(actor=cast.clerk, order=order)
    with pytest.raises(Refused, match="不能同时占用编制") as refused:
        reverse(cast, exit_)
    assert refused.value.codes == ["R04"]


def test_what_is_written_anew_of_somebody_older_than_the_ledger_is_no_excess(cast):
    allot(actor=cast.office, basis=cast.basis(date(2026, 1, 1)), organization_id=cast.school.pk, amounts={"B1": 1})
    row = OpeningRow(cast.facts(), cast.school.pk, "B1", date(2021, 9, 1))
    opening = enlist_opening(actor=cast.office, today=TODAY, document=cast.document, rows=[row])
    taken_over = opening.occupancies[0]
    corrected = correct(cast, taken_over, entry_source="应届毕业生").occupancy
    again = reverse(cast, cast.leave(corrected)).occupancy
    assert [each.over_quota for each in (taken_over, corrected, again)] == [False, False, False]
    assert use(cast.school, "B1") == QuotaUse(1, 1, 0)


def test_an_excess_written_anew_stays_an_excess(cast):
    rows = [OpeningRow(cast.facts(), cast.audit_office.pk, "A1", date(2021, 9, 1)) for _ in range(5)]
    taken_over = enlist_opening(actor=cast.office, today=TODAY, document=cast.document, rows=rows).occupancies
    (excess,) = [each for each in taken_over if each.over_quota]
    assert correct(cast, excess, entry_source="应届毕业生").occupancy.over_quota


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
