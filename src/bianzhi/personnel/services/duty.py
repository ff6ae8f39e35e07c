"""在岗情况 (§2.7): how somebody on quota is on duty meanwhile; all states count as occupied."""

from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.personnel.models import DutyPeriod, Occupancy, Person
from bianzhi.personnel.rules.duty import ON_DUTY, objections_to_duty
from bianzhi.personnel.rules.periods import objections_to_overlap
from bianzhi.personnel.selectors.periods import last_end
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.locking import lock_persons


@unit_of_work
def set_duty_state(
    *,
    actor: Actor,
    person_id: int,
    state: str,
    effective_on: date,
    reason: str = "",
    note: str = "",
    document: ApprovalDocument | None = None,
) -> DutyPeriod | None:
    """Change a person's duty state from a day on; None when the person simply is on duty again.

    Raises Refused when the person is not on quota, the state or reason is none of the code sets, or days are out of
    order.
    """
    organizations = Occupancy.objects.as_of(effective_on).filter(person_id=person_id)
    require(actor, "personnel.change", *organizations.values_list("organization_id", flat=True))
    person = lock_persons([person_id])[person_id]
    current = DutyPeriod.objects.open_ended().filter(person=person).first()
    objections = objections_to_duty(state, reason, current.valid_from if current else None, effective_on)
    if state != ON_DUTY:
        ended_on = last_end(DutyPeriod.objects, person.pk)
        objections += objections_to_overlap(f"{person.name}已登记的在岗情况", ended_on, effective_on)
    if not organizations.exists():
        message = f"{person.name}在 {effective_on} 不在编"
        objections.append(Objection("R04", message, Severity.BLOCK, {}, "在岗情况只登记在编人员"))
    if current is None and state == ON_DUTY:
        objections.append(Objection("D2", f"{person.name}已是在编在岗", Severity.BLOCK, {}, "无需变更"))
    refuse_if(objections)
    return _change(actor, person, current, state, effective_on, reason=reason, note=note, document=document)


def _change(
    actor: Actor,
    person: Person,
    current: DutyPeriod | None,
    state: str,
    effective_on: date,
    *,
    reason: str,
    note: str,
    document: ApprovalDocument | None,
) -> DutyPeriod | None:
    wrote: list[DutyPeriod] = []
    if current is not None:
        current.valid_to = effective_on
        current.save(update_fields=["valid_to"])
        wrote.append(current)
    opened = None
    if state != ON_DUTY:
        opened = DutyPeriod.objects.create(
            person=person, state=state, reason=reason, note=note, document=document, valid_from=effective_on
        )
        wrote.append(opened)
    facts = {"state": state, "label": codes("duty_state").label(state), "reason": reason, "effective_on": effective_on}
    record("personnel.duty_changed", actor=actor, subject=person, facts=facts, wrote=wrote)
    outbox.put("personnel.duty_changed", key=person.pk, payload={"state": state, "from": effective_on.isoformat()})
    return opened
