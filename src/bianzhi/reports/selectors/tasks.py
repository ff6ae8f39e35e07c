"""我的待办: what the units of a user's scope must do soon, from the register itself."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count

from bianzhi.common.parameters import SLOT_WARNING_DAYS
from bianzhi.personnel.models import ApprovalSlot, SlotState
from bianzhi.personnel.selectors.working_days import exit_deadline, filing_days, working_calendar
from bianzhi.reports.rules.months import month_end
from bianzhi.reports.selectors.figures import Scope
from bianzhi.reports.selectors.retiring import retiring
from bianzhi.reports.selectors.units import Units

RETIRING_MONTHS = 1


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do; `days_left` is negative when it is overdue. `person_id` or `approval_id` says where."""

    kind: str
    title: str
    note: str
    due_on: date
    days_left: int
    organization_id: int
    person_id: int | None = None
    approval_id: int | None = None

    @property
    def is_late(self) -> bool:
        """Whether the day has passed."""
        return self.days_left < 0

    @property
    def when(self) -> str:
        """The clock in words."""
        return clock_words(self.days_left)


def clock_words(days_left: int) -> str:
    """How much time is left, in words; negative days are overdue."""
    if days_left == 0:
        return "今天到期"
    return f"剩 {days_left} 天" if days_left > 0 else f"超期 {-days_left} 天"


def tasks(scope: Scope, today: date, units: Units) -> list[Task]:
    """Exits overdue or due, retirements of this and the next month, approvals running out; the most pressing first."""
    found = [*_exits(scope, today, units), *_approvals(scope, today, units)]
    return sorted(found, key=lambda task: (task.days_left, task.kind, task.organization_id, task.person_id or 0))


def _exits(scope: Scope, today: date, units: Units) -> list[Task]:
    people = retiring(scope, today, months=RETIRING_MONTHS)
    if not people:
        return []
    calendar, days = working_calendar(min(each.off_on for each in people)), filing_days()
    found: list[Task] = []
    for each in people:
        unit_id, person = each.occupancy.organization_id, each.person
        if each.off_on <= today:
            due = exit_deadline(each.off_on - timedelta(days=1), calendar, days)
            kind, title = "出编", f"{person.name}已到龄，请办理出编"
        else:
            due = month_end(each.month)
            kind, title = "到龄退休", f"{person.name} {each.month} 到龄退休，请办理退休审批"
        found.append(Task(kind, title, units.name(unit_id), due, (due - today).days, unit_id, person_id=person.pk))
    return found


def _approvals(scope: Scope, today: date, units: Units) -> list[Task]:
    rows = ApprovalSlot.objects.filter(
        state__in=(SlotState.RESERVED, SlotState.DORMANT),
        approval__confirmed_on__isnull=False,
        approval__valid_until__lte=today + timedelta(days=SLOT_WARNING_DAYS.number),
    )
    if scope is not None:
        rows = rows.filter(organization_id__in=list(scope))
    grouped = rows.order_by().values_list(
        "approval_id", "approval__number", "approval__organization_id", "approval__valid_until"
    )
    return [
        Task(
            "核准单",
            f"还有 {count} 个名额未用，请办理入编或退回",
            f"{units.name(unit_id)} · {number}",
            valid_until,
            (valid_until - today).days,
            unit_id,
            approval_id=pk,
        )
        for pk, number, unit_id, valid_until, count in grouped.annotate(count=Count("pk"))
    ]
