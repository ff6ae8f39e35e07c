"""What `./bianzhi check` proves of supervision: draws can be repeated, states are what the steps say."""

from collections.abc import Iterator

from bianzhi.common.integrity import Finding
from bianzhi.supervision.models import (
    InspectionPlan,
    OrderState,
    Problem,
    ProblemState,
    RectificationOrder,
    RectificationStep,
    StepKind,
)
from bianzhi.supervision.rules.sampling import draw

STATE_AFTER = {
    StepKind.ISSUED: OrderState.ISSUED,
    StepKind.REPORTED: OrderState.REPORTED,
    StepKind.EXTENDED: OrderState.ISSUED,
    StepKind.ACCEPTED: OrderState.VERIFIED,
    StepKind.REFUSED: OrderState.ISSUED,
    StepKind.CLOSED: OrderState.CLOSED,
    StepKind.REOPENED: OrderState.ISSUED,
}
PROBLEM_IN = {
    OrderState.ISSUED: ProblemState.RECTIFYING,
    OrderState.REPORTED: ProblemState.RECTIFYING,
    OrderState.VERIFIED: ProblemState.VERIFIED,
    OrderState.CLOSED: ProblemState.CLOSED,
}


def draws_repeat() -> Iterator[Finding]:
    """Every plan draws the same again from its seed, percentage and candidates."""
    for plan in InspectionPlan.objects.prefetch_related("inspections"):
        drawn = {_key(each.instance_id, each.organization_id) for each in plan.inspections.all()}
        if drawn != set(draw(plan.candidates, plan.percent, plan.seed)):
            yield Finding(f"检查方案 {plan.number}（{plan.pk}）", "检查对象与按种子重新抽取的结果不一致")


def states_follow() -> Iterator[Finding]:
    """An order stands where its last step left it, with the day the last step gave."""
    steps: dict[int, list[RectificationStep]] = {}
    for step in RectificationStep.objects.order_by("pk").iterator(chunk_size=2000):
        steps.setdefault(step.order_id, []).append(step)
    for order in RectificationOrder.objects.iterator(chunk_size=2000):
        where, own = f"整改通知书 {order.number}（{order.pk}）", steps.get(order.pk, [])
        if not own or own[0].kind != StepKind.ISSUED:
            yield Finding(where, "没有签发记录")
            continue
        expected = STATE_AFTER[StepKind(own[-1].kind)]
        if order.state != expected:
            yield Finding(where, f"状态为“{order.get_state_display()}”，按整改经过应为“{expected.label}”")
        due = [step.due_on for step in own if step.due_on is not None]
        if due and order.due_on != due[-1]:
            yield Finding(where, f"整改期限为 {order.due_on}，按整改经过应为 {due[-1]}")


def problems_follow() -> Iterator[Finding]:
    """A problem stands where its order stands; without one it waits or was taken back."""
    for problem in Problem.objects.select_related("order").iterator(chunk_size=2000):
        order = problem.order
        allowed = (ProblemState.OPEN, ProblemState.VOID) if order is None else (PROBLEM_IN[OrderState(order.state)],)
        where = f"问题 {problem.number}（{problem.pk}）"
        if problem.state not in allowed:
            words = "或".join(state.label for state in allowed)
            yield Finding(where, f"状态为“{problem.get_state_display()}”，应为“{words}”")
        if (problem.closed_on is not None) != (problem.state == ProblemState.CLOSED):
            yield Finding(where, "销号日期与状态不符")
        if order is not None and order.organization_id != problem.organization_id:
            yield Finding(where, f"整改通知书 {order.number} 发给了另一单位")


def _key(instance_id: int | None, organization_id: int) -> str:
    return f"unit-{organization_id}" if instance_id is None else f"case-{instance_id}"
