"""任职与免职 (P06, T05): leadership posts are counted against the unit's number by level (R09)."""

from dataclasses import dataclass
from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.personnel.models import Appointment, MovementFamily, Occupancy, Person
from bianzhi.personnel.rules.capacity import NO_USE
from bianzhi.personnel.rules.leadership import Post, is_high_rank, objections_to_post, second_principal
from bianzhi.personnel.rules.periods import objections_to_overlap
from bianzhi.personnel.rules.units import Unit, no_such_unit
from bianzhi.personnel.selectors.periods import last_end
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.selectors.units import body_on, unit_on
from bianzhi.personnel.services.acts import Act, facts_of
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import Override, as_facts, decide, explained
from bianzhi.personnel.services.entries import objections_to_body
from bianzhi.personnel.services.locking import lock_persons, lock_quota


@dataclass(frozen=True, slots=True)
class AppointmentOrder:
    """Who gets which position. `post_level` is empty for positions that use no leadership post.

    `basis_document` is the paper behind a 高配 or 超职数.
    """

    person_id: int
    organization_id: int
    position: str
    effective_on: date
    document: ApprovalDocument
    post_level: str = ""
    rank_code: str = ""
    internal_body_id: int | None = None
    is_principal: bool = True
    basis_document: ApprovalDocument | None = None
    reason: str = ""

    @property
    def counts(self) -> bool:
        """Whether the appointment uses one of the unit's posts: 兼职 is counted at the principal post only."""
        return self.is_principal and bool(self.post_level)


@unit_of_work
@explained
def appoint(
    *, actor: Actor, today: date, order: AppointmentOrder, override: Override | None = None
) -> tuple[Appointment, tuple[Objection, ...]]:
    """Appoint a person; returns the appointment and the objections let through.

    A full level may be overridden with a basis document and is then flagged 超职数; a rank above the post is flagged
    高配 and needs its basis document (R09). Raises Refused when the person has another principal post on that day.
    """
    require(actor, "personnel.move", order.organization_id)
    lock_quota([order.organization_id], [order.post_level])
    person = lock_persons([order.person_id])[order.person_id]
    unit = unit_on(order.organization_id, order.effective_on)
    if unit is None:
        raise Refused([no_such_unit(order.effective_on)])
    use = headroom(unit.id, order.post_level, order.effective_on) if order.counts else NO_USE
    exceeds = order.counts and use.available < 1
    body_rank = _rank_of_body(order, unit)
    post = Post(unit.name, order.post_level, body_rank, order.rank_code, order.basis_document is not None, order.counts)
    remarks = decide(
        [
            *objections_to_post(post, use),
            *_objections_to_order(order, person, override, exceeds=exceeds),
        ],
        by=actor,
        override=override,
    )
    act = Act(actor=actor, today=today, document=order.document)
    appointment = _new_appointment(
        order, is_high=is_high_rank(post.level, body_rank, post.person_rank), exceeds=exceeds
    )
    act.wrote_also(appointment)
    _finish(act, "personnel.appointed", appointment, order.reason, remarks, override)
    return appointment, remarks


def _new_appointment(order: AppointmentOrder, *, is_high: bool, exceeds: bool) -> Appointment:
    return Appointment.objects.create(
        person_id=order.person_id,
        organization_id=order.organization_id,
        internal_body_id=order.internal_body_id,
        position=order.position.strip(),
        post_level=order.post_level,
        rank_code=order.rank_code,
        is_principal=order.is_principal,
        is_high_rank=is_high,
        exceeds_posts=exceeds,
        basis_document=order.basis_document,
        document=order.document,
        valid_from=order.effective_on,
    )


@unit_of_work
def end_appointment(
    *, actor: Actor, today: date, appointment_id: int, effective_on: date, document: ApprovalDocument, reason: str = ""
) -> Appointment:
    """End an appointment (免职、离任); its post is free from `effective_on` on."""
    seen = Appointment.objects.get(pk=appointment_id)
    require(actor, "personnel.move", seen.organization_id)
    lock_quota([seen.organization_id], [seen.post_level])
    lock_persons([seen.person_id])
    appointment = Appointment.objects.select_related("person").get(pk=appointment_id)
    if not appointment.is_open or effective_on <= appointment.valid_from:
        message = f"“{appointment.position}”的任职已结束，或免职日期不晚于任职日期 {appointment.valid_from}"
        raise Refused([Objection("D3", message, Severity.BLOCK, {}, "请核对任职记录和日期")])
    act = Act(actor=actor, today=today, document=document)
    appointment.end_document = document
    appointment.save(update_fields=["end_document"])
    act.end(appointment, effective_on)
    _finish(act, "personnel.appointment_ended", appointment, reason, (), None, on=effective_on)
    return appointment


def _finish(
    act: Act,
    action: str,
    appointment: Appointment,
    reason: str,
    remarks: tuple[Objection, ...],
    override: Override | None,
    on: date | None = None,
) -> None:
    movement = act.move(
        appointment.person,
        MovementFamily.INTERNAL,
        "T05",
        effective_on=on or appointment.valid_from,
        reason=(reason or f"{'免去' if on else '任'}{appointment.position}")[:300],
    )
    facts = {
        **facts_of(movement),
        "appointment": appointment.pk,
        "organization": appointment.organization_id,
        "post_level": appointment.post_level,
        **as_facts(remarks, override),
    }
    act.finish(action, appointment.person, facts, key=movement.number)


def _rank_of_body(order: AppointmentOrder, unit: Unit) -> str:
    """The rank the post is measured against: of the internal body for its heads, else of the unit."""
    if order.post_level in ("body_chief", "body_deputy") and order.internal_body_id is not None:
        body = body_on(order.internal_body_id, order.effective_on)
        return body.rank if body else ""
    return unit.rank


def _objections_to_order(
    order: AppointmentOrder, person: Person, override: Override | None, *, exceeds: bool
) -> list[Objection]:
    found = objections_to_body(order.internal_body_id, order.organization_id, order.effective_on)
    if not order.position.strip():
        found.append(Objection("D2", "未填写职务名称", Severity.BLOCK, {}, "请填写职务名称"))
    if exceeds and override is not None and order.basis_document is None:
        found.append(Objection("R09", "超职数配备须有依据文件（R09）", Severity.BLOCK, {}, "请填写依据文件"))
    principal = Appointment.objects.open_ended().filter(person=person, is_principal=True).first()
    if order.is_principal and principal is not None:
        found.append(second_principal(principal.position))
    if order.is_principal:
        ended_on = last_end(Appointment.objects, person.pk, is_principal=True)
        found += objections_to_overlap(f"{person.name}的主要职务", ended_on, order.effective_on)
    on_quota = Occupancy.objects.as_of(order.effective_on).filter(person=person, organization_id=order.organization_id)
    if order.counts and not on_quota.exists():
        message = f"{person.name}不在该单位编制上，职数仍计在该单位（R09）"
        found.append(Objection("R09", message, Severity.WARN, {}, "请确认其编制所在单位"))
    return found
