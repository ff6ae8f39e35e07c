"""合并、拆分、划转、撤销 with everything in them: structure, quota, posts and people in one act (P07).

`organizations.services` keeps the structure, `ledger.services` the quota; this is where they meet people. Each act has
one event in the history of every unit concerned, and every movement and ledger entry names it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.ledger.selectors.balances import approved
from bianzhi.ledger.services import abolish_unit_quota, set_posts
from bianzhi.ledger.services.moves import Basis
from bianzhi.organizations.models import LineageKind, ReorganizationEvent
from bianzhi.organizations.services import NewOrganization, abolish, establish, lock_structure, record_event
from bianzhi.personnel.models import Appointment, ApprovalSlot, Engagement
from bianzhi.personnel.rules.modes import ORG_TRANSFER_OUT, evidence_of_exit
from bianzhi.personnel.selectors.units import units_on
from bianzhi.personnel.services.acts import Act
from bianzhi.personnel.services.appointments import end_appointment
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.carrying import PENDING, Carrying, Load, lock_for_reorganization, staying_at
from bianzhi.personnel.services.decisions import explained
from bianzhi.personnel.services.engagements import end_engagement
from bianzhi.personnel.services.exits import ExitOrder, delist
from bianzhi.personnel.services.slots import return_slot

Target = int | NewOrganization


@dataclass(frozen=True, slots=True)
class Decree:
    """By what document, from which day, and in which words units are reorganised."""

    document: ApprovalDocument
    effective_on: date
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What one receiving unit gets of a unit that is split, or of one that hands something over (划转).

    `target` is a unit's id or a unit to be established. `amounts` are quota types and post levels with their numbers;
    `bodies` maps internal bodies of the source to those of the target.
    """

    target: Target
    amounts: Mapping[str, int]
    person_ids: Collection[int] = ()
    bodies: Mapping[int, int] = field(default_factory=dict)
    allows_overstaffing: bool = False


@unit_of_work
@explained
def merge(
    *,
    actor: Actor,
    today: date,
    decree: Decree,
    source_ids: Sequence[int],
    target: Target,
    posts: Mapping[str, int] | None = None,
    bodies: Mapping[int, int] | None = None,
) -> ReorganizationEvent:
    """合并: the sources end; their quota and people go to the target, which may be new (新设合并).

    Their leadership posts lapse; `posts` sets the target's, by level. Unused slots are returned. Raises Refused as the
    structure, the ledger (R05, R07) and `enlist` do; nothing happens unless everything does.
    """
    if isinstance(target, int) and target in source_ids:
        raise Refused([Objection("D2", "承接单位不能同时是被合并的单位", Severity.BLOCK, {}, "请重新选择承接单位")])
    target_id = _prepared(actor, decree, target, source_ids)
    carrying = _begin(actor, today, decree, LineageKind.MERGED, source_ids, [target_id])
    for source_id in source_ids:
        _end_all_positions(carrying, source_id)
        carrying.return_slots(source_id)
        quota = _held_quota(source_id, decree.effective_on)
        people = [each.person_id for each in staying_at(source_id, decree.effective_on)]
        carrying.carry(Load(source_id, target_id, quota, people, bodies or {}))
        _end(actor, decree, source_id, carrying.event)
    _set_posts(actor, decree, carrying, target_id, posts)
    return carrying.event


@unit_of_work
@explained
def split(
    *, actor: Actor, today: date, decree: Decree, source_id: int, shares: Sequence[Share], keeps_source: bool
) -> ReorganizationEvent:
    """拆分: each share goes to its unit, new or existing; without `keeps_source` the source ends.

    A source that ends must have given everybody away; quota that no share names returns to the reserves.
    """
    targets = [_prepared(actor, decree, share.target, [source_id]) for share in shares]
    carrying = _begin(actor, today, decree, LineageKind.SPLIT, [source_id], targets, _people_of(shares))
    if not keeps_source:
        _end_all_positions(carrying, source_id)
        carrying.return_slots(source_id)
    _carry_shares(carrying, source_id, targets, shares)
    if not keeps_source:
        refuse_if(_left_behind(source_id, decree.effective_on))
        _end(actor, decree, source_id, carrying.event)
    return carrying.event


