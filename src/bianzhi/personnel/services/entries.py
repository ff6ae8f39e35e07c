"""入编 (P03): somebody comes onto a unit's quota, on a slot, once (R01, R02, R04, R05, R16, R17)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.parameters import MINIMUM_WORKING_AGE
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.organizations.models import ReorganizationEvent
from bianzhi.personnel.models import ApprovalSlot, Movement, MovementFamily, Occupancy, Person, SlotState
from bianzhi.personnel.rules.capacity import objections_to_use
from bianzhi.personnel.rules.entries import Stay, objections_to_employment, objections_to_second_quota
from bianzhi.personnel.rules.modes import (
    ORG_TRANSFER_IN,
    REINSTATEMENT,
    WITHOUT_SLOT,
    objections_to_entry_evidence,
    objections_to_entry_mode,
)
from bianzhi.personnel.rules.persons import objections_to_careers
from bianzhi.personnel.rules.slots import SlotFacts, Use, no_slot, objections_to_slot
from bianzhi.personnel.rules.units import (
    Unit,
    no_such_unit,
    objections_to_frozen,
    objections_to_quota_type,
    objections_to_term,
    quota_label,
)
from bianzhi.personnel.selectors.outside_quota import is_engaged
from bianzhi.personnel.selectors.quota_use import allotted_since, headroom
from bianzhi.personnel.selectors.units import body_on, unit_on, units_on
from bianzhi.personnel.services.acts import Act, facts_of
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import Outcome, Override, as_facts, decide, explained
from bianzhi.personnel.services.locking import lock_persons, lock_quota
from bianzhi.personnel.services.parameters import LONGEST_TERM
from bianzhi.personnel.services.persons import PersonFacts, new_person, objections_to_person
from bianzhi.personnel.services.slots import expire_due_slots


@dataclass(frozen=True, slots=True)
class EntryOrder:
    """Who comes, from when, on which slot and by which paper.

    Unit, quota type, mode, internal body and term are the slot's where they are left out; without a slot
    (I14 机构划转转入, I15 恢复在编) they must be given. `event` is the reorganisation behind an I14.
    """

    person: Person | PersonFacts
    effective_on: date
    document: ApprovalDocument
    slot_id: int | None = None
    organization_id: int = 0
    quota_type: str = ""
    entry_mode: str = ""
    internal_body_id: int | None = None
    evidence: Sequence[str] = ()
    source: str = ""
    joined_unit_on: date | None = None
    term_until: date | None = None
    reason: str = ""
    event: ReorganizationEvent | None = None


@unit_of_work
@explained
def enlist(*, actor: Actor, today: date, order: EntryOrder, override: Override | None = None) -> Outcome:
    """Bring a person onto quota; the slot is used up in the same transaction.

    Raises Refused with every objection: R01 (slot), R02 (room, asked again under the lock), R04 (one person, one
    quota, and none beside an employment outside it), R05 and R11 (unit and mode fit the quota), R16 (identity), R19
    (frozen type), R20 (term); R17 only warns.
    """
    order = _completed(order)
    require(actor, "personnel.move", order.organization_id)
    lock_quota([order.organization_id], [order.quota_type])
    expire_due_slots(actor=actor, today=today, organization_ids=[order.organization_id])
    person = _person(order.person)
    slot = _fresh_slot(order.slot_id)
    unit = unit_on(order.organization_id, order.effective_on)
    if unit is None:
        raise Refused([no_such_unit(order.effective_on)])
    objections = [
        *_objections_to_permission(order, slot, today),
        *objections_to_unit(unit, order),
        *objections_to_room(unit, order, slot),
        *_objections_to_arrival(unit, order, person),
    ]
    remarks = decide(objections, by=actor, override=override)
    act = Act(actor=actor, today=today, document=order.document, event=order.event)
    movement = _enter(act, person, order, slot)
    act.finish("personnel.enlisted", person, {**facts_of(movement), **as_facts(remarks, override)}, key=movement.number)
    return Outcome(movement, remarks)


def _completed(order: EntryOrder) -> EntryOrder:
    """The order with what it left to its slot."""
    slot = ApprovalSlot.objects.filter(pk=order.slot_id).first() if order.slot_id is not None else None
    if slot is None:
        if order.slot_id is not None or not order.organization_id or not order.quota_type or not order.entry_mode:
            raise Refused([no_slot()])
        return order
    return replace(
        order,
        organization_id=order.organization_id or slot.organization_id,
        quota_type=order.quota_type or slot.quota_type,
        entry_mode=order.entry_mode or slot.entry_mode,
        internal_body_id=order.internal_body_id or slot.internal_body_id,
        term_until=order.term_until or slot.term_until,
    )


def _person(wanted: Person | PersonFacts) -> Person:
    """The person locked, or a new one not saved yet; a known ID number leads to the person it belongs to."""
    if isinstance(wanted, Person):
        return lock_persons([wanted.pk])[wanted.pk]
    person = new_person(wanted)
    known = Person.objects.with_id_number(person.id_number).first()
    if known is None:
        return person
    if known.name_folded != person.name_folded:
        message = f"该身份证号已登记为“{known.name}”，与“{person.name}”不一致（R16）"
        raise Refused([Objection("R16", message, Severity.BLOCK, {}, "请核对姓名和身份证号")])
    return lock_persons([known.pk])[known.pk]


def _fresh_slot(slot_id: int | None) -> ApprovalSlot | None:
    """The slot as it is now that the unit is locked."""
    if slot_id is None:
        return None
    return ApprovalSlot.objects.select_related("approval").select_for_update(of=("self",)).get(pk=slot_id)


def slot_facts(slot: ApprovalSlot) -> SlotFacts:
    """The slot as the rules see it."""
    return SlotFacts(
        number=slot.number,
        state=slot.state,
        organization_id=slot.organization_id,
        quota_type=slot.quota_type,
        entry_mode=slot.entry_mode,
        confirmed_on=slot.approval.confirmed_on,
        valid_until=slot.approval.valid_until,
        reserved_on=slot.reserved_on,
    )


def _objections_to_permission(order: EntryOrder, slot: ApprovalSlot | None, today: date) -> list[Objection]:
    """R01: a fitting slot, unless the mode comes by another decision; then that decision is asked for."""
    if slot is not None:
        use = Use(order.organization_id, order.quota_type, order.effective_on, today, order.entry_mode)
        return objections_to_slot(slot_facts(slot), use)
    if order.entry_mode not in WITHOUT_SLOT:
        return [no_slot()]
    if order.entry_mode == ORG_TRANSFER_IN and order.event is None:
        message = "机构划转转入须由机构改革事项一并办理（R01）"
        return [Objection("R01", message, Severity.BLOCK, {}, "请在机构的合并、拆分、划转中办理")]
    if order.entry_mode != ORG_TRANSFER_IN and not order.reason.strip():
        return [Objection("D2", "恢复（补录）在编须说明理由", Severity.BLOCK, {}, "请填写说明")]
    return []


def objections_to_unit(unit: Unit, order: EntryOrder) -> list[Objection]:
    """The unit may have people on this quota, in this body, by this mode (R05, R11, R19, R20)."""
    found = objections_to_quota_type(unit, order.quota_type)
    found += objections_to_entry_mode(order.entry_mode, order.quota_type)
    if order.entry_mode not in WITHOUT_SLOT:
        found += objections_to_frozen(order.quota_type)
        found += objections_to_entry_evidence(order.entry_mode, order.evidence)
    found += objections_to_term(order.quota_type, order.effective_on, order.term_until, LONGEST_TERM.number)
    return found + objections_to_body(order.internal_body_id, unit.id, order.effective_on)


def objections_to_body(body_id: int | None, organization_id: int, day: date) -> list[Objection]:
    """The internal body is a part of the unit on the day."""
    if body_id is None:
        return []
    body = body_on(body_id, day)
    if body is not None and body.organization_id == organization_id:
        return []
    return [Objection("D2", f"内设机构在 {day} 不属于该单位", Severity.BLOCK, {}, "请重新选择内设机构")]


def objections_to_room(unit: Unit, order: EntryOrder, slot: ApprovalSlot | None) -> list[Objection]:
    """R02 under the lock: the slot's own reservation makes room for its holder, and for nobody else.

    Whoever is recorded late (I15 漏登补录) may have come before the ledger begins: room is asked from its first day on.
    """
    day = order.effective_on
    if order.entry_mode == REINSTATEMENT:
        day = max(day, allotted_since(unit.id, order.quota_type) or day)
    use = headroom(unit.id, order.quota_type, day)
    if slot is not None and slot.state == SlotState.RESERVED and slot.quota_type == order.quota_type:
        use = replace(use, reserved=use.reserved - 1)
    return objections_to_use(use, 1, unit=unit.name, quota=quota_label(order.quota_type))


def _objections_to_arrival(unit: Unit, order: EntryOrder, person: Person) -> list[Objection]:
    found: list[Objection] = []
    if person._state.adding:
        found += objections_to_person(person)
        if any(objection.severity is Severity.BLOCK for objection in found):
            return found
    else:
        found += objections_to_second_quota(person.name, stays_of(person, order.effective_on), order.effective_on)
        found += objections_to_employment(person.name, is_engaged=is_engaged(person.pk, order.effective_on))
    return found + objections_to_careers(
        born_on=person.certified_born_on or person.born_on,
        started_work_on=person.started_work_on,
        effective_on=order.effective_on,
        established_on=unit.established_on,
        minimum_age=MINIMUM_WORKING_AGE.number,
        is_bulk_transfer=order.entry_mode == ORG_TRANSFER_IN,
    )


def stays_of(person: Person, day: date) -> list[Stay]:
    """The person's occupancies that hold on the day or later, with the units' names."""
    rows = [
        row for row in Occupancy.objects.current().filter(person=person) if row.valid_to is None or row.valid_to > day
    ]
    names = units_on([row.organization_id for row in rows], day) if rows else {}
    return [
        Stay(
            names[row.organization_id].name if row.organization_id in names else "原单位", row.valid_from, row.valid_to
        )
        for row in rows
    ]


def _enter(act: Act, person: Person, order: EntryOrder, slot: ApprovalSlot | None) -> Movement:
    """Save the person if new, use the slot up, open the occupancy, write the movement."""
    if person._state.adding:
        person.save()
        act.wrote_also(person)
    if slot is not None:
        act.consume(slot, order.effective_on)
    occupancy = act.open_occupancy(
        person,
        valid_from=order.effective_on,
        organization_id=order.organization_id,
        internal_body_id=order.internal_body_id,
        quota_type=order.quota_type,
        entry_mode=order.entry_mode,
        entry_source=order.source,
        joined_unit_on=order.joined_unit_on or order.effective_on,
        slot=slot,
        term_until=order.term_until,
    )
    return act.move(
        person,
        MovementFamily.ENTRY,
        order.entry_mode,
        effective_on=order.effective_on,
        evidence=order.evidence,
        to_occupancy=occupancy,
        slot=slot,
        reason=order.reason,
    )
