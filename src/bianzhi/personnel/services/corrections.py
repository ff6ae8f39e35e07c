"""冲正与更正 (R26): what was wrongly recorded is superseded and written anew; nothing is deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.personnel.models import (
    Appointment,
    ApprovalSlot,
    Movement,
    MovementFamily,
    Occupancy,
    Person,
    SlotState,
)
from bianzhi.personnel.rules.capacity import objections_to_use
from bianzhi.personnel.rules.corrections import (
    CORRECTABLE,
    Reversible,
    objections_to_corrected_days,
    objections_to_reason,
    objections_to_reversal,
)
from bianzhi.personnel.rules.units import no_such_unit, quota_label
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.selectors.units import unit_on
from bianzhi.personnel.services.acts import COPIED, Act, facts_of
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import Outcome, as_facts, decide, explained
from bianzhi.personnel.services.entries import objections_to_body
from bianzhi.personnel.services.locking import lock_persons, lock_quota

ENDING = ("exit_mode", "exit_event_on", "exit_destination", "exit_document_id")
TELL_BY_HAND = "冲正不恢复随原业务结束的任职、在岗情况和借调，也不冲回台账条目"


@dataclass(frozen=True, slots=True)
class CorrectionBasis:
    """By what paper and why something recorded is put right."""

    document: ApprovalDocument
    reason: str


@unit_of_work
@explained
def reverse_movement(*, actor: Actor, today: date, movement_id: int, basis: CorrectionBasis) -> Outcome:
    """Reverse an entry, transfer or exit as if it had never been: its rows are superseded, what it ended goes on.

    Raises Refused (R26) when later movements or posts rest on it, and R02 or R04 when the place it gave up has been
    taken meanwhile. Posts and secondments that ended with it are not brought back: the remark says so.
    """
    movement = Movement.objects.select_related("person", "slot__approval").get(pk=movement_id)
    sides = [side for side in (movement.from_occupancy, movement.to_occupancy) if side is not None]
    require(actor, "personnel.move", *(side.organization_id for side in sides))
    lock_quota({side.organization_id for side in sides}, {side.quota_type for side in sides})
    lock_persons([movement.person_id])
    movement.refresh_from_db()
    objections = [*objections_to_reversal(_reversible(movement), basis.reason), *_objections_to_return(movement)]
    remarks = decide(objections, by=actor, override=None)
    act = Act(actor=actor, today=today, document=basis.document)
    restored = _undo(act, movement, basis.reason)
    correction = act.move(
        movement.person,
        MovementFamily.CORRECTION,
        movement.mode,
        effective_on=movement.effective_on,
        from_occupancy=movement.to_occupancy,
        to_occupancy=restored,
        reverses=movement,
        reason=basis.reason[:300],
    )
    facts = {**facts_of(correction), "reverses": movement.number, "reason": basis.reason, **as_facts(remarks, None)}
    act.finish("personnel.movement_reversed", movement.person, facts, key=correction.number)
    return Outcome(correction, remarks)


@unit_of_work
@explained
def correct_occupancy(
    *, actor: Actor, today: date, occupancy_id: int, changes: Mapping[str, Any], basis: CorrectionBasis
) -> Outcome:
    """Put facts of an occupancy right (see CORRECTABLE): the row is superseded by one that is right.

    Raises Refused for other fields (R26), without a reason, and when the corrected period does not fit the person's
    other periods (R04) or the unit's life (L1).
    """
    seen = Occupancy.objects.get(pk=occupancy_id)
    require(actor, "personnel.move", seen.organization_id)
    lock_quota([seen.organization_id], [seen.quota_type])
    person = lock_persons([seen.person_id])[seen.person_id]
    occupancy = Occupancy.objects.get(pk=occupancy_id)
    decide(_objections_to_correction(occupancy, changes, basis.reason), by=actor, override=None)
    act = Act(actor=actor, today=today, document=basis.document)
    act.supersede(occupancy, basis.reason)
    corrected = _copy(act, occupancy, person, ending=True, changes=changes)
    movement = act.move(
        person,
        MovementFamily.CORRECTION,
        corrected.entry_mode,
        effective_on=corrected.valid_from,
        from_occupancy=occupancy,
        to_occupancy=corrected,
        reason=basis.reason[:300],
    )
    facts = {**facts_of(movement), "changed": sorted(changes), "reason": basis.reason}
    act.finish("personnel.occupancy_corrected", person, facts, key=movement.number)
    return Outcome(movement)


def _reversible(movement: Movement) -> Reversible:
    later = (
        Movement.objects.filter(person_id=movement.person_id, pk__gt=movement.pk, reversed_by__isnull=True)
        .exclude(family=MovementFamily.CORRECTION, reverses__isnull=False)
        .exclude(from_occupancy__isnull=True, to_occupancy__isnull=True)
        .order_by("pk")
    )
    positions = []
    if movement.to_occupancy is not None:
        held = Appointment.objects.open_ended().filter(
            person_id=movement.person_id, organization_id=movement.to_occupancy.organization_id
        )
        positions = [appointment.position for appointment in held]
    return Reversible(
        number=movement.number,
        family=str(movement.family),
        is_reversed=Movement.objects.filter(reverses=movement).exists(),
        later=tuple(later.values_list("number", flat=True)),
        positions=tuple(positions),
    )


def _objections_to_return(movement: Movement) -> list[Objection]:
    """The place the movement gave up must still be there (R02); what cannot be brought back is told."""
    found = [Objection("R26", TELL_BY_HAND, Severity.WARN, {}, "需要恢复的请另行登记")]
    old, new = movement.from_occupancy, movement.to_occupancy
    if old is None or old.superseded_at is not None:
        return found
    unit = unit_on(old.organization_id, movement.effective_on)
    if unit is None:
        return [*found, no_such_unit(movement.effective_on)]
    if new is not None and (new.organization_id, new.quota_type) == (old.organization_id, old.quota_type):
        return found
    leaving = [new.pk] if new is not None else []
    use = headroom(unit.id, old.quota_type, movement.effective_on, leaving=leaving)
    if old.over_quota:
        return found
    return found + objections_to_use(use, 1, unit=unit.name, quota=quota_label(old.quota_type))


def _undo(act: Act, movement: Movement, reason: str) -> Occupancy | None:
    """Supersede what the movement opened, give its slot back, and reopen what it closed; returns the reopened row."""
    if movement.to_occupancy is not None:
        act.supersede(movement.to_occupancy, reason)
    if movement.slot is not None:
        _give_back(act, movement.slot)
    closed = movement.from_occupancy
    if closed is None:
        return None
    act.supersede(closed, reason)
    return _copy(act, closed, movement.person, ending=False, changes={})


def _give_back(act: Act, slot: ApprovalSlot) -> None:
    """A slot whose entry never was: in force again while its slip is valid, else lapsed."""
    if act.today <= slot.approval.valid_until:
        slot.state, slot.released_on, slot.release_reason = SlotState.RESERVED, None, ""
    else:
        slot.state, slot.release_reason = SlotState.EXPIRED, "冲正时核准单已过期"
        slot.released_on = max(slot.approval.valid_until + timedelta(days=1), slot.reserved_on or date.min)
    slot.save(update_fields=["state", "released_on", "release_reason"])
    act.wrote_also(slot)


def _copy(act: Act, occupancy: Occupancy, person: Person, *, ending: bool, changes: Mapping[str, Any]) -> Occupancy:
    """The occupancy written anew, with its slot and, when `ending`, with its end; an excess stays marked."""
    facts = {name: getattr(occupancy, name) for name in COPIED} | {"slot_id": occupancy.slot_id}
    if ending:
        facts |= {"valid_to": occupancy.valid_to} | {name: getattr(occupancy, name) for name in ENDING}
    facts |= changes
    valid_from = facts.pop("valid_from", occupancy.valid_from)
    if facts.get("valid_to") is None:
        full = headroom(occupancy.organization_id, occupancy.quota_type, valid_from).available < 1
        facts["over_quota"] = occupancy.over_quota or full
    return act.open_occupancy(person, valid_from=valid_from, **facts)


def _objections_to_correction(occupancy: Occupancy, changes: Mapping[str, Any], reason: str) -> list[Objection]:
    found = objections_to_reason(reason)
    unfit = sorted(set(changes) - set(CORRECTABLE))
    if unfit or not changes or occupancy.superseded_at is not None:
        message = "该记录已被更正，或没有可以更正的内容（R26）"
        raise Refused([Objection("R26", message, Severity.BLOCK, {}, "单位和编制类型请用调动业务变更")])
    day = changes.get("valid_from", occupancy.valid_from)
    unit = unit_on(occupancy.organization_id, day)
    if unit is None:
        found.append(no_such_unit(day))
    previous = (
        Occupancy.objects.current()
        .filter(person_id=occupancy.person_id, valid_from__lt=occupancy.valid_from)
        .order_by("-valid_from")
        .first()
    )
    found += objections_to_corrected_days(day, occupancy.valid_to, previous.valid_to if previous else None)
    return found + objections_to_body(changes.get("internal_body_id"), occupancy.organization_id, day)
