"""入编: on a slot, once, as long as there is room (R01, R02, R04, R05, R16, R17)."""

from dataclasses import replace
from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common.integrity import findings
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.services import allot
from bianzhi.personnel.models import Movement, Occupancy, Person, SlotState
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.personnel.services.engagements import EngagementOrder, end_engagement, engage, reverse_engagement
from bianzhi.personnel.services.entries import EntryOrder, enlist
from bianzhi.personnel.services.persons import register_person
from tests.cast import PERSONNEL_CHECKS, TODAY


def use(organization, quota_type="A1", day=TODAY):
    return quota_use([organization.pk], day)[organization.pk, quota_type]


def test_an_entry_uses_its_slot_and_is_counted_recorded_and_told(cast):
    slot = cast.approve(cast.bureau).slots[0]
    assert use(cast.bureau) == QuotaUse(approved=10, occupied=0, reserved=1)

    movement = cast.enlist(slot, cast.facts("张三"))

    slot.refresh_from_db()
    occupancy = movement.to_occupancy
    assert (slot.state, slot.released_on) == (SlotState.CONSUMED, TODAY)
    assert (occupancy.organization_id, occupancy.quota_type, occupancy.entry_mode) == (cast.bureau.pk, "A1", "I01")
    assert (occupancy.valid_from, occupancy.valid_to, occupancy.slot_id) == (TODAY, None, slot.pk)
    assert use(cast.bureau) == QuotaUse(approved=10, occupied=1, reserved=0)
    entry = AuditEntry.objects.get(action="personnel.enlisted")
    assert movement.number in entry.facts
    assert set(entry.seals.values_list("kind", flat=True)) == {
        "personnel.person", "personnel.occupancy", "personnel.movement", "personnel.approvalslot",
    }  # fmt: skip
    assert OutboxMessage.objects.filter(topic="personnel.enlisted", key=movement.number).exists()
    assert movement.number.startswith(f"BD{TODAY.year}-")


def test_nobody_enters_without_a_slot(cast):
    order = EntryOrder(
        person=cast.facts(), effective_on=TODAY, document=cast.document,
        organization_id=cast.bureau.pk, quota_type="A1", entry_mode="I01", evidence=["录用通知"],
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        enlist(actor=cast.office, today=TODAY, order=order)
    assert "R01" in refused.value.codes
    assert not Occupancy.objects.exists()
    assert not Person.objects.exists()
    assert not OutboxMessage.objects.filter(topic="personnel.enlisted").exists()


def test_a_slot_admits_one_person_only(cast):
    slot = cast.approve(cast.bureau).slots[0]
    cast.enlist(slot)
    with pytest.raises(Refused, match="已被使用") as refused:
        cast.enlist(slot)
    assert "R01" in refused.value.codes
    assert Occupancy.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "what"),
    [({"quota_type": "A3"}, "编制类型"), ({"entry_mode": "I02"}, "进入形式")],
)
def test_a_slot_admits_only_what_it_was_made_for(cast, changes, what):
    slot = cast.approve(cast.bureau).slots[0]
    with pytest.raises(Refused, match=what) as refused:
        cast.enlist(slot, **changes)
    assert "R01" in refused.value.codes


def test_a_slot_of_another_unit_admits_nobody(cast):
    slot = cast.approve(cast.bureau).slots[0]
    with pytest.raises(Refused, match="单位") as refused:
        cast.enlist(slot, organization_id=cast.audit_office.pk)
    assert "R01" in refused.value.codes


def test_an_expired_slot_admits_nobody_and_its_place_is_free_again(cast):
    slot = cast.approve(cast.bureau, valid_until=date(2026, 3, 31)).slots[0]
    with pytest.raises(Refused, match="过期"):
        cast.enlist(slot, on=date(2026, 3, 20), today=date(2026, 4, 1))
    assert use(cast.bureau, day=date(2026, 3, 31)).reserved == 1
    assert use(cast.bureau, day=date(2026, 4, 1)).reserved == 0


