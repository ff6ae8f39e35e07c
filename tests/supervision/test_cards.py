"""督办: cards for late tasks, raised once, answered by who holds the task."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.supervision.models import Colour, SupervisionItem
from bianzhi.supervision.services.cards import answer_card, raise_card
from bianzhi.workflow.models import FlowTask, TaskStatus
from tests.cast import TODAY, Cast

pytestmark = pytest.mark.django_db

Late = Callable[..., FlowTask]
ENGINE = System("督办")


def tell(task: FlowTask, step: str) -> None:
    OutboxMessage.objects.create(
        topic="workflow.deadline",
        key=str(task.pk),
        payload={
            "deadline": 1, "task": task.pk, "instance": task.instance_id, "step": step, "day": TODAY.isoformat()
        },
    )  # fmt: skip
    deliver_waiting()


def test_the_ladder_raises_yellow_then_red_and_each_once(cast: Cast, late_task: Late, of_bureau: User):
    task = late_task(cast.bureau, assignee=of_bureau)
    for step in ("warn", "due", "overdue", "yellow", "yellow", "red"):
        tell(task, step)
    assert not OutboxMessage.objects.filter(topic="workflow.deadline", delivered_at__isnull=True).exists()
    cards = SupervisionItem.objects.order_by("pk")
    assert [card.colour for card in cards] == [Colour.YELLOW, Colour.RED]
    assert {card.holder_name for card in cards} == {"赵财政"}
    assert cards[0].due_on < TODAY


def test_a_task_that_is_done_meanwhile_gets_no_card(cast: Cast, late_task: Late, of_bureau: User):
    task = late_task(cast.bureau, assignee=of_bureau, status=TaskStatus.DONE)
    assert raise_card(actor=ENGINE, today=TODAY, task_id=task.pk, colour=Colour.YELLOW) is None
    assert not SupervisionItem.objects.exists()


def test_a_task_nobody_has_taken_names_the_role(cast: Cast, late_task: Late, inspector: User):
    task = late_task(cast.bureau, pool_role="office_deputy")
    card = raise_card(actor=ENGINE, today=TODAY, task_id=task.pk, colour=Colour.YELLOW)
    assert card is not None
    assert card.holder_name == "编办副主任"
    answered = answer_card(actor=inspector, today=TODAY, item_id=card.pk, text="岗位空缺，已指定代办人")
    assert answered.answered_by_name == "孙督查"


def test_the_holder_answers_and_nobody_else(cast: Cast, late_task: Late, of_bureau: User, of_audit_office: User):
    card = raise_card(
        actor=ENGINE, today=TODAY, task_id=late_task(cast.bureau, assignee=of_bureau).pk, colour=Colour.RED
    )
    assert card is not None
    with pytest.raises(PermissionDenied):
        answer_card(actor=of_audit_office, today=TODAY, item_id=card.pk, text="与我无关")
    with pytest.raises(Refused) as refused:
        answer_card(actor=of_bureau, today=TODAY, item_id=card.pk, text="")
    assert refused.value.codes == ["D2"]
    answer_card(actor=of_bureau, today=TODAY, item_id=card.pk, text="补充材料耽搁，明日办结")
    with pytest.raises(Refused, match="已于 2026-03-02 答复"):
        answer_card(actor=of_bureau, today=TODAY, item_id=card.pk, text="再答")


def test_cards_are_seen_by_supervision_and_by_their_holder(
    cast: Cast, late_task: Late, inspector: User, of_bureau: User, of_audit_office: User
):
    raise_card(actor=ENGINE, today=TODAY, task_id=late_task(cast.school, assignee=of_bureau).pk, colour=Colour.RED)
    seen = [SupervisionItem.objects.visible_to(user).count() for user in (inspector, of_bureau, of_audit_office)]
    assert seen == [1, 1, 0]
