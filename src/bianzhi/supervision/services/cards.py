"""督办: a card for a task that is late, raised once for each colour, answered by whoever holds the task."""

from datetime import date

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import Denied
from bianzhi.accounts.roles import ROLES
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.common.numbering import next_numbers
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.supervision.models import Colour, SupervisionItem
from bianzhi.supervision.rules.rectifying import wanted
from bianzhi.workflow.models import FlowTask, TaskStatus

LATE = (TaskStatus.TODO, TaskStatus.PAUSED)


@unit_of_work
def raise_card(*, actor: Actor, today: date, task_id: int, colour: Colour) -> SupervisionItem | None:
    """Raise a card of a colour for a late task; None when it is done meanwhile. The same card is never raised twice."""
    task = FlowTask.objects.select_related("instance", "assignee").select_for_update(of=("self",)).get(pk=task_id)
    known = SupervisionItem.objects.filter(task=task, colour=colour).first()
    if known is not None or task.status not in LATE:
        return known
    item = SupervisionItem.objects.create(
        number=f"督办〔{today.year}〕{next_numbers(f'card-{today.year}')[0]:04d}号",
        instance=task.instance,
        task=task,
        organization_id=task.instance.unit_id,
        colour=colour,
        holder_id=task.assignee_id,
        holder_name=_holder(task),
        due_on=task.due_on or today,
        issued_on=today,
    )
    facts = {"number": item.number, "task": task.pk, "colour": str(colour), "holder": item.holder_name}
    record("supervision.card_raised", actor=actor, subject=item, facts=facts, wrote=[item])
    outbox.put("supervision.card_raised", key=item.number, payload={"item": item.pk, "holder": item.holder_id})
    return item


@unit_of_work
def answer_card(*, actor: Actor, today: date, item_id: int, text: str) -> SupervisionItem:
    """Answer for the delay: whoever held the task, or supervision for a task nobody has taken.

    Raises Refused (P13 answered already, D2 nothing written), Denied for anybody else.
    """
    item = SupervisionItem.objects.select_for_update().get(pk=item_id)
    if item.holder_id != actor.pk and not actor.can("supervision.manage"):
        raise Denied("supervision.manage")
    refuse_if([*_objections_to_answer(item), *wanted(情况说明=text)])
    item.answer = text.strip()
    item.answered_on = today
    item.answered_by_id = actor.pk
    item.answered_by_name = actor.display_name
    refuse_if(objections_to_lengths(item))
    item.save(update_fields=["answer", "answered_on", "answered_by_id", "answered_by_name"])
    record("supervision.card_answered", actor=actor, subject=item, facts={"answer": item.answer}, wrote=[item])
    outbox.put("supervision.card_answered", key=item.number, payload={"item": item.pk})
    return item


def _holder(task: FlowTask) -> str:
    """Who is asked: the person, else the role whose holders may take it."""
    holder: User | None = task.assignee
    if holder is not None:
        return holder.display_name
    return ROLES[task.pool_role].label if task.pool_role in ROLES else task.node_name


def _objections_to_answer(item: SupervisionItem) -> list[Objection]:
    if item.answered_on is None:
        return []
    message = f"{item.number} 已于 {item.answered_on} 答复（P13）"
    return [Objection("P13", message, Severity.BLOCK, {}, "无需再次答复")]
