"""Clocks that ask for something on a day."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from bianzhi.common import working_days
from bianzhi.kernel.calendar import WorkingCalendar
from bianzhi.workflow.models import DeadlineKind, DeadlineState, FlowDeadline, FlowTask, InstanceStatus, TaskKind
from bianzhi.workflow.selectors.standing import holds

LADDER: Final = (("red", 5), ("yellow", 3), ("overdue", 1))
"""Steps after the due day, and how many working days after it each is reached (workflow.md §8.5)."""


def due_timers(today: date) -> list[int]:
    """Timers whose last day has passed; those of a suspended case wait."""
    rows = FlowDeadline.objects.filter(
        state=DeadlineState.RUNNING, due_on__lt=today, instance__status=InstanceStatus.RUNNING
    )
    return list(rows.exclude(kind=DeadlineKind.LIMIT).order_by("pk").values_list("pk", flat=True))


def to_remind(today: date) -> list[int]:
    """Limits that have reached a step of the ladder nobody has been told of."""
    calendar = working_days.load(today)
    furthest = calendar.add_working_days(today, 10)
    rows = FlowDeadline.objects.filter(
        state=DeadlineState.RUNNING, kind=DeadlineKind.LIMIT, due_on__lte=furthest, task__status="todo"
    )
    return [clock.pk for clock in rows.order_by("pk") if is_news(clock, step_on(clock, today, calendar), today)]


def step_on(clock: FlowDeadline, today: date, calendar: WorkingCalendar) -> str:
    """The step of the ladder a limit stands on: "", "warn", "due", "overdue", "yellow" or "red"."""
    if today > clock.due_on:
        late = calendar.working_days_between(clock.due_on, today)
        return next((step for step, days in LADDER if late >= days), "due")
    if today == clock.due_on:
        return "due"
    return "warn" if calendar.working_days_between(today, clock.due_on) <= clock.warn_days else ""


def is_news(clock: FlowDeadline, step: str, today: date) -> bool:
    """Whether a step has not been told of; from the first day over, once every day."""
    if not step:
        return False
    last_step, _, last_day = clock.reminded.partition(" ")
    if step == last_step:
        return step in ("overdue", "yellow", "red") and last_day != today.isoformat()
    return True


def orphaned_tasks(today: date) -> Iterator[int]:
    """Tasks taken out of a pool by somebody who no longer holds its role."""
    rows = FlowTask.objects.filter(status="todo", assignee__isnull=False).exclude(pool_role="")
    for task in rows.exclude(kind=TaskKind.COPY).select_related("assignee").order_by("pk"):
        holder = task.assignee
        if holder and not (holder.is_active and holds(holder, task.pool_role, task.pool_unit_id, today)):
            yield task.pk


def stale_clocks(today: date) -> list[int]:
    """Provisional clocks whose year has been announced (or guessed anew) since: their due day differs now."""
    rows = list(FlowDeadline.objects.filter(state=DeadlineState.RUNNING, provisional=True).order_by("pk"))
    if not rows:
        return []
    calendar = working_days.load(min(clock.started_on for clock in rows))
    return [clock.pk for clock in rows if due_by(clock, calendar) != (clock.due_on, clock.provisional)]


def due_by(clock: FlowDeadline, calendar: WorkingCalendar) -> tuple[date, bool]:
    """When a clock runs out by a calendar, days it stood still not counted; and whether a guessed day is among them."""
    still = sum(calendar.working_days_between(begun, ended) for begun, ended in _stood_still(clock))
    due_on = calendar.add_working_days(clock.started_on, clock.days + still)
    provisional = any(calendar.is_provisional(day) for day in calendar.exceptions if clock.started_on < day <= due_on)
    return due_on, provisional


def _stood_still(clock: FlowDeadline) -> list[tuple[date, date]]:
    """The spans a clock stood still, those of several reasons at once joined, so that no day is left out twice."""
    joined: list[tuple[date, date]] = []
    for begun, ended in sorted((each[0], each[1]) for each in clock.suspensions if each[1]):
        first, last = date.fromisoformat(begun), date.fromisoformat(ended)
        if joined and first <= joined[-1][1]:
            before = joined.pop()
            first, last = before[0], max(last, before[1])
        joined.append((first, last))
    return joined
