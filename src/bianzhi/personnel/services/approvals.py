"""Staffing approvals (用编核准, P02): permission to bring people onto a unit's quota, slot by slot."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.numbering import next_numbers
from bianzhi.common.parameters import SLOT_VALIDITY_MONTHS
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.kernel.retirement import YearMonth
from bianzhi.personnel.models import ApprovalSlot, Occupancy, Person, PlanItem, SlotState, StaffingApproval
from bianzhi.personnel.rules.capacity import objections_to_new_slots
from bianzhi.personnel.rules.modes import WITHOUT_SLOT, objections_to_entry_mode
from bianzhi.personnel.rules.slots import (
    Replacement,
    objections_to_overdue_exits,
    objections_to_plan_item,
    objections_to_replacements,
)
from bianzhi.personnel.rules.units import (
    Unit,
    no_such_unit,
    objections_to_frozen,
    objections_to_quota_type,
    objections_to_term,
    quota_label,
)
from bianzhi.personnel.selectors.owed_exits import owed_exits
from bianzhi.personnel.selectors.plans import execution_of
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.selectors.units import body_on, unit_on
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import Override, as_facts, decide, explained
from bianzhi.personnel.services.locking import lock_persons, lock_quota
from bianzhi.personnel.services.parameters import LONGEST_TERM
from bianzhi.personnel.services.slots import expire_due_slots


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """So many slots of one kind; `replaces_id` names the person whose exit the one slot waits for (R03)."""

    quota_type: str
    entry_mode: str
    count: int = 1
    internal_body_id: int | None = None
    replaces_id: int | None = None
    term_until: date | None = None


@dataclass(frozen=True, slots=True)
class ApprovalOrder:
    """What is to be approved. Without `valid_until` the slip is valid for the office's usual months."""

    organization_id: int
    requests: Sequence[SlotRequest]
    document: ApprovalDocument | None = None
    plan_item: PlanItem | None = None
    purpose: str = ""
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class IssuedApproval:
    """The slip, its slots in order, and the objections that were let through."""

    approval: StaffingApproval
    slots: tuple[ApprovalSlot, ...]
    remarks: tuple[Objection, ...] = ()


@unit_of_work
@explained
def issue_approval(
    *, actor: Actor, today: date, order: ApprovalOrder, override: Override | None = None
) -> IssuedApproval:
    """Issue a numbered slip with its slots; each reserves one vacancy from today on.

    Raises Refused: no unit (L1), quota type or mode unfit (R05, R11), frozen type (R19), no term (R20), over-staffed
    or full unit (R03), too little room (R02), more than the plan has left (P1, may be overridden), owed exits (R13,
    may be overridden). Denied without approvals.issue.
    """
    remarks = _admit(actor, today, order, override)
    return _issue("personnel.approval_issued", actor, order, today, remarks, override, confirmed_on=today)


@unit_of_work
@explained
def hold_approval(
    *, actor: Actor, today: date, order: ApprovalOrder, override: Override | None = None
) -> IssuedApproval:
    """预占: set the vacancies of an accepted application aside; nobody enters on them before `confirm_approval`.

    Judged and refused as `issue_approval` is, so the second of two applications for the last vacancy is refused here.
    """
    remarks = _admit(actor, today, order, override)
    return _issue("personnel.approval_held", actor, order, today, remarks, override, confirmed_on=None)


def _admit(actor: Actor, today: date, order: ApprovalOrder, override: Override | None) -> tuple[Objection, ...]:
    """Lock the unit and refuse what stands against the order; returns what is let through."""
    require(actor, "approvals.issue", order.organization_id)
    lock_quota([order.organization_id], {request.quota_type for request in order.requests})
    replaced = lock_persons(request.replaces_id for request in order.requests if request.replaces_id is not None)
    expire_due_slots(actor=actor, today=today, organization_ids=[order.organization_id])
    unit = unit_on(order.organization_id, today)
    if unit is None:
        raise Refused([no_such_unit(today)])
    objections = [
        *_objections_to_order(order, today),
        *_objections_to_requests(unit, order.requests, today),
        *_objections_to_room(unit, order.requests, today),
        *objections_to_replacements(_replacements(order, replaced)),
        *_objections_to_plan(order),
        *objections_to_owed_exits(unit, today),
    ]
    return decide(objections, by=actor, override=override)


def _issue(
    action: str,
    actor: Actor,
    order: ApprovalOrder,
    today: date,
    remarks: tuple[Objection, ...],
    override: Override | None,
    *,
    confirmed_on: date | None,
) -> IssuedApproval:
    """Write the slip with its slots, record it and tell."""
    approval, slots = _write(order, today, confirmed_on)
    facts = {
        "number": approval.number,
        "slots": [[slot.number, slot.quota_type, slot.entry_mode, slot.state] for slot in slots],
        "valid_until": approval.valid_until,
        "document": order.document.doc_no if order.document else "",
        **as_facts(remarks, override),
    }
    record(action, actor=actor, subject=approval, facts=facts, wrote=[approval, *slots])
    outbox.put(action, key=approval.number, payload={"approval": approval.pk})
    return IssuedApproval(approval, tuple(slots), remarks)


def usual_end(today: date) -> date:
    """The last day of a slip's usual validity: so many months on, less a day."""
    month = YearMonth.of(today).plus(SLOT_VALIDITY_MONTHS.number)
    last_of_month = month.plus(1).first_day - timedelta(days=1)
    return min(last_of_month, month.first_day + timedelta(days=today.day - 1)) - timedelta(days=1)


