"""编外用工与备案员额: people who work for a unit beside the quota, within its control number (R22)."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.ledger.rules.quota_types import quota_type
from bianzhi.personnel.models import Engagement, EngagementKind, Occupancy, Person
from bianzhi.personnel.rules.corrections import objections_to_reason
from bianzhi.personnel.rules.outside_quota import objections_to_engagement, objections_to_form, on_quota_already
from bianzhi.personnel.rules.periods import objections_to_overlap
from bianzhi.personnel.rules.units import Unit, no_such_unit
from bianzhi.personnel.selectors.periods import last_end
from bianzhi.personnel.selectors.quota_use import headroom
from bianzhi.personnel.selectors.units import unit_on
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import explained
from bianzhi.personnel.services.locking import lock_persons, lock_quota


@dataclass(frozen=True, slots=True)
class EngagementOrder:
    """Who is employed where, as what; `kind` is E1 (备案员额) or E2 (编外用工)."""

    person_id: int
    organization_id: int
    kind: str
    effective_on: date
    document: ApprovalDocument
    form: str = ""
    position: str = ""
    funding_source: str = ""


@unit_of_work
@explained
def engage(*, actor: Actor, order: EngagementOrder) -> Engagement:
    """Employ a person outside the quota. Raises Refused beyond the control number (R22), for somebody on quota (R04)
    or employed so already (R22, D3), and where the unit may not use the kind (R05).
    """
    require(actor, "personnel.move", order.organization_id)
    lock_quota([order.organization_id], [order.kind])
    person = lock_persons([order.person_id])[order.person_id]
    unit = unit_on(order.organization_id, order.effective_on)
    if unit is None:
        raise Refused([no_such_unit(order.effective_on)])
    refuse_if(_objections_to_order(order, unit, person))
    engagement = Engagement.objects.create(
        person=person,
        organization_id=order.organization_id,
        kind=order.kind,
        form=order.form,
        position=order.position,
        funding_source=order.funding_source,
        document=order.document,
        valid_from=order.effective_on,
    )
    facts = {"kind": order.kind, "organization": order.organization_id, "document": order.document.doc_no}
    record("personnel.engaged", actor=actor, subject=person, facts=facts, wrote=[engagement])
    outbox.put("personnel.engaged", key=engagement.pk, payload={"person": person.pk, "kind": order.kind})
    return engagement


@unit_of_work
def end_engagement(*, actor: Actor, engagement_id: int, effective_on: date, reason: str = "") -> Engagement:
    """End an employment outside the quota; `effective_on` is the first day it no longer holds."""
    seen = Engagement.objects.get(pk=engagement_id)
    require(actor, "personnel.move", seen.organization_id)
    lock_quota([seen.organization_id], [seen.kind])
    person = lock_persons([seen.person_id])[seen.person_id]
    engagement = Engagement.objects.get(pk=engagement_id)
    if not engagement.is_open or effective_on <= engagement.valid_from:
        message = f"该用工已解除，或解除日期不晚于开始日期 {engagement.valid_from}"
        raise Refused([Objection("D3", message, Severity.BLOCK, {}, "请核对记录和日期")])
    engagement.valid_to = effective_on
    engagement.save(update_fields=["valid_to"])
    facts = {"engagement": engagement.pk, "effective_on": effective_on, "reason": reason}
    record("personnel.engagement_ended", actor=actor, subject=person, facts=facts, wrote=[engagement])
    outbox.put("personnel.engagement_ended", key=engagement.pk, payload={"person": person.pk})
    return engagement


@unit_of_work
@explained
def reverse_engagement(*, actor: Actor, engagement_id: int, reason: str) -> Engagement:
    """冲正: an employment that was registered wrongly is superseded as if it had never been (R26)."""
    engagement = _locked(actor, engagement_id)
    refuse_if(_objections_to_reversal(engagement.superseded_at is not None, reason))
    engagement.superseded_at = timezone.now()
    engagement.save(update_fields=["superseded_at"])
    facts = {"engagement": engagement.pk, "reason": reason}
    record("personnel.engagement_reversed", actor=actor, subject=engagement.person, facts=facts, wrote=[engagement])
    outbox.put("personnel.engagement_reversed", key=engagement.pk, payload={"person": engagement.person_id})
    return engagement


@unit_of_work
@explained
def reopen_engagement(*, actor: Actor, engagement_id: int, reason: str) -> Engagement:
    """冲正 an end: the ended row is superseded by one that goes on (R26).

    Raises Refused when the place has been taken meanwhile or the person is employed elsewhere by now (R22), or has
    come onto quota since (R04).
    """
    ended = _locked(actor, engagement_id)
    objections = _objections_to_reversal(ended.superseded_at is not None or ended.valid_to is None, reason)
    if ended.valid_to is not None and _is_on_quota(ended.person, ended.valid_to):
        objections.append(on_quota_already())
    refuse_if(objections)
    ended.superseded_at = timezone.now()
    ended.save(update_fields=["superseded_at"])
    goes_on = Engagement.objects.create(
        person=ended.person,
        organization_id=ended.organization_id,
        kind=ended.kind,
        form=ended.form,
        position=ended.position,
        over_cap=ended.over_cap,
        funding_source=ended.funding_source,
        document=ended.document,
        valid_from=ended.valid_from,
    )
    facts = {"engagement": goes_on.pk, "instead_of": ended.pk, "reason": reason}
    record("personnel.engagement_reopened", actor=actor, subject=ended.person, facts=facts, wrote=[ended, goes_on])
    outbox.put("personnel.engagement_reopened", key=goes_on.pk, payload={"person": ended.person_id})
    return goes_on


def _locked(actor: Actor, engagement_id: int) -> Engagement:
    """The employment as it is under the unit's and the person's lock."""
    seen = Engagement.objects.get(pk=engagement_id)
    require(actor, "personnel.move", seen.organization_id)
    lock_quota([seen.organization_id], [seen.kind])
    lock_persons([seen.person_id])
    return Engagement.objects.select_related("person", "document").get(pk=engagement_id)


def _objections_to_reversal(is_beyond: bool, reason: str) -> list[Objection]:
    found = objections_to_reason(reason)
    if is_beyond:
        found.append(Objection("R26", "该用工记录已冲正，或没有可以冲正的解除", Severity.BLOCK, {}, "请核对用工记录"))
    return found


def _is_on_quota(person: Person, day: date) -> bool:
    """Whether the person is on somebody's quota on the day or later."""
    return Occupancy.objects.current().filter(person=person).exclude(valid_to__lte=day).exists()


def _objections_to_order(order: EngagementOrder, unit: Unit, person: Person) -> list[Objection]:
    if order.kind not in EngagementKind.values:
        return [Objection("D1", f"没有“{order.kind}”这种用工种类", Severity.BLOCK, {}, "请选择备案员额或编外用工")]
    use = headroom(unit.id, order.kind, order.effective_on)
    on_quota = _is_on_quota(person, order.effective_on)
    found = objections_to_engagement(unit, order.kind, use, on_quota=on_quota)
    found += objections_to_form(order.kind, order.form)
    if not quota_type(order.kind).allowed_in(unit.org_type, unit.institution_class):
        message = f"“{unit.name}”的机构类别不能使用{quota_type(order.kind).label}（R05）"
        found.append(Objection("R05", message, Severity.BLOCK, {}, "请改用与机构类别相符的用工种类"))
    if Engagement.objects.open_ended().filter(person=person).exists():
        message = f"{person.name}已有未结束的编外（员额）用工（R22）"
        found.append(Objection("R22", message, Severity.BLOCK, {}, "请先解除原用工"))
    ended_on = last_end(Engagement.objects, person.pk)
    return found + objections_to_overlap(f"{person.name}已登记的编外（员额）用工", ended_on, order.effective_on)