def test_nobody_enters_before_the_slot_was_issued(cast):
    slot = cast.approve(cast.bureau).slots[0]
    with pytest.raises(Refused, match="先进人后核编"):
        cast.enlist(slot, on=date(2026, 3, 1))


def test_one_person_holds_one_quota(cast):
    occupancy = cast.member(cast.bureau)
    slot = cast.approve(cast.audit_office).slots[0]
    with pytest.raises(Refused, match="测试区财政局") as refused:
        cast.enlist(slot, occupancy.person)
    assert refused.value.codes == ["R04"]
    slot.refresh_from_db()
    assert slot.state == SlotState.RESERVED


def test_somebody_known_by_id_number_is_the_same_person_when_coming_back(cast):
    facts = cast.facts("李四")
    first = cast.member(cast.bureau, facts=facts)
    cast.leave(first)
    slot = cast.approve(cast.audit_office).slots[0]
    again = cast.enlist(slot, facts, on=date(2026, 3, 3), today=date(2026, 3, 3))
    assert again.person_id == first.person_id
    assert Person.objects.count() == 1


def test_an_id_number_of_somebody_else_is_refused(cast):
    facts = cast.facts("李四")
    cast.leave(cast.member(cast.bureau, facts=facts))
    slot = cast.approve(cast.audit_office).slots[0]
    with pytest.raises(Refused, match="李四") as refused:
        cast.enlist(slot, replace(facts, name="王五"), on=date(2026, 3, 3), today=date(2026, 3, 3))
    assert refused.value.codes == ["R16"]


def test_birth_that_disagrees_with_the_id_number_is_refused_unless_the_file_is_certified(cast):
    facts = replace(cast.facts(born=date(1990, 5, 6)), born_on=date(1989, 5, 6))
    slot = cast.approve(cast.bureau).slots[0]
    with pytest.raises(Refused, match="出生日期") as refused:
        cast.enlist(slot, facts)
    assert refused.value.codes == ["R16"]
    certified = replace(facts, other={"identity_certified": True})
    assert cast.enlist(slot, certified).person.born_on == date(1989, 5, 6)


def test_entering_before_work_began_is_remarked_not_refused(cast):
    slot = cast.approve(cast.bureau).slots[0]
    order = EntryOrder(
        person=cast.facts(started_work_on=date(2026, 5, 1)), effective_on=TODAY, document=cast.document,
        slot_id=slot.pk, evidence=["录用通知"],
    )  # fmt: skip
    outcome = enlist(actor=cast.clerk, today=TODAY, order=order)
    assert [remark.code for remark in outcome.remarks] == ["R17"]
    assert "R17" in AuditEntry.objects.get(action="personnel.enlisted").facts


def test_an_entry_needs_a_paper_of_its_mode(cast):
    slot = cast.approve(cast.bureau).slots[0]
    order = EntryOrder(person=cast.facts(), effective_on=TODAY, document=cast.document, slot_id=slot.pk)
    with pytest.raises(Refused, match="录用审批表或录用通知"):
        enlist(actor=cast.office, today=TODAY, order=order)


def test_room_is_asked_again_at_entry(cast):
    """The number was cut below use by a decision that allows overstaffing, after the slot was issued."""
    from bianzhi.ledger.services import reduce

    slot = cast.approve(cast.audit_office).slots[0]
    cast.fill(cast.audit_office, "A1", 3)
    reduce(
        actor=cast.office, basis=cast.basis(TODAY), organization_id=cast.audit_office.pk, amounts={"A1": 2},
        allows_overstaffing=True,
    )  # fmt: skip
    with pytest.raises(Refused, match="核定 2 名，实有 3 名") as refused:
        cast.enlist(slot)
    assert refused.value.codes == ["R02"]
    assert refused.value.objections[0].figures["核定"] == 2


