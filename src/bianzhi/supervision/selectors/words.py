"""Words of supervision that depend on the day."""

from datetime import date

from bianzhi.kernel.codesets import codes
from bianzhi.supervision.models import OrderState, RectificationOrder


def kind_label(kind: str) -> str:
    """What a kind of problem is called."""
    return codes("problem_kind").label(kind)


def order_state_on(order: RectificationOrder, day: date) -> str:
    """Where an order stands, 逾期 when the unit is late."""
    if order.state == OrderState.ISSUED and order.due_on < day:
        return "整改逾期"
    return order.get_state_display()


def days_left(order: RectificationOrder, day: date) -> int | None:
    """Days to the last day of the rectification, negative when past; None when it is no longer with the unit."""
    return (order.due_on - day).days if order.state == OrderState.ISSUED else None
