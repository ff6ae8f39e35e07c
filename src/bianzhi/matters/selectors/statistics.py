"""Figures of cases for the report on matters (T16): received, decided, in time, late, average days; and by office."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet

from bianzhi.accounts.roles import ROLES
from bianzhi.common import working_days
from bianzhi.kernel.clock import CHINA
from bianzhi.matters.catalogue import MATTERS
from bianzhi.matters.models import Case
from bianzhi.matters.rules.punctuality import Course, average, days_taken, is_late
from bianzhi.workflow.models import CommandExecution, FlowTask, InstanceStatus, TaskStatus

BATCH: Final = 500
APPLYING: Final = "申请"
REFUSED: Final = (InstanceStatus.REJECTED, InstanceStatus.TERMINATED)
CLOSED: Final = (TaskStatus.DONE, TaskStatus.RETURNED)
"""How a step ends that its office has dealt with."""
UNIT_STEPS: Final = frozenset({"unit_clerk", "unit_head", "supervising_reviewer", ""})
"""Roles whose time is the unit's own, not the office's."""


@dataclass(frozen=True, slots=True)
class MatterFigures:
    """One matter in a period. `decided` = done and refused; `late` counts decided and running ones, not withdrawn."""

    matter: str
    title: str
    received: int
    decided: int
    refused: int
    withdrawn: int
    running: int
    in_time: int
    late: int
    average_days: Decimal | None


@dataclass(frozen=True, slots=True)
class OfficeFigures:
    """One office (role) in a period: steps decided or returned by it, how many within their limit, how many wait."""

    role: str
    title: str
    done: int
    in_time: int
    late: int
    waiting: int
    average_days: Decimal | None


def by_matter(
    user: Any, first: date, last: date, today: date, *, units: Collection[int] | None = None
) -> list[MatterFigures]:
    """The cases sent in from the first to the last day (both included) that the user may see, by matter.

    `units` narrows them to those units' own applications.

    A matter's time runs from the step in which the office first gets the case to the decision (the matter's effect, or
    the refusal), without the days on which the case lay with the applicant. Three queries for each 500 cases.
    """
    rows = list(received(user, first, last, units=units).order_by("matter", "pk"))
    courses = _courses(rows)
    between = working_days.load(today).working_days_between
    grouped: dict[str, list[Case]] = defaultdict(list)
    for case in rows:
        grouped[case.matter].append(case)
    found = []
    for code, cases in grouped.items():
        taken = {case.pk: days_taken(courses[case.pk], today, between) for case in cases if case.pk in courses}
        late = sum(is_late(courses[case.pk], today, between) for case in cases if case.pk in courses)
        decided = [case for case in cases if case.pk in courses and courses[case.pk].decided_on is not None]
        found.append(
            MatterFigures(
                matter=code,
                title=MATTERS[code].title if code in MATTERS else code,
                received=len(cases),
                decided=len(decided),
                refused=_count(cases, *REFUSED),
                withdrawn=_count(cases, InstanceStatus.WITHDRAWN),
                running=sum(case.instance is not None and case.instance.is_live for case in cases),
                in_time=sum(not is_late(courses[case.pk], today, between) for case in decided),
                late=late,
                average_days=average(taken[case.pk] for case in decided),
            )
        )
    return found


def by_office(
    user: Any, first: date, last: date, today: date, *, units: Collection[int] | None = None
) -> list[OfficeFigures]:
    """The steps of those cases by the role that was asked, with what it has decided and what waits for it."""
    instances = received(user, first, last, units=units).values("instance_id")
    tasks = FlowTask.objects.filter(
        instance_id__in=instances, pool_role__gt="", status__in=(*CLOSED, TaskStatus.TODO)
    ).exclude(kind="copy")
    between = working_days.load(today).working_days_between
    grouped: dict[str, list[tuple[date, date | None, date | None]]] = defaultdict(list)
    for role, created_at, done_at, due_on in tasks.values_list("pool_role", "created_at", "done_at", "due_on"):
        grouped[role].append((_day(created_at), _day(done_at) if done_at else None, due_on))
    return [_office(role, grouped[role], today, between) for role in ROLES if role in grouped]


def _office(role: str, steps: list[tuple[date, date | None, date | None]], today: date, between: Any) -> OfficeFigures:
    done = [(since, until) for since, until, _ in steps if until is not None]
    late = sum(due is not None and (until or today) > due for _, until, due in steps)
    late_done = sum(due is not None and until is not None and until > due for _, until, due in steps)
    return OfficeFigures(
        role=role,
        title=ROLES[role].label,
        done=len(done),
        in_time=len(done) - late_done,
        late=late,
        waiting=len(steps) - len(done),
        average_days=average(max(between(since, until), 0) for since, until in done),
    )


def received(user: Any, first: date, last: date, *, units: Collection[int] | None = None) -> QuerySet[Case]:
    """The cases sent in from the first to the last day that the user may see, of some units or of all."""
    begin = datetime.combine(first, time.min, tzinfo=CHINA)
    end = datetime.combine(last + timedelta(days=1), time.min, tzinfo=CHINA)
    rows = Case.objects.visible_to(user).filter(submitted_at__gte=begin, submitted_at__lt=end, instance__isnull=False)
    if units is not None:
        rows = rows.filter(organization_id__in=units)
    return rows.select_related("instance", "version")


def _count(cases: Iterable[Case], *statuses: InstanceStatus) -> int:
    return sum(case.instance is not None and case.instance.status in statuses for case in cases)


def _courses(cases: list[Case]) -> dict[int, Course]:
    """Case → its way through the office; none for a case that has not reached it, or was withdrawn undecided."""
    found: dict[int, Course] = {}
    for start in range(0, len(cases), BATCH):
        batch = cases[start : start + BATCH]
        ids = [case.instance_id for case in batch]
        tasks = _tasks(ids)
        effects = _effects(batch, ids)
        for case in batch:
            course = _course(case, tasks.get(case.instance_id or 0, []), effects.get(case.instance_id or 0))
            if course is not None:
                found[case.pk] = course
    return found


def _tasks(instance_ids: list[int | None]) -> Mapping[int, list[FlowTask]]:
    grouped: dict[int, list[FlowTask]] = defaultdict(list)
    rows = FlowTask.objects.filter(instance_id__in=instance_ids).exclude(kind="copy").order_by("pk")
    for task in rows.only("instance_id", "stage", "pool_role", "created_at", "done_at"):
        grouped[task.instance_id].append(task)
    return grouped


def _effects(cases: list[Case], instance_ids: list[int | None]) -> Mapping[int, datetime]:
    """When the first command that decides each case's matter was carried out."""
    names = {
        name
        for code in {case.matter for case in cases}
        if code in MATTERS
        for name, command in MATTERS[code].commands.items()
        if command.is_effect
    }
    rows = CommandExecution.objects.filter(
        instance_id__in=instance_ids, command__in=names, compensated_at__isnull=True
    ).order_by("-pk")
    return dict(rows.values_list("instance_id", "executed_at"))


def _course(case: Case, tasks: list[FlowTask], effect_at: datetime | None) -> Course | None:
    arrived = [task.created_at for task in tasks if task.pool_role not in UNIT_STEPS]
    if not arrived or case.instance is None:
        return None
    received = min(arrived)
    over = case.instance.ended_at if case.instance.status in REFUSED else None
    decided = effect_at or over
    if decided is None and case.instance.status == InstanceStatus.WITHDRAWN:
        return None
    back = [task for task in tasks if task.stage == APPLYING and task.created_at > received]
    away = tuple((_day(task.created_at), _day(task.done_at) if task.done_at else None) for task in back)
    return Course(_day(received), _day(decided) if decided else None, case.version.clock_days, away)


def _day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()
