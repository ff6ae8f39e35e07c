"""冲正与更正 (R26): what was wrongly recorded is superseded and written anew; nothing is deleted."""

from collections.abc import Mapping, Sequence
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
    DutyPeriod,
    Movement,
    MovementFamily,
    Occupancy,
    Person,
    Secondment,
    SlotState,
)
from bianzhi.personnel.rules.capacity import objections_to_use
from bianzhi.personnel.rules.corrections import (
    CORRECTABLE,
    Reversible,
    objections_to_corrected_days,
    objections_to_reason,
    objections_to_reversal,
    remarks_on_what_falls,
)
from bianzhi.personnel.rules.duty import SECONDED_OUT
from bianzhi.personnel.rules.entries import objections_to_employment
from bianzhi.personnel.rules.units import no_such_unit, quota_label
from bianzhi.personnel.selectors.outside_quota import is_engaged
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.selectors.standing import standing
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


@dataclass(frozen=True, slots=True)
class _Undoing:
    """A movement about to be reversed, with the rows that count today for those it closed and opened.

    `duties` and `loans` rest on the stay it opened, which began `since`, and fall with it: nobody is lent by a unit
    one never was with.
    """

    movement: Movement
    closed: Occupancy | None
    opened: Occupancy | None
    since: date
    duties: Sequence[DutyPeriod]
    loans: Sequence[Secondment]

    @property
    def is_standing(self) -> bool:
        """Whether each row of the movement still counts, as it was or as it was corrected."""
        pairs = ((self.movement.from_occupancy, self.closed), (self.movement.to_occupancy, self.opened))
        return all(row is None or today is not None for row, today in pairs)


@unit_of_work
@explained
def reverse_movement(*, actor: Actor, today: date, movement_id: int, basis: CorrectionBasis) -> Outcome:
    """Reverse an entry, transfer or exit as if it had never been: its rows are superseded, what it ended goes on.

    Rows corrected since are taken as they are now. Duty states and secondments that rest on the stay fall with it.
    Raises Refused (R26) when later movements or posts rest on it, and R02 or R04 when the place it gave up has been
    taken meanwhile. Posts and secondments that ended with it are not brought back: the remark says so.
    """
    movement = Movement.objects.select_related("person", "slot__approval").get(pk=movement_id)
    sides = [side for side in (movement.from_occupancy, movement.to_occupancy) if side is not None]
    require(actor, "personnel.move", *(side.organization_id for side in sides))
    lock_quota({side.organization_id for side in sides}, {side.quota_type for side in sides})
    lock_persons([movement.person_id])
    movement.refresh_from_db()
    undoing = _undoing(movement)
    objections = [*objections_to_reversal(_reversible(undoing), basis.reason), *_objections_to_return(undoing)]
    remarks = decide(objections, by=actor, override=None)
    act = Act(actor=actor, today=today, document=basis.document)
    restored = _undo(act, undoing, basis.reason)
    correction = act.move(
        movement.person,
        MovementFamily.CORRECTION,
        movement.mode,
        effective_on=movement.effective_on,
        from_occupancy=undoing.opened,
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


def _undoing(movement: Movement) -> _Undoing:
    closed, opened = (
        None if row is None else standing(row) for row in (movement.from_occupancy, movement.to_occupancy)
    )
    if opened is None or (closed is not None and closed.organization_id == opened.organization_id):
        return _Undoing(movement, closed, opened, movement.effective_on, (), ())
    since = min(opened.valid_from, movement.effective_on)
    loans = Secondment.objects.current().filter(
        person_id=movement.person_id, from_organization_id=opened.organization_id, valid_from__gte=since
    )
    duties = DutyPeriod.objects.current().filter(person_id=movement.person_id).exclude(valid_to__lte=since)
    if movement.from_occupancy is not None:
        duties = duties.filter(state=SECONDED_OUT) if loans.exists() else duties.none()
    return _Undoing(movement, closed, opened, since, tuple(duties), tuple(loans))


def _reversible(undoing: _Undoing) -> Reversible:
    movement = undoing.movement
    later = (
        Movement.objects.filter(person_id=movement.person_id, pk__gt=movement.pk, reversed_by__isnull=True)
        .exclude(family=MovementFamily.CORRECTION)
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
        is_standing=undoing.is_standing,
        later=tuple(later.values_list("number", flat=True)),
        positions=tuple(positions),
    )


def _objections_to_return(undoing: _Undoing) -> list[Objection]:
    """The place the movement gave up must still be there (R02); what falls or cannot be brought back is told."""
    found = [Objection("R26", TELL_BY_HAND, Severity.WARN, {}, "需要恢复的请另行登记")]
    found += remarks_on_what_falls(len(undoing.duties), len(undoing.loans))
    old, new, day = undoing.closed, undoing.opened, undoing.movement.effective_on
    if old is None:
        return found
    person = undoing.movement.person
    if new is None:
        found += objections_to_employment(person.name, is_engaged=is_engaged(person.pk, day))
    unit = unit_on(old.organization_id, day)
    if unit is None:
        return [*found, no_such_unit(day)]
    if new is not None and (new.organization_id, new.quota_type) == (old.organization_id, old.quota_type):
        return found
    leaving = [new.pk] if new is not None else []
    use = headroom(unit.id, old.quota_type, day, leaving=leaving)
    if old.over_quota:
        return found
    return found + objections_to_use(use, 1, unit=unit.name, quota=quota_label(old.quota_type))


def _undo(act: Act, undoing: _Undoing, reason: str) -> Occupancy | None:
    """Supersede what the movement opened with what rests on it, give its slot back, and reopen what it closed."""
    movement, closed = undoing.movement, undoing.closed
    if undoing.opened is not None:
        act.supersede(undoing.opened, reason)
    for duty in undoing.duties:
        act.end(duty, undoing.since)
    for loan in undoing.loans:
        act.supersede(loan, reason)
    if movement.slot is not None:
        _give_back(act, movement.slot)
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
    """The occupancy written anew, with its slot and, when `ending`, with its end; an excess stays marked.

    Whether the unit is full is asked of today: the ledger may begin later than people came.
    """
    facts = {name: getattr(occupancy, name) for name in COPIED} | {"slot_id": occupancy.slot_id}
    if ending:
        facts |= {"valid_to": occupancy.valid_to} | {name: getattr(occupancy, name) for name in ENDING}
    facts |= changes
    valid_from = facts.pop("valid_from", occupancy.valid_from)
    if facts.get("valid_to") is None:
        judged_on = max(valid_from, act.today)
        full = headroom(occupancy.organization_id, occupancy.quota_type, judged_on).available < 1
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