def _left_behind(source_id: int, day: date) -> list[Objection]:
    """A unit that ends by a split has given everybody away (L1)."""
    left = [each.person.name for each in staying_at(source_id, day)]
    if not left:
        return []
    named = "、".join(left[:5]) + ("等" if len(left) > 5 else "")
    message = f"原单位撤销，还有 {len(left)} 人没有划入任何承接单位：{named}（L1）"
    step = "请为他们选择承接单位；原单位不撤销的，请勾选“原单位保留”"
    return [Objection("L1", message, Severity.BLOCK, {"人数": len(left)}, step)]


@unit_of_work
@explained
def hand_over(*, actor: Actor, today: date, decree: Decree, source_id: int, share: Share) -> ReorganizationEvent:
    """划转: a part of a unit's quota, posts and people goes to another; both go on."""
    target_id = _prepared(actor, decree, share.target, [source_id])
    carrying = _begin(actor, today, decree, LineageKind.TRANSFERRED, [source_id], [target_id], _people_of([share]))
    _carry_shares(carrying, source_id, [target_id], [share])
    return carrying.event


@unit_of_work
@explained
def abolish_unit(
    *, actor: Actor, today: date, decree: Decree, organization_id: int, receiving_id: int | None = None
) -> ReorganizationEvent:
    """撤销: people go with as much quota to `receiving_id`, the rest of the quota returns, the unit ends.

    Without a receiving unit the people leave the quota (O11, e.g. 转企改制) by the same document. Returns the event of
    the abolition; the 划转 to a receiving unit has one of its own before it.
    """
    day = decree.effective_on
    event: ReorganizationEvent | None = None
    if receiving_id is not None:
        _prepared(actor, decree, receiving_id, [organization_id])
        carrying = _begin(actor, today, decree, LineageKind.TRANSFERRED, [organization_id], [receiving_id])
        event = carrying.event
        _end_all_positions(carrying, organization_id)
        carrying.return_slots(organization_id)
        staying = staying_at(organization_id, day)
        held = _held_quota(organization_id, day)
        engaged = Engagement.objects.open_ended().filter(organization_id=organization_id)
        needed = Counter(each.quota_type for each in staying) + Counter(engaged.values_list("kind", flat=True))
        along = {measure: min(number, held.get(measure, 0)) for measure, number in needed.items()}
        amounts = {measure: number for measure, number in along.items() if number}
        load = Load(organization_id, receiving_id, amounts, [each.person_id for each in staying])
        carrying.carry(load)
    else:
        require(actor, "personnel.move", organization_id)
        lock_structure()
        staying = staying_at(organization_id, day)
        lock_for_reorganization([organization_id], [each.person_id for each in staying])
        _leave(actor, today, decree, organization_id)
    return _end(actor, decree, organization_id, event, has_own_event=True)


def _people_of(shares: Sequence[Share]) -> list[int]:
    people = [person_id for share in shares for person_id in share.person_ids]
    if len(people) > len(set(people)):
        raise Refused([Objection("D2", "同一人员被划入多个单位", Severity.BLOCK, {}, "请核对划转人员名单")])
    return people


def _prepared(actor: Actor, decree: Decree, target: Target, source_ids: Sequence[int]) -> int:
    """The target's id, the structure locked; a new unit is established first."""
    require(actor, "personnel.move", *source_ids)
    lock_structure()
    if isinstance(target, NewOrganization):
        return establish(actor=actor, document=decree.document, organization=target).pk
    require(actor, "personnel.move", target)
    return target


def _begin(
    actor: Actor,
    today: date,
    decree: Decree,
    kind: LineageKind,
    source_ids: Sequence[int],
    target_ids: Sequence[int],
    person_ids: Collection[int] | None = None,
) -> Carrying:
    """Lock everything, leave the event in every unit's history, and hand out the carrier."""
    people = person_ids
    if people is None:
        people = [each.person_id for pk in source_ids for each in staying_at(pk, decree.effective_on)]
    lock_for_reorganization([*source_ids, *target_ids], people)
    summary = decree.summary or _summary(kind, source_ids, target_ids, decree.effective_on)
    event = record_event(
        actor=actor,
        kind=kind,
        document=decree.document,
        effective_on=decree.effective_on,
        sources=source_ids,
        targets=target_ids,
        summary=summary,
    )
    return Carrying(actor, today, decree.document, decree.effective_on, event, summary)


