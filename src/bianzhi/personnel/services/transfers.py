"""区内调动 (P04): out of one place and into another in one act, so that no day counts a person twice or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.personnel.models import ApprovalSlot, Movement, MovementFamily, Occupancy, Person
from bianzhi.personnel.rules.capacity import objections_to_use
from bianzhi.personnel.rules.slots import Use, no_slot, objections_to_slot
from bianzhi.personnel.rules.transfers import objections_to_days, objections_to_transfer
from bianzhi.personnel.rules.units import (
    no_such_unit,
    objections_to_frozen,
    objections_to_quota_type,
    objections_to_term,
    quota_label,
)
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.selectors.units import unit_on
from bianzhi.personnel.services.acts import Act, facts_of
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import Outcome, Override, as_facts, decide, explained
from bianzhi.personnel.services.entries import objections_to_body, slot_facts
from bianzhi.personnel.services.exits import locked_occupancy
from bianzhi.personnel.services.parameters import LONGEST_TERM
from bianzhi.personnel.services.persons import ChangeBasis, change_locked_fields
from bianzhi.personnel.services.releases import release_quota
from bianzhi.personnel.services.slots import expire_due_slots


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """Who goes to which slot, from when. The slot names the unit, the quota type and, unless given, body and term."""

    person_id: int
    slot_id: int
    effective_on: date
    document: ApprovalDocument
    mode: str = "T03"
    internal_body_id: int | None = None
    term_until: date | None = None
    evidence: Sequence[str] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InternalOrder:
    """A change inside the unit: of the internal body (T01) or of the quota type (T04)."""

    person_id: int
    effective_on: date
    document: ApprovalDocument
    internal_body_id: int | None = None
    quota_type: str = ""
    term_until: date | None = None
    reason: str = ""


@unit_of_work
@explained
def transfer(*, actor: Actor, today: date, order: TransferOrder, override: Override | None = None) -> Outcome:
    """Move a person to another unit (T02, T03, T07): one movement, both units at once.

    The receiving unit's slot is used up; what the sending unit is left with is settled as at an exit (R03, R19, R20),
    and the person's posts, duty state and secondments there end. Raises Refused as `enlist` and `delist` do.
    """
    slot = ApprovalSlot.objects.filter(pk=order.slot_id).first()
    if slot is None:
        raise Refused([no_slot()])
    order = replace(
        order,
        internal_body_id=order.internal_body_id or slot.internal_body_id,
        term_until=order.term_until or slot.term_until,
    )
    entering = (slot.organization_id, slot.quota_type)
    occupancy, person = locked_occupancy(order.person_id, order.effective_on, entering=entering)
    require(actor, "personnel.move", occupancy.organization_id, slot.organization_id)
    expire_due_slots(actor=actor, today=today, organization_ids=[slot.organization_id])
    slot = ApprovalSlot.objects.select_related("approval").select_for_update(of=("self",)).get(pk=order.slot_id)
    objections = _objections_to_transfer(order, occupancy, slot, today)
    remarks = decide(objections, by=actor, override=override)
    act = Act(actor=actor, today=today, document=order.document)
    movement = _carry_out(act, order, occupancy, slot)
    facts = {**facts_of(movement), **as_facts(remarks, override)}
    act.finish("personnel.transferred", person, facts, key=movement.number)
    release_quota(actor=actor, today=today, occupancy=occupancy, on=order.effective_on, document=order.document)
    return Outcome(movement, remarks)


def _carry_out(act: Act, order: TransferOrder, occupancy: Occupancy, slot: ApprovalSlot) -> Movement:
    person, day = occupancy.person, order.effective_on
    source = unit_on(occupancy.organization_id, day)
    act.close_occupancy(occupancy, day)
    act.end_positions(person, occupancy.organization_id, day)
    act.end_duty(person, day)
    act.consume(slot, day)
    arrived = act.open_occupancy(
        person,
        valid_from=day,
        organization_id=slot.organization_id,
        internal_body_id=order.internal_body_id,
        quota_type=slot.quota_type,
        entry_mode=slot.entry_mode,
        entry_source=source.name if source else "",
        joined_unit_on=day,
        slot=slot,
        term_until=order.term_until,
    )
    return act.move(
        person,
        MovementFamily.INTERNAL,
        order.mode,
        effective_on=day,
        evidence=order.evidence,
        from_occupancy=occupancy,
        to_occupancy=arrived,
        slot=slot,
        reason=order.reason,
    )


def _objections_to_transfer(
    order: TransferOrder, occupancy: Occupancy, slot: ApprovalSlot, today: date
) -> list[Objection]:
    day = order.effective_on
    target = unit_on(slot.organization_id, day)
    if target is None:
        return [no_such_unit(day)]
    use = headroom(target.id, slot.quota_type, day)
    if slot.state == "reserved":
        use = replace(use, reserved=use.reserved - 1)
    if occupancy.organization_id == target.id and occupancy.quota_type == slot.quota_type:
        use = replace(use, occupied=use.occupied - 1)
    return [
        *objections_to_transfer(order.mode, unit_on(occupancy.organization_id, day), target),
        *objections_to_days(occupancy.valid_from, day),
        *objections_to_slot(slot_facts(slot), Use(target.id, slot.quota_type, day, today, is_transfer=True)),
        *objections_to_quota_type(target, slot.quota_type),
        *objections_to_frozen(slot.quota_type),
        *objections_to_term(slot.quota_type, day, order.term_until, LONGEST_TERM.number),
        *objections_to_body(order.internal_body_id, target.id, day),
        *objections_to_use(use, 1, unit=target.name, quota=quota_label(slot.quota_type)),
    ]


@unit_of_work
@explained
def reassign_body(*, actor: Actor, today: date, order: InternalOrder) -> Outcome:
    """Move a person to another internal body of the same unit (T01); `internal_body_id` None is the unit itself.

    Takes no slot and no quota; over-staffed units may do it, the excess stays marked on the person.
    """
    occupancy, _ = locked_occupancy(order.person_id, order.effective_on)
    require(actor, "personnel.move", occupancy.organization_id)
    found = objections_to_days(occupancy.valid_from, order.effective_on)
    found += objections_to_body(order.internal_body_id, occupancy.organization_id, order.effective_on)
    remarks = decide(found, by=actor, override=None)
    return _continue(actor, today, order, occupancy, "T01", remarks, internal_body_id=order.internal_body_id)


@unit_of_work
@explained
def change_quota_type(*, actor: Actor, today: date, order: InternalOrder, override: Override | None = None) -> Outcome:
    """Move a person to another quota type of the same unit (T04); the new type must have room (R02).

    A frozen or pooled type that is left is settled as at an exit (R19, R20); none can be entered (R19).
    """
    occupancy, _ = _lock_for_type(order)
    require(actor, "personnel.move", occupancy.organization_id)
    remarks = decide(_objections_to_type(order, occupancy), by=actor, override=override)
    outcome = _continue(
        actor, today, order, occupancy, "T04", remarks, quota_type=order.quota_type, term_until=order.term_until
    )
    release_quota(actor=actor, today=today, occupancy=occupancy, on=order.effective_on, document=order.document)
    return outcome


@unit_of_work
@explained
def change_identity(*, actor: Actor, today: date, order: InternalOrder, identity: str) -> Outcome:
    """Change a person's identity (T08, e.g. 工勤 → 管理岗) as a locked field with its document (R14).

    With `quota_type` in the order the quota type changes with it, as in T04.
    """
    occupancy, person = _lock_for_type(order)
    require(actor, "personnel.move", occupancy.organization_id)
    change_locked_fields(
        actor=actor,
        person_id=order.person_id,
        changes={"identity": identity},
        basis=ChangeBasis(order.document, order.effective_on, order.reason or "身份变更"),
    )
    if order.quota_type:
        remarks = decide(_objections_to_type(order, occupancy), by=actor, override=None)
        changes = {"quota_type": order.quota_type, "term_until": order.term_until}
        outcome = _continue(actor, today, order, occupancy, "T08", remarks, **changes)
        release_quota(actor=actor, today=today, occupancy=occupancy, on=order.effective_on, document=order.document)
        return outcome
    act = Act(actor=actor, today=today, document=order.document)
    movement = act.move(
        person, MovementFamily.INTERNAL, "T08", effective_on=order.effective_on, reason=order.reason or "身份变更"
    )
    act.finish("personnel.transferred", person, facts_of(movement), key=movement.number)
    return Outcome(movement)


def _lock_for_type(order: InternalOrder) -> tuple[Occupancy, Person]:
    organization_id = (
        Occupancy.objects.open_ended()
        .filter(person_id=order.person_id)
        .values_list("organization_id", flat=True)
        .first()
    )
    entering = (organization_id, order.quota_type) if organization_id is not None and order.quota_type else None
    return locked_occupancy(order.person_id, order.effective_on, entering=entering)


def _objections_to_type(order: InternalOrder, occupancy: Occupancy) -> list[Objection]:
    day = order.effective_on
    unit = unit_on(occupancy.organization_id, day)
    if unit is None:
        return [no_such_unit(day)]
    use = headroom(unit.id, order.quota_type, day, leaving=[occupancy.pk])
    return [
        *objections_to_days(occupancy.valid_from, day),
        *objections_to_quota_type(unit, order.quota_type),
        *objections_to_frozen(order.quota_type),
        *objections_to_term(order.quota_type, day, order.term_until, LONGEST_TERM.number),
        *objections_to_use(use, 1, unit=unit.name, quota=quota_label(order.quota_type)),
    ]


def _continue(
    actor: Actor,
    today: date,
    order: InternalOrder,
    occupancy: Occupancy,
    mode: str,
    remarks: tuple[Objection, ...],
    **changes: object,
) -> Outcome:
    """Close the occupancy and open its successor with `changes`, as one movement."""
    act = Act(actor=actor, today=today, document=order.document)
    day = order.effective_on
    quota_type = str(changes.get("quota_type", occupancy.quota_type))
    use = headroom(occupancy.organization_id, quota_type, day, leaving=[occupancy.pk])
    act.close_occupancy(occupancy, day)
    successor = act.continue_occupancy(occupancy, valid_from=day, **{"over_quota": use.available < 1, **changes})
    movement = act.move(
        occupancy.person,
        MovementFamily.INTERNAL,
        mode,
        effective_on=day,
        from_occupancy=occupancy,
        to_occupancy=successor,
        reason=order.reason,
    )
    facts = {**facts_of(movement), **as_facts(remarks, None)}
    act.finish("personnel.transferred", occupancy.person, facts, key=movement.number)
    return Outcome(movement, remarks)
