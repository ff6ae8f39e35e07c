"""W13 整改超期: a rectification the unit is late with, and a problem whose order the office is late with (P13)."""

from dataclasses import dataclass
from datetime import date

from bianzhi.reports.rules.catalogue import Level
from bianzhi.reports.rules.findings import Found, Subject


@dataclass(frozen=True, slots=True)
class Order:
    """An order the unit has not reported on."""

    id: int
    number: str
    organization_id: int
    unit: str
    due_on: date
    problems: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem no order covers; `order_by` is the last day on which one is in time."""

    id: int
    number: str
    organization_id: int
    unit: str
    kind: str
    order_by: date


def rectification_overdue(order: Order, today: date) -> Found | None:
    """W13, red: the day is past and nothing is reported; the unit's new applications are not accepted (R13)."""
    late = (today - order.due_on).days
    if late <= 0:
        return None
    message = f"{order.unit} {order.number}（问题 {order.problems} 个）应于 {order.due_on} 前整改，已超期 {late} 天"
    figures: dict[str, int | str] = {"整改期限": str(order.due_on), "超期天数": late, "问题": order.problems}
    subject = Subject("rectification", str(order.id), order.number)
    return Found("W13", Level.RED, subject, order.organization_id, message, figures)


def order_late(problem: Problem, today: date) -> Found | None:
    """W13, yellow: a problem was found and its order has not been issued in time."""
    late = (today - problem.order_by).days
    if late <= 0:
        return None
    message = f"{problem.unit}问题 {problem.number}（{problem.kind}）应于 {problem.order_by} 前签发整改通知书，尚未签发"
    figures: dict[str, int | str] = {"应发日期": str(problem.order_by), "超期天数": late}
    subject = Subject("problem", str(problem.id), problem.number)
    return Found("W13", Level.YELLOW, subject, problem.organization_id, message, figures)