def _objections_to_order(order: ApprovalOrder, today: date) -> list[Objection]:
    found: list[Objection] = []
    if not order.requests or any(request.count < 1 for request in order.requests):
        found.append(Objection("D2", "未填写用编人数", Severity.BLOCK, {}, "请填写大于 0 的人数"))
    if order.valid_until is not None and order.valid_until < today:
        found.append(Objection("D3", f"有效期至 {order.valid_until}，早于今天", Severity.BLOCK, {}, "请核对有效期"))
    for request in order.requests:
        if request.replaces_id is not None and request.count != 1:
            found.append(Objection("R03", "接替名额一人一个（R03）", Severity.BLOCK, {}, "请逐人填写接替名额"))
        if request.internal_body_id is not None:
            body = body_on(request.internal_body_id, today)
            if body is None or body.organization_id != order.organization_id:
                found.append(Objection("D2", "内设机构不属于该单位", Severity.BLOCK, {}, "请重新选择内设机构"))
    return found


def _objections_to_requests(unit: Unit, requests: Sequence[SlotRequest], today: date) -> list[Objection]:
    found: list[Objection] = []
    for request in requests:
        found += objections_to_quota_type(unit, request.quota_type)
        found += objections_to_frozen(request.quota_type)
        found += objections_to_entry_mode(request.entry_mode, request.quota_type)
        found += objections_to_term(request.quota_type, today, request.term_until, LONGEST_TERM.number)
        if request.entry_mode in WITHOUT_SLOT:
            message = "机构划转和恢复在编不用核准名额（R01）"
            found.append(Objection("R01", message, Severity.BLOCK, {}, "请凭机构文件或恢复批文直接办理"))
    return list(dict.fromkeys(found))


def _objections_to_room(unit: Unit, requests: Sequence[SlotRequest], today: date) -> list[Objection]:
    wanted: Counter[str] = Counter()
    replacing: Counter[str] = Counter()
    for request in requests:
        (wanted if request.replaces_id is None else replacing)[request.quota_type] += request.count
    return [
        objection
        for quota_type in sorted({*wanted, *replacing})
        for objection in objections_to_new_slots(
            headroom(unit.id, quota_type, today),
            wanted[quota_type],
            replacing[quota_type],
            unit=unit.name,
            quota=quota_label(quota_type),
        )
    ]


def _replacements(order: ApprovalOrder, persons: dict[int, Person]) -> list[Replacement]:
    found = []
    for request in order.requests:
        if request.replaces_id is None:
            continue
        here = Occupancy.objects.open_ended().filter(
            person_id=request.replaces_id, organization_id=order.organization_id, quota_type=request.quota_type
        )
        other = ApprovalSlot.objects.filter(
            replaces_id=request.replaces_id,
            organization_id=order.organization_id,
            state__in=(SlotState.DORMANT, SlotState.RESERVED),
        ).first()
        person = persons[request.replaces_id]
        found.append(Replacement(person.pk, person.name, here.exists(), other.number if other else ""))
    return found


def _objections_to_plan(order: ApprovalOrder) -> list[Objection]:
    """P1: a slip that cites a plan item stays within what the item has left."""
    if order.plan_item is None:
        return []
    item = PlanItem.objects.select_for_update(of=("self",)).select_related("plan").get(pk=order.plan_item.pk)
    if item.plan.withdrawn_at is not None:
        message = f"“{item.plan}”已撤销，不能再引用其计划项（P1）"
        return [Objection("P1", message, Severity.BLOCK, {}, "请改选有效的计划项")]
    (execution,) = execution_of([item])
    wanted = sum(request.count for request in order.requests)
    return objections_to_plan_item(str(item), execution.planned, execution.left, wanted)


def objections_to_owed_exits(unit: Unit, today: date) -> list[Objection]:
    """R13 as of a day, with the names of those whose exit is overdue."""
    names = [each.occupancy.person.name for each in owed_exits(today, [unit.id])]
    return objections_to_overdue_exits(names, unit.name)


def _write(order: ApprovalOrder, today: date, confirmed_on: date | None) -> tuple[StaffingApproval, list[ApprovalSlot]]:
    serial = next_numbers(f"approval-{today.year}")[0]
    approval = StaffingApproval.objects.create(
        number=f"用编核〔{today.year}〕{serial:04d}号",
        organization_id=order.organization_id,
        document=order.document,
        plan_item=order.plan_item,
        issued_on=today,
        confirmed_on=confirmed_on,
        valid_until=order.valid_until or usual_end(today),
        purpose=order.purpose,
    )
    each = [request for request in order.requests for _ in range(request.count)]
    slots = [
        ApprovalSlot(
            approval=approval,
            number=f"{approval.number}-{index:02d}",
            organization_id=order.organization_id,
            internal_body_id=request.internal_body_id,
            quota_type=request.quota_type,
            entry_mode=request.entry_mode,
            replaces_id=request.replaces_id,
            term_until=request.term_until,
            state=SlotState.RESERVED if request.replaces_id is None else SlotState.DORMANT,
            reserved_on=today if request.replaces_id is None else None,
        )
        for index, request in enumerate(each, start=1)
    ]
    return approval, ApprovalSlot.objects.bulk_create(slots, batch_size=500)