def test_reinstatement_needs_no_slot_but_a_reason_and_room(cast):
    order = EntryOrder(
        person=cast.facts(), effective_on=TODAY, document=cast.document, organization_id=cast.bureau.pk,
        quota_type="A1", entry_mode="I15", evidence=["恢复（补录）批文"],
    )  # fmt: skip
    with pytest.raises(Refused, match="说明理由"):
        enlist(actor=cast.office, today=TODAY, order=order)
    movement = enlist(actor=cast.office, today=TODAY, order=replace(order, reason="处分撤销后复职")).movement
    assert (movement.mode, movement.slot) == ("I15", None)


def test_somebody_left_out_is_recorded_from_the_true_day_though_the_ledger_begins_later(cast):
    allot(actor=cast.office, basis=cast.basis(date(2026, 1, 1)), organization_id=cast.school.pk, amounts={"B1": 1})
    order = EntryOrder(
        person=cast.facts(), effective_on=date(2021, 9, 1), document=cast.document, organization_id=cast.school.pk,
        quota_type="B1", entry_mode="I15", evidence=["恢复（补录）批文"], reason="期初漏登补录",
    )  # fmt: skip
    occupancy = enlist(actor=cast.office, today=TODAY, order=order).occupancy
    assert (occupancy.valid_from, occupancy.over_quota) == (date(2021, 9, 1), False)
    assert use(cast.school, "B1") == QuotaUse(1, 1, 0)
    for refused_order in (replace(order, person=cast.facts()), replace(order, person=cast.facts(), quota_type="B6")):
        with pytest.raises(Refused, match="可用 0 名") as refused:
            enlist(actor=cast.office, today=TODAY, order=refused_order)
        assert "R02" in refused.value.codes


def engaged(cast, since=date(2026, 1, 5)):
    person = register_person(actor=cast.clerk, facts=cast.facts())
    order = EngagementOrder(person.pk, cast.bureau.pk, "E2", since, cast.document)
    return engage(actor=cast.clerk, order=order)


def test_whoever_is_employed_beside_the_quota_comes_onto_it_when_that_has_ended(cast):
    employment = engaged(cast)
    slot = cast.approve(cast.audit_office).slots[0]
    with pytest.raises(Refused, match="不能同时占用编制") as refused:
        cast.enlist(slot, employment.person)
    assert refused.value.codes == ["R04"]
    end_engagement(actor=cast.clerk, engagement_id=employment.pk, effective_on=date(2026, 3, 10))
    with pytest.raises(Refused, match="不能同时占用编制"):
        cast.enlist(slot, employment.person, on=date(2026, 3, 9))
    cast.enlist(slot, employment.person, on=date(2026, 3, 10))
    assert findings(PERSONNEL_CHECKS) == []


def test_an_employment_registered_wrongly_does_not_keep_anybody_from_the_quota(cast):
    employment = engaged(cast)
    reverse_engagement(actor=cast.clerk, engagement_id=employment.pk, reason="登记在了别的单位")
    cast.enlist(cast.approve(cast.bureau).slots[0], employment.person)


def test_a_bulk_transfer_in_is_refused_outside_a_reorganisation(cast):
    order = EntryOrder(
        person=cast.facts(), effective_on=TODAY, document=cast.document, organization_id=cast.bureau.pk,
        quota_type="A1", entry_mode="I14", evidence=["机构编制文件"],
    )  # fmt: skip
    with pytest.raises(Refused, match="机构改革"):
        enlist(actor=cast.office, today=TODAY, order=order)


def test_entering_needs_the_permission(cast):
    slot = cast.approve(cast.bureau).slots[0]
    order = EntryOrder(person=cast.facts(), effective_on=TODAY, document=cast.document, slot_id=slot.pk)
    with pytest.raises(Denied):
        enlist(actor=cast.outsider, today=TODAY, order=order)


def test_nobody_enters_a_unit_that_is_not_there_yet(cast):
    order = EntryOrder(
        person=cast.facts(), effective_on=date(2019, 1, 1), document=cast.document, organization_id=cast.bureau.pk,
        quota_type="A1", entry_mode="I15", reason="补录",
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        enlist(actor=cast.office, today=TODAY, order=order)
    assert refused.value.codes == ["L1"]
    assert not Movement.objects.exists()
