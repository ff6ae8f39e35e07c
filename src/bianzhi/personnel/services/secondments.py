"""借调、挂职、援派 (B01–B05): the person keeps the home quota and comes back on an agreed day (R21)."""

from dataclasses import dataclass
from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.personnel.models import DutyPeriod, Occupancy, Person, Secondment
from bianzhi.personnel.rules.duty import SECONDED_OUT, objections_to_duty
from bianzhi.personnel.rules.outside_quota import SecondmentFacts, objections_to_secondment
from bianzhi.personnel.rules.periods import objections_to_overlap
from bianzhi.personnel.rules.units import Unit
from bianzhi.personnel.selectors.periods import last_end
from bianzhi.personnel.selectors.units import unit_on
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import Override, as_facts, decide
from bianzhi.personnel.services.locking import lock_persons


@dataclass(frozen=True, slots=True)
class SecondmentOrder:
    """Who is lent to whom until when.

    The lender is the unit whose quota the person is on; whoever is on nobody's quota here comes from outside, and
    `outside_party` says from where. A borrower outside the district is named by `outside_party` too.
    """

    person_id: int
    mode: str
    effective_on: date
    planned_until: date | None
    document: ApprovalDocument
    to_organization_id: int | None = None
    outside_party: str = ""


@unit_of_work
def start_secondment(
    *, actor: Actor, order: SecondmentOrder, override: Override | None = None
) -> tuple[Secondment, tuple[Objection, ...]]:
    """Lend a person; the occupancy stays, the duty state becomes 在编借出.

    Raises Refused without an agreed end or, unless overridden, when an organ borrows from a township (R21), and when
    an earlier secondment or duty state reaches beyond the day (D3).
    """
    day = order.effective_on
    home = Occupancy.objects.as_of(day).filter(person_id=order.person_id).first()
    units = [unit for unit in (home.organization_id if home else None, order.to_organization_id) if unit is not None]
    require(actor, "personnel.move", *units)
    person = lock_persons([order.person_id])[order.person_id]
    lender = unit_on(home.organization_id, day) if home else None
    borrower = unit_on(order.to_organization_id, day) if order.to_organization_id is not None else None
    facts = SecondmentFacts(order.mode, day, order.planned_until, lender, borrower, order.outside_party)
    found = [
        *objections_to_secondment(facts),
        *_objections_to_standing(person, lender, borrower),
        *_objections_to_day(person, day, is_lent=lender is not None),
    ]
    remarks = decide(found, by=actor, override=override)
    secondment = Secondment.objects.create(
        person=person,
        mode=order.mode,
        from_organization_id=lender.id if lender else None,
        to_organization_id=order.to_organization_id,
        outside_party=order.outside_party,
        valid_from=day,
        planned_until=order.planned_until or day,
        document=order.document,
    )
    wrote = [secondment, *(_lend(person, day, order) if lender else [])]
    told = {"mode": order.mode, "planned_until": order.planned_until, "document": order.document.doc_no}
    recorded = {**told, **as_facts(remarks, override)}
    record("personnel.seconded", actor=actor, subject=person, facts=recorded, wrote=wrote)
    outbox.put("personnel.seconded", key=secondment.pk, payload={"person": person.pk, "mode": order.mode})
    return secondment, remarks


@unit_of_work
def end_secondment(*, actor: Actor, secondment_id: int, returned_on: date) -> Secondment:
    """Record the day a lent person is back; the duty state ends with it."""
    seen = Secondment.objects.get(pk=secondment_id)
    units = [unit for unit in (seen.from_organization_id, seen.to_organization_id) if unit is not None]
    require(actor, "personnel.move", *units)
    person = lock_persons([seen.person_id])[seen.person_id]
    secondment = Secondment.objects.get(pk=secondment_id)
    if not secondment.is_open or returned_on <= secondment.valid_from:
        message = f"该借调挂职已结束，或返回日期不晚于开始日期 {secondment.valid_from}"
        raise Refused([Objection("D3", message, Severity.BLOCK, {}, "请核对记录和日期")])
    secondment.valid_to = returned_on
    secondment.save(update_fields=["valid_to"])
    duty = DutyPeriod.objects.open_ended().filter(person=person, state=SECONDED_OUT, valid_from__lt=returned_on).first()
    if duty is not None:
        duty.valid_to = returned_on
        duty.save(update_fields=["valid_to"])
    wrote = [secondment, *([duty] if duty else [])]
    facts = {"secondment": secondment.pk, "returned_on": returned_on}
    record("personnel.secondment_ended", actor=actor, subject=person, facts=facts, wrote=wrote)
    outbox.put("personnel.secondment_ended", key=secondment.pk, payload={"person": person.pk})
    return secondment


def _objections_to_standing(person: Person, lender: Unit | None, borrower: Unit | None) -> list[Objection]:
    found: list[Objection] = []
    if Secondment.objects.open_ended().filter(person=person).exists():
        message = f"{person.name}正在借调（挂职）中"
        found.append(Objection("R21", message, Severity.BLOCK, {}, "请先登记返回"))
    if lender is None and borrower is None:
        message = f"{person.name}不在编，接收单位也不在本区"
        found.append(Objection("D2", message, Severity.BLOCK, {}, "借出须有派出单位，借入须有接收单位"))
    return found


def _objections_to_day(person: Person, day: date, *, is_lent: bool) -> list[Objection]:
    """D3: the loan, and the duty state of whoever is lent, begin after what was registered before."""
    lent_until = last_end(Secondment.objects, person.pk)
    found = objections_to_overlap(f"{person.name}已登记的借调（挂职）", lent_until, day)
    if is_lent:
        current = DutyPeriod.objects.open_ended().filter(person=person).first()
        found += objections_to_duty(SECONDED_OUT, "", current.valid_from if current else None, day)
        ended_on = last_end(DutyPeriod.objects, person.pk)
        found += objections_to_overlap(f"{person.name}已登记的在岗情况", ended_on, day)
    return found


def _lend(person: Person, day: date, order: SecondmentOrder) -> list[DutyPeriod]:
    """End whatever duty state holds and open 在编借出."""
    wrote: list[DutyPeriod] = []
    for duty in DutyPeriod.objects.open_ended().filter(person=person, valid_from__lt=day):
        duty.valid_to = day
        duty.save(update_fields=["valid_to"])
        wrote.append(duty)
    opened = DutyPeriod.objects.create(
        person=person,
        state=SECONDED_OUT,
        note=codes("secondment_mode").label(order.mode),
        document=order.document,
        valid_from=day,
    )
    return [*wrote, opened]
