"""出编 (P05): somebody leaves the quota, with the papers of the mode and against the clock (R12, R19)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.kernel.retirement import YearMonth
from bianzhi.organizations.models import ReorganizationEvent
from bianzhi.personnel.models import Movement, MovementFamily, Occupancy, Person
from bianzhi.personnel.rules.exits import ExitFacts, first_day_off_quota, objections_to_exit
from bianzhi.personnel.rules.modes import RETIREMENTS, objections_to_exit_evidence
from bianzhi.personnel.rules.transfers import not_on_quota
from bianzhi.personnel.selectors.retirements import retirement_month
from bianzhi.personnel.selectors.working_days import exit_deadline, filing_days, working_calendar
from bianzhi.personnel.services.acts import Act, Leaving, facts_of
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import Outcome, as_facts, decide, explained
from bianzhi.personnel.services.locking import freed_to, lock_persons, lock_quota
from bianzhi.personnel.services.releases import release_quota


@dataclass(frozen=True, slots=True)
class ExitOrder:
    """Who leaves, how, when it happened and by which papers.

    `last_day` is the last day on quota where it differs from the day of the event; retirements end with their month.
    """

    person_id: int
    mode: str
    event_on: date
    document: ApprovalDocument
    evidence: Sequence[str] = ()
    destination: str = ""
    last_day: date | None = None
    reason: str = ""
    event: ReorganizationEvent | None = None

    @property
    def off_on(self) -> date:
        """The first day no longer on quota."""
        if self.last_day is not None and self.mode not in RETIREMENTS:
            return self.last_day + timedelta(days=1)
        return first_day_off_quota(self.mode, self.event_on)


@unit_of_work
@explained
def delist(*, actor: Actor, today: date, order: ExitOrder) -> Outcome:
    """End a person's occupancy for good, with everything that hangs on it: posts, duty state, secondments.

    Frozen quota is withdrawn and pooled quota returned by a ledger entry in the same transaction (R19, R20); slots
    that waited for this exit wake up (R03). Raises Refused when the person is not on quota (R04), papers are missing
    (R12), or days are out of order (D3); a late filing passes, flagged and remarked (R12).
    """
    occupancy, person = locked_occupancy(order.person_id, order.off_on)
    require(actor, "personnel.move", occupancy.organization_id)
    deadline = exit_deadline(order.off_on - timedelta(days=1), working_calendar(today), filing_days())
    exit_ = ExitFacts(person.name, order.mode, order.event_on, order.off_on, occupancy.valid_from, today, deadline)
    objections = [
        *objections_to_exit_evidence(order.mode, order.evidence),
        *objections_to_exit(exit_),
        *_remarks_on_retirement(order, person),
    ]
    remarks = decide(objections, by=actor, override=None)
    act = Act(actor=actor, today=today, document=order.document, event=order.event)
    ended = act.end_positions(person, None, order.off_on)
    movement = _leave(act, order, occupancy, is_overdue=today > deadline)
    facts = {
        **facts_of(movement),
        "is_overdue": movement.is_overdue,
        "positions_ended": ended,
        **as_facts(remarks, None),
    }
    act.finish("personnel.delisted", person, facts, key=movement.number)
    release_quota(actor=actor, today=today, occupancy=occupancy, on=order.off_on, document=order.document)
    return Outcome(movement, remarks)


def _leave(act: Act, order: ExitOrder, occupancy: Occupancy, *, is_overdue: bool) -> Movement:
    """Close the occupancy and what depends on it, and write the movement."""
    act.close_occupancy(occupancy, order.off_on, Leaving(order.mode, order.event_on, order.destination))
    act.end_duty(occupancy.person, order.off_on)
    return act.move(
        occupancy.person,
        MovementFamily.EXIT,
        order.mode,
        effective_on=order.off_on,
        event_on=order.event_on,
        evidence=order.evidence,
        from_occupancy=occupancy,
        is_overdue=is_overdue,
        reason=order.reason,
    )


def locked_occupancy(person_id: int, day: date, *, entering: tuple[int, str] | None = None) -> tuple[Occupancy, Person]:
    """The person's open occupancy with everything locked that its end touches, and with `entering` the unit and
    quota type the person goes to. Raises Refused (R04) when the person is not on quota.
    """
    seen = _open_occupancy(person_id)
    places = freed_to(seen.organization_id, seen.quota_type, day)
    units = {seen.organization_id} | ({entering[0]} if entering else set())
    measures = {seen.quota_type} | ({entering[1]} if entering else set())
    lock_quota(units, measures, also=places)
    person = lock_persons([person_id])[person_id]
    occupancy = _open_occupancy(person_id)
    if occupancy.pk != seen.pk:
        message = f"{person.name}的占编刚刚被另一笔业务变更"
        raise Refused([Objection("R04", message, Severity.BLOCK, {}, "请刷新后重新办理")])
    return occupancy, person


def _open_occupancy(person_id: int) -> Occupancy:
    occupancy = Occupancy.objects.open_ended().filter(person_id=person_id).select_related("person").first()
    if occupancy is None:
        person = Person.objects.filter(pk=person_id).first()
        raise Refused([not_on_quota(person.name if person else "该人员")])
    return occupancy


def _remarks_on_retirement(order: ExitOrder, person: Person) -> list[Objection]:
    """A statutory retirement in another month than the forecast's is remarked, not refused."""
    expected = retirement_month(person)
    if order.mode != "O01" or expected is None or expected == YearMonth.of(order.event_on):
        return []
    message = f"退休时间 {YearMonth.of(order.event_on)} 与按规定测算的 {expected} 不一致（R18）"
    return [Objection("R18", message, Severity.WARN, {}, "请核对退休审批表、退休类别和出生日期")]