def _summary(kind: LineageKind, source_ids: Sequence[int], target_ids: Sequence[int], day: date) -> str:
    units = units_on([*source_ids, *target_ids], day)
    names = {pk: unit.name for pk, unit in units.items()}
    given = "、".join(names.get(pk, f"机构 {pk}") for pk in source_ids)
    taken = "、".join(names.get(pk, f"机构 {pk}") for pk in target_ids)
    return f"{given}{kind.label}至{taken}"


def _carry_shares(carrying: Carrying, source_id: int, targets: Sequence[int], shares: Sequence[Share]) -> None:
    for target_id, share in zip(targets, shares, strict=True):
        load = Load(source_id, target_id, share.amounts, share.person_ids, share.bodies, share.allows_overstaffing)
        carrying.carry(load)


def _held_quota(organization_id: int, day: date) -> dict[str, int]:
    """Quota and control numbers a unit holds; leadership posts stay out: the receiving unit's are approved anew."""
    levels = codes("post_level")
    held = approved([organization_id], day)
    return {measure: number for (_, measure), number in held.items() if number > 0 and measure not in levels}


def _end_all_positions(carrying: Carrying, organization_id: int) -> None:
    """Every position at a unit that ends, held by whomever."""
    act = Act(actor=carrying.actor, today=carrying.today, document=carrying.document, event=carrying.event)
    for appointment in Appointment.objects.open_ended().filter(organization_id=organization_id):
        appointment.end_document = carrying.document
        appointment.save(update_fields=["end_document"])
        act.end(appointment, carrying.effective_on)
    carrying.wrote += act.wrote


def _leave(actor: Actor, today: date, decree: Decree, organization_id: int) -> None:
    """Everybody leaves with the unit: slots are given back, positions and employments end, people go by O11."""
    day, paper = decree.effective_on, decree.document
    for slot in ApprovalSlot.objects.filter(organization_id=organization_id, state__in=PENDING).order_by("pk"):
        return_slot(actor=actor, today=today, slot_id=slot.pk, reason="机构撤销", with_its_application=True)
    for engagement in Engagement.objects.open_ended().filter(organization_id=organization_id):
        end_engagement(actor=actor, engagement_id=engagement.pk, effective_on=day, reason="机构撤销")
    for occupancy in staying_at(organization_id, day):
        if occupancy.valid_to is None:
            order = ExitOrder(
                person_id=occupancy.person_id,
                mode=ORG_TRANSFER_OUT,
                event_on=day - timedelta(days=1),
                document=paper,
                evidence=evidence_of_exit(ORG_TRANSFER_OUT),
                destination="机构撤销（转制）",
                reason=decree.summary,
            )
            delist(actor=actor, today=today, order=order)
    for held in Appointment.objects.open_ended().filter(organization_id=organization_id):
        end_appointment(actor=actor, today=today, appointment_id=held.pk, effective_on=day, document=paper)


def _end(
    actor: Actor,
    decree: Decree,
    organization_id: int,
    event: ReorganizationEvent | None,
    *,
    has_own_event: bool = False,
) -> ReorganizationEvent:
    """Return what quota and posts the unit still holds, then end the unit itself, as part of `event` or by its own."""
    basis = Basis(
        document=decree.document,
        effective_on=decree.effective_on,
        summary=decree.summary or "机构撤销，编制和职数收回",
        event=event,
    )
    abolish_unit_quota(actor=actor, basis=basis, organization_id=organization_id)
    return abolish(
        actor=actor,
        organization_id=organization_id,
        document=decree.document,
        effective_on=decree.effective_on,
        summary=decree.summary,
        because_of=None if has_own_event else event,
    )


def _set_posts(
    actor: Actor, decree: Decree, carrying: Carrying, target_id: int, posts: Mapping[str, int] | None
) -> None:
    if posts:
        basis = Basis(decree.document, decree.effective_on, carrying.summary, carrying.event)
        set_posts(actor=actor, basis=basis, organization_id=target_id, posts=posts)
