"""委托: letting somebody decide one's tasks for a while; both names stand on every opinion."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.workflow.models import Delegation, FlowDefinition


@unit_of_work
def delegate(
    *,
    actor: Actor,
    delegator_id: int,
    delegate_id: int,
    flows: Sequence[str],
    valid_from: date,
    valid_until: date,
    reason: str,
    today: date,
) -> Delegation:
    """Let `delegate_id` decide the delegator's tasks (of these flows, or all) from one day to another, both included.

    Only for oneself, or for others with matters.intervene (somebody fell ill). What was delegated to oneself cannot
    be passed on: tasks reach a delegate through one delegation only. Raises Refused for days out of order or past, an
    unknown person, a missing reason, or a delegation that overlaps one already in force to the same person.
    """
    if actor.pk != delegator_id and not actor.can("matters.intervene"):
        raise Refused([Objection("L1", "只能委托自己的事项。", next_step="代他人设置委托，请由编办主任办理。")])
    people = {user.pk: user for user in User.objects.select_for_update().filter(pk__in=[delegator_id, delegate_id])}
    refuse_if(_objections(people, delegator_id, delegate_id, valid_from, valid_until, reason, today))
    refuse_if(_objections_to_flows(flows))
    row = Delegation.objects.create(
        delegator_id=delegator_id,
        delegate_id=delegate_id,
        flows=list(flows),
        valid_from=valid_from,
        valid_until=valid_until,
        reason=reason.strip(),
    )
    facts = {"to": people[delegate_id].display_name, "from": valid_from, "until": valid_until, "flows": list(flows)}
    record("workflow.delegated", actor=actor, subject=row, facts=facts, wrote=[row])
    outbox.put("workflow.delegated", key=row.pk, payload={"delegation": row.pk})
    return row


def _objections(
    people: dict[int, User],
    delegator_id: int,
    delegate_id: int,
    valid_from: date,
    valid_until: date,
    reason: str,
    today: date,
) -> list[Objection]:
    found: list[Objection] = []
    person = people.get(delegate_id)
    if delegator_id == delegate_id or delegator_id not in people or person is None or not person.is_active:
        raise Refused([Objection("L5", "请选择另一位在用的账号作为受托人。", next_step="请重新选择受托人。")])
    if valid_until < valid_from or valid_until < today:
        found.append(Objection("D3", "委托止期早于起期或今天。", next_step="请修改委托起止日期。"))
    if not reason.strip():
        found.append(Objection("D2", "委托须写明事由。", next_step="请填写事由，如出差、休假。"))
    overlapping = Delegation.objects.filter(
        delegator_id=delegator_id,
        delegate_id=delegate_id,
        ended_at__isnull=True,
        valid_from__lte=valid_until,
        valid_until__gte=valid_from,
    ).first()
    if overlapping is not None:
        message = f"已委托{person.display_name}（{overlapping.valid_from} 至 {overlapping.valid_until}），期间重叠。"
        found.append(Objection("L10", message, Severity.BLOCK, {}, "请先终止原委托，或调整日期。"))
    return found


def _objections_to_flows(flows: Sequence[str]) -> list[Objection]:
    unknown = set(flows) - set(FlowDefinition.objects.filter(key__in=flows).values_list("key", flat=True))
    return [Objection("D2", f"没有标识为“{key}”的流程。", next_step="请重新选择。") for key in sorted(unknown)]


@unit_of_work
def end_delegation(*, actor: Actor, delegation_id: int, today: date) -> Delegation:
    """End a delegation at once. Twice is once; raises Refused for somebody else's (L1)."""
    row = Delegation.objects.select_for_update().get(pk=delegation_id)
    if actor.pk not in (row.delegator_id, row.delegate_id) and not actor.can("matters.intervene"):
        raise Refused([Objection("L1", "只能终止自己的委托。", next_step="请由委托人或编办主任办理。")])
    if row.ended_at is None:
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
        record("workflow.delegation_ended", actor=actor, subject=row, facts={"on": today}, wrote=[row])
        outbox.put("workflow.delegation_ended", key=row.pk, payload={"delegation": row.pk})
    return row
